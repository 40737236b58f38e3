/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "error.h"

static void test_filled(void)
{
	struct error err = {.hint = "an old one"};

	(void)stage_enter(STAGE_MOUNT, &err);
	errno = 77;
	CHECK_NUMBER(error_set(&err, "mount", EPERM, "/proc", "cannot mount %s number %d", "proc", 5), -1, "returns -1");
	CHECK_NUMBER(errno, 77, "leaves errno alone");
	CHECK_NUMBER(err.stage, STAGE_MOUNT, "stamps the current stage");
	CHECK_NUMBER(err.errnum, EPERM, "keeps the errno given");
	CHECK_TEXT(err.syscall, "mount", "keeps the call");
	CHECK_TEXT(err.subject, "/proc", "keeps the subject");
	CHECK_TEXT(err.message, "cannot mount proc number 5", "formats the message");
	CHECK_TEXT(err.hint, "", "forgets the hint of an earlier error");
	error_hint(&err, "try %d", 2);
	CHECK_TEXT(err.hint, "try 2", "a hint can be added");
	CHECK_TEXT(err.message, "cannot mount proc number 5", "and nothing else changes");
}

static void test_too_long(void)
{
	struct error err;
	static char long_text[3 * LIMIT_PATH];

	memset(long_text, 'x', sizeof(long_text) - 1);
	memset(&err, 'y', sizeof(err)); /* no NUL anywhere */
	(void)error_set(&err, long_text, 1, long_text, "%s", long_text);
	CHECK_NUMBER(strnlen(err.syscall, sizeof(err.syscall)), sizeof(err.syscall) - 1, "a long call is cut");
	CHECK_NUMBER(strnlen(err.subject, sizeof(err.subject)), sizeof(err.subject) - 1, "a long subject is cut");
	CHECK_NUMBER(strnlen(err.message, sizeof(err.message)), sizeof(err.message) - 1, "a long message is cut");
	error_hint(&err, "%s", long_text);
	CHECK_NUMBER(strnlen(err.hint, sizeof(err.hint)), sizeof(err.hint) - 1, "a long hint is cut");
	/* The longest path that the plan allows is not cut. */
	long_text[LIMIT_PATH - 1] = '\0';
	(void)error_set(&err, "", 0, long_text, "short");
	CHECK_TEXT(err.subject, long_text, "the longest path fits");
}

int main(void)
{
	test_filled();
	test_too_long();
	return tap_done();
}
