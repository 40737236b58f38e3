/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "fd.h"
#include "sync.h"

static void open_ends(int ends[2])
{
	struct error err;

	if (sync_open(ends, &err) < 0)
		tap_bail("%s", err.message);
}

static void close_ends(int ends[2])
{
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

static void test_open(void)
{
	int ends[2];

	open_ends(ends);
	CHECK((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(ends[1], F_GETFD) & FD_CLOEXEC) != 0,
	      "both ends are close-on-exec");
	close_ends(ends);
}

static bool same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino &&
	       first.st_dev == second.st_dev;
}

static void test_descriptor(void)
{
	int ends[2];
	int pipe_ends[2];
	int passed = -1;
	struct sync_message message;
	struct error err;

	open_ends(ends);
	if (pipe2(pipe_ends, 0) < 0)
		tap_bail("pipe2: %s", strerror(errno));
	CHECK_NUMBER(sync_send(ends[0], SYNC_BUILT, pipe_ends[0], &err), 0, "a descriptor is sent along");
	CHECK_NUMBER(sync_expect(ends[1], SYNC_BUILT, "init", &message, &passed, &err), 0, "and received");
	CHECK(passed >= 0 && passed != pipe_ends[0] && same_file(passed, pipe_ends[0]), "it is the same file");
	CHECK((fcntl(passed, F_GETFD) & FD_CLOEXEC) != 0, "and close-on-exec, which the sent one was not");
	fd_close(&passed);
	passed = 77;
	(void)sync_send(ends[0], SYNC_READY, -1, &err);
	CHECK(sync_expect(ends[1], SYNC_READY, "job", &message, &passed, &err) == 0 && passed == -1,
	      "without a descriptor the result is -1");
	close_ends(pipe_ends);
	close_ends(ends);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_no_leak(void)
{
	int ends[2];
	int passed = -1;
	struct sync_message message;
	struct error err;
	int before;

	open_ends(ends);
	before = count_descriptors();
	(void)sync_send(ends[0], SYNC_BUILT, STDOUT_FILENO, &err);
	CHECK(sync_expect(ends[1], SYNC_BUILT, "init", &message, NULL, &err) == 0 && count_descriptors() == before,
	      "a descriptor that nobody asked for is closed");
	(void)sync_send(ends[0], SYNC_BUILT, STDOUT_FILENO, &err);
	(void)sync_expect(ends[1], SYNC_READY, "init", &message, &passed, &err);
	fd_close(&passed);
	CHECK_NUMBER(count_descriptors(), before, "one that came with the wrong message can be closed by the caller");
	close_ends(ends);
}

static void test_end_of_file(void)
{
	int ends[2];
	int passed = 77;
	struct sync_message message;
	struct error err;

	open_ends(ends);
	fd_close(&ends[0]);
	CHECK_NUMBER(sync_receive(ends[1], &message, &passed, &err), 0, "the end is told from a message");
	CHECK(sync_expect(ends[1], SYNC_PROCEED, "supervisor", &message, NULL, &err) < 0 && err.errnum == EPIPE,
	      "the end is never taken for the message that was due");
	CHECK(strstr(err.message, "supervisor") != NULL && strstr(err.message, "proceed") != NULL,
	      "the error names who ended and what was due");
	CHECK(sync_send(ends[1], SYNC_READY, -1, &err) < 0 && err.errnum == EPIPE, "sending to nobody is an error, no SIGPIPE");
	close_ends(ends);
	open_ends(ends);
	(void)sync_send(ends[1], SYNC_READY, -1, &err);
	fd_close(&ends[0]); /* with a message unread: ECONNRESET */
	CHECK_NUMBER(sync_receive(ends[1], &message, NULL, &err), 0, "a reset is the end");
	close_ends(ends);
	open_ends(ends);
	(void)sync_send(ends[0], SYNC_READY, -1, &err);
	fd_close(&ends[0]);
	CHECK(sync_expect(ends[1], SYNC_READY, "job", &message, NULL, &err) == 0, "a last word before the end is heard");
	close_ends(ends);
	open_ends(ends);
	(void)sync_send(ends[1], SYNC_DOOR, -1, &err);
	(void)sync_send(ends[0], SYNC_READY, -1, &err);
	fd_close(&ends[0]);
	CHECK(sync_expect(ends[1], SYNC_READY, "job", &message, NULL, &err) == 0, "also of somebody who did not read what we said");
	close_ends(ends);
}

static void test_error_unchanged(void)
{
	int ends[2];
	struct sync_message message;
	struct error sent, err;

	open_ends(ends);
	memset(&sent, 'x', sizeof(sent));
	sent.stage = STAGE_MOUNT;
	sent.errnum = ENOSPC;
	sent.syscall[sizeof(sent.syscall) - 1] = '\0';
	sent.subject[sizeof(sent.subject) - 1] = '\0';
	sent.message[sizeof(sent.message) - 1] = '\0';
	sent.hint[sizeof(sent.hint) - 1] = '\0';
	sync_send_error(ends[0], &sent);
	CHECK(sync_expect(ends[1], SYNC_BUILT, "init", &message, NULL, &err) < 0, "an error fails the expectation");
	CHECK(err.stage == sent.stage && err.errnum == sent.errnum && strcmp(err.syscall, sent.syscall) == 0 &&
		      strcmp(err.subject, sent.subject) == 0 && strcmp(err.message, sent.message) == 0 &&
		      strcmp(err.hint, sent.hint) == 0, "and arrives unchanged, however long");
	close_ends(ends);
}

static void test_unexpected(void)
{
	int ends[2];
	struct sync_message message = {.type = 0};
	struct error err;
	bool refused = true;

	open_ends(ends);
	(void)sync_send(ends[0], SYNC_READY, -1, &err);
	CHECK(sync_expect(ends[1], SYNC_BUILT, "init", &message, NULL, &err) < 0 && err.errnum == EPROTO &&
		      strstr(err.message, "ready") != NULL && strstr(err.message, "built") != NULL &&
		      strstr(err.message, "init") != NULL, "an unexpected message names both and the sender");
	for (size_t size = 1; size < sizeof(message); size += 37) {
		memset(&message, 0, sizeof(message));
		message.type = SYNC_READY;
		if (size == offsetof(struct sync_message, error))
			continue;
		(void)send(ends[0], &message, size, 0);
		refused = refused && sync_receive(ends[1], &message, NULL, &err) < 0 && err.errnum == EPROTO;
	}
	CHECK(refused, "messages of another size are refused");
	message.type = SYNC_ERROR;
	(void)send(ends[0], &message, offsetof(struct sync_message, error), 0);
	CHECK(sync_receive(ends[1], &message, NULL, &err) < 0, "an error without its text is refused");
	message.type = (enum sync_type)4711;
	(void)send(ends[0], &message, offsetof(struct sync_message, error), 0);
	CHECK(sync_expect(ends[1], SYNC_BUILT, "init", &message, NULL, &err) < 0 && strstr(err.message, "garbage") != NULL,
	      "a type that is none is called garbage");
	close_ends(ends);
}

static void test_exit_and_times(void)
{
	static const struct exit_record record = {.code = CLD_DUMPED, .status = 11};
	int ends[2];
	struct sync_message message;
	struct error err;

	open_ends(ends);
	(void)sync_send_exit(ends[0], &record, &err);
	CHECK(sync_expect(ends[1], SYNC_EXITED, "init", &message, NULL, &err) == 0 && message.exited.code == CLD_DUMPED &&
		      message.exited.status == 11, "an exit record arrives");
	stage_restart();
	(void)stage_enter(STAGE_LOOPBACK, &err);
	(void)usleep(2000);
	(void)sync_send(ends[0], SYNC_BUILT, -1, &err);
	CHECK(sync_expect(ends[1], SYNC_BUILT, "init", &message, NULL, &err) == 0 &&
		      message.stage_nanos[STAGE_LOOPBACK] >= 2000000 && message.stage_nanos[STAGE_MOUNT] == 0,
	      "so do the sender's stage times");
	close_ends(ends);
}

int main(void)
{
	test_open();
	test_descriptor();
	test_no_leak();
	test_end_of_file();
	test_error_unchanged();
	test_unexpected();
	test_exit_and_times();
	return tap_done();
}
