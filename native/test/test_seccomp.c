/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "error.h"
#include "plan.h"
#include "seccomp.h"

/* One instruction, "return SECCOMP_RET_ALLOW", on little-endian machines. */
static const char allow[] = "BgAAAAAA/38=";

static void test_decode(void)
{
	static const char *const bad[] = {
		"",		/* no instruction */
		"BgAAAAAA/w==", /* 7 bytes */
		"BgAAAAAA/38",	/* padding is missing */
		"BgAAAAAA/39=", /* bits that are not part of a byte */
		"BgAAAAAA_38=", /* base64url */
		"BgAA AAAA/3=", "BgAAAAAA/38=BgAAAAAA/38=", "====", "B===", "BgAAAAAA/38==",
	};
	struct sock_filter *code = NULL;
	size_t count = 0;

	CHECK_NUMBER(seccomp_decode(allow, &code, &count), 0, "an instruction is decoded");
	CHECK(count == 1 && code[0].code == (BPF_RET | BPF_K) && code[0].jt == 0 && code[0].jf == 0 &&
		      code[0].k == SECCOMP_RET_ALLOW, "as it was");
	free(code);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_NUMBER(seccomp_decode(bad[i], &code, &count), -1, bad[i]);
}

/* Three instructions fill nine groups of base64 without padding: any number of them is a valid text. */
static void test_longest(void)
{
	static const char three[] = "BgAAAAAA/38GAAAAAAD/fwYAAAAAAP9/";
	size_t most = LIMIT_FILTER / 3 + 1;
	char *text = malloc(most * (sizeof(three) - 1) + sizeof(allow));
	char *end = text;
	struct sock_filter *code = NULL;
	size_t count = 0;

	if (text == NULL)
		tap_bail("out of memory");
	for (size_t i = 0; i < LIMIT_FILTER / 3; i++)
		end += sprintf(end, "%s", three);
	(void)sprintf(end, "%s", allow);
	CHECK_NUMBER(seccomp_decode(text, &code, &count), 0, "the longest program");
	CHECK_NUMBER(count, LIMIT_FILTER, "has that many instructions");
	free(code);
	(void)sprintf(end, "%s", three);
	CHECK_NUMBER(seccomp_decode(text, &code, &count), -1, "one that is longer");
	free(text);
}

/* getppid says EPERM + what the plan says about logging. */
static struct sock_filter refuse_getppid[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int installed(void *argument)
{
	struct plan plan = {.process = {.filter = refuse_getppid, .filter_count = 4, .filter_log = *(bool *)argument}};
	struct error err;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	if (syscall(SYS_getppid) < 0)
		return 2;
	if (seccomp_install(&plan, &err) < 0)
		return 3;
	return syscall(SYS_getppid) < 0 && errno == EPERM && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? 0 : 4;
}

/* A jump past the end: the kernel refuses it, and so do we. */
static int malformed(void *argument)
{
	struct sock_filter code[] = {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 7)};
	struct plan plan = {.process = {.filter = code, .filter_count = 1}};
	struct error err;

	(void)argument;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(&plan, &err) == 0)
		return 1;
	return err.errnum == EINVAL && strcmp(err.syscall, "seccomp") == 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0 ? 0 : 2;
}

/* Without no_new_privs a process without capabilities must not be able to. */
static int unprivileged(void *argument)
{
	struct plan plan = {.process = {.filter = refuse_getppid, .filter_count = 4}};
	struct error err;

	(void)argument;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0)
		return 77;
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		return 1;
	return seccomp_install(&plan, &err) < 0 && err.errnum == EACCES ? 0 : 2;
}

int main(void)
{
	bool log = false;
	int result;

	test_decode();
	test_longest();
	CHECK_NUMBER(tap_child(installed, &log), 0, "a filter is installed, and bites");
	log = true;
	CHECK_NUMBER(tap_child(installed, &log), 0, "also one that logs");
	CHECK_NUMBER(tap_child(malformed, NULL), 0, "what the kernel does not take is an error");
	result = tap_child(unprivileged, NULL);
	if (result == 77)
		tap_skip("no filter without no_new_privs", "this process has no_new_privs");
	else
		CHECK_NUMBER(result, 0, "no filter without no_new_privs or a capability");
	return tap_done();
}
