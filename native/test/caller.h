/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Java does with a resident launcher, in C: for its tests, and to measure the helper without Java.
 */
#ifndef NSJOB_TEST_CALLER_H
#define NSJOB_TEST_CALLER_H

#include "tap.h"

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "error.h"
#include "fd.h"
#include "resident.h"
#include "wire.h"

#define CALLER_SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CALLER_MILLIS 20000

struct caller {
	pid_t pid;    /* of the launcher */
	int lifeline; /* the writing end of its standard input */
	int control;
	int listener;
	char directory[64], path[80];
};

/* A socket in a directory of its own, for the launcher to connect to. */
static inline void caller_listen(struct caller *caller)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*caller = (struct caller){.pid = -1, .lifeline = -1, .control = -1};
	(void)snprintf(caller->directory, sizeof(caller->directory), "/tmp/nsjob-test.XXXXXX");
	if (mkdtemp(caller->directory) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	(void)snprintf(caller->path, sizeof(caller->path), "%s/s", caller->directory);
	memcpy(address.sun_path, caller->path, strlen(caller->path) + 1);
	caller->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (caller->listener < 0 || bind(caller->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(caller->listener, 1) < 0)
		tap_bail("cannot listen at %s: %s", caller->path, strerror(errno));
}

/* Forks the launcher, with `secret` and what follows it on standard input; body is its main(). */
static inline void caller_spawn(struct caller *caller, const char *secret, int (*body)(const char *path))
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		tap_bail("pipe2: %s", strerror(errno));
	if (write(ends[1], secret, strlen(secret)) != (ssize_t)strlen(secret))
		tap_bail("write: %s", strerror(errno));
	caller->pid = fork();
	if (caller->pid == 0) {
		int none[] = {-1};

		(void)dup2(ends[0], 0);
		if (fd_close_all_but(none, 1, &(struct error){0}) < 0)
			_exit(99);
		exit(body(caller->path));
	}
	fd_close(&ends[0]);
	caller->lifeline = ends[1];
}

/* True when it came; its greeting is in `hello`. */
static inline bool caller_accept(struct caller *caller, char *hello, size_t size)
{
	struct pollfd coming = {.fd = caller->listener, .events = POLLIN};
	ssize_t got;

	if (caller->listener >= 0 && poll(&coming, 1, CALLER_MILLIS) == 1)
		caller->control = accept4(caller->listener, NULL, NULL, SOCK_CLOEXEC);
	fd_close(&caller->listener);
	(void)unlink(caller->path);
	(void)rmdir(caller->directory);
	if (caller->control < 0)
		return false;
	got = recv(caller->control, hello, size - 1, 0);
	hello[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Any message, with any descriptors. */
static inline void caller_order(const struct caller *caller, const void *message, size_t size, const int fds[], size_t count)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(16 * sizeof(int))];
	} rights = {0};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (count > 0) {
		struct cmsghdr *first;

		header.msg_control = &rights;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		first = CMSG_FIRSTHDR(&header);
		first->cmsg_level = SOL_SOCKET;
		first->cmsg_type = SCM_RIGHTS;
		first->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(first), fds, count * sizeof(int));
	}
	while (sendmsg(caller->control, &header, MSG_NOSIGNAL) < 0) {
		/* As many descriptors are on their way as this user may have. */
		if (errno != ETOOMANYREFS)
			tap_bail("sendmsg: %s", strerror(errno));
		(void)poll(NULL, 0, 1);
	}
}

/* A job with these streams: our end of its connection. */
static inline int caller_start(const struct caller *caller, uint64_t seq, const int streams[3])
{
	struct resident_order order = {.type = RESIDENT_START, .seq = seq};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		tap_bail("socketpair: %s", strerror(errno));
	caller_order(caller, &order, sizeof(order), (const int[]){ends[1], streams[0], streams[1], streams[2]}, RESIDENT_FDS);
	fd_close(&ends[1]);
	return ends[0];
}

static inline void caller_kill(const struct caller *caller, uint64_t seq)
{
	struct resident_order order = {.type = RESIDENT_KILL, .seq = seq};

	caller_order(caller, &order, sizeof(order), NULL, 0);
}

static inline void caller_send(int connection, enum frame_type type, const void *body, size_t size)
{
	struct error err;

	if (wire_send_bytes(connection, type, body, size, &err) < 0)
		tap_bail("cannot send a frame: %s", err.message);
}

/* The next frame's type, 0 at the end of the connection, -1 when nothing came; *ret_body (may be NULL) is json_decref()ed by the caller. */
static inline int caller_hear(int connection, json_t **ret_body)
{
	struct pollfd coming = {.fd = connection, .events = POLLIN};
	unsigned char header[WIRE_HEADER];
	_cleanup_free_ char *body = NULL;
	size_t size;

	if (poll(&coming, 1, CALLER_MILLIS) != 1)
		return -1;
	if (fd_read_full(connection, header, sizeof(header)) < 0)
		return 0;
	size = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
	body = malloc(size + 1);
	if (body == NULL || fd_read_full(connection, body, size) < 0)
		return 0;
	if (ret_body != NULL)
		*ret_body = json_loadb(body, size, 0, NULL);
	return header[4];
}

/* The next `ended`, or one with type 0 when none comes. */
static inline struct resident_ended caller_ended(const struct caller *caller)
{
	struct pollfd coming = {.fd = caller->control, .events = POLLIN};
	struct resident_ended ended = {0};

	if (poll(&coming, 1, CALLER_MILLIS) != 1 || recv(caller->control, &ended, sizeof(ended), MSG_TRUNC) != sizeof(ended))
		return (struct resident_ended){0};
	return ended;
}

/* Its exit status, once the control connection or the lifeline is closed. */
static inline int caller_leave(struct caller *caller)
{
	fd_close(&caller->lifeline);
	fd_close(&caller->control);
	return tap_wait(caller->pid);
}

#endif
