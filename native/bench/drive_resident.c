/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resident launcher, told by C what Java tells it; PROTOCOL.md. One is started for each way, and ends with its lifeline.
 */
#include "drive.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define START 1u
#define HELLO_MILLIS 3000

struct start_message {
	uint32_t type, reserved;
	uint64_t sequence;
};

/* The job's end of its connection and its three streams, in one message. */
static int ask_for_job(struct drive *drive, int job_end)
{
	struct start_message message = {.type = START, .sequence = ++drive->sequence};
	struct iovec part = {.iov_base = &message, .iov_len = sizeof(message)};
	int fds[4] = {job_end, 0, 1, 2};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = {.bytes = {0}};
	struct msghdr whole = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&whole);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	return sendmsg(drive->control, &whole, MSG_NOSIGNAL) == (ssize_t)sizeof(message) ? 0 : -1;
}

static int run_resident(struct way *way)
{
	struct drive *drive = way->state;
	int ends[2];
	int result;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return bench_refuse(way, "no socket pair");
	drive->connection = ends[0];
	result = ask_for_job(drive, ends[1]);
	(void)close(ends[1]);
	result = result < 0 ? bench_refuse(way, "the resident is gone") : drive_job(way, drive);
	(void)close(ends[0]);
	return result;
}

static bool start_helper(struct way *way, struct drive *drive)
{
	static const char secret[] = "0000000000000000000000000000000000000000000000000000000000000000\n";
	static char option[] = "--resident";
	char *const argv[] = {way->arguments[2], option, NULL};
	char *const environment[] = {drive->socket, NULL};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		if (dup2(ends[0], 0) == 0)
			(void)execve(argv[0], argv, environment);
		_exit(127);
	}
	(void)close(ends[0]);
	drive->lifeline = ends[1];
	return pid > 0 && write(ends[1], secret, sizeof(secret) - 1) == (ssize_t)sizeof(secret) - 1;
}

bool drive_open_resident(struct way *way, struct drive *drive)
{
	int listener = drive_listen(drive, way->arguments[3], SOCK_SEQPACKET);
	struct pollfd knock = {.fd = listener, .events = POLLIN};

	way->refused = "cannot start the resident";
	if (listener < 0 || !start_helper(way, drive))
		return false;
	way->refused = "this helper is no resident";
	/* One without the option ends at once, and nobody comes. */
	if (poll(&knock, 1, HELLO_MILLIS) <= 0)
		return false;
	drive->control = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	(void)unlink(strchr(drive->socket, '/'));
	(void)close(listener);
	way->refused = "no hello";
	if (recv(drive->control, drive->frame, sizeof(drive->frame), 0) <= 0)
		return false;
	way->run = run_resident;
	return true;
}
