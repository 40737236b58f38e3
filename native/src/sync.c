/* SPDX-License-Identifier: Apache-2.0 */
#include "sync.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fd.h"

static const char *type_name(enum sync_type type)
{
	static const char *const names[] = {"nothing", "joined", "proceed", "door", "built", "job-built",
					    "exec",    "ready",	 "run",	    "exited", "fork",
					    "forked",  "error"};

	return type >= SYNC_JOINED && type <= SYNC_ERROR ? names[type] : "garbage";
}

int sync_open(int ret_fds[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return error_set(err, "socketpair", errno, "", "cannot connect the processes of the job");
	return 0;
}

static int send_message(int fd, const struct sync_message *message, int passed_fd)
{
	/* The error is ten times the rest: not sent where there is none. */
	struct iovec parts[] = {{.iov_base = (void *)(uintptr_t)message, .iov_len = offsetof(struct sync_message, error)},
				{.iov_base = (void *)(uintptr_t)message->error, .iov_len = sizeof(struct error)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = message->type == SYNC_ERROR ? 2 : 1};
	ssize_t sent;

	if (passed_fd >= 0) {
		struct cmsghdr *rights;

		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &passed_fd, sizeof(int));
	}
	do {
		sent = sendmsg(fd, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int sync_send(int fd, enum sync_type type, int passed_fd, struct error *err)
{
	struct sync_message message = {.type = type};

	stage_times(message.stage_nanos);
	if (send_message(fd, &message, passed_fd) < 0)
		return error_set(err, "sendmsg", errno, type_name(type), "the other process of the job is gone");
	return 0;
}

int sync_send_built(int fd, const struct job_facts *facts, int passed_fd, struct error *err)
{
	struct sync_message message = {.type = SYNC_JOB_BUILT, .facts = *facts};

	stage_times(message.stage_nanos);
	if (send_message(fd, &message, passed_fd) < 0)
		return error_set(err, "sendmsg", errno, "job-built", "the supervisor is gone");
	return 0;
}

int sync_send_exit(int fd, const struct exit_record *record, struct error *err)
{
	struct sync_message message = {.type = SYNC_EXITED, .exited = *record};

	if (send_message(fd, &message, -1) < 0)
		return error_set(err, "sendmsg", errno, "exited", "the supervisor is gone");
	return 0;
}

void sync_send_error(int fd, const struct error *error)
{
	struct sync_message message = {.type = SYNC_ERROR, .error = error};

	stage_times(message.stage_nanos);
	(void)send_message(fd, &message, -1);
}

/* The descriptor that came along, or -1. We never send more than one, so none can be lost. */
static int take_passed_fd(struct msghdr *header)
{
	struct cmsghdr *rights = CMSG_FIRSTHDR(header);
	int fd = -1;

	if (rights != NULL && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
	    rights->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(rights), sizeof(int));
	return fd;
}

int sync_receive(int fd, struct sync_message *ret_message, int *ret_fd, struct error *err)
{
	static struct error told;
	struct iovec parts[] = {{.iov_base = ret_message, .iov_len = offsetof(struct sync_message, error)},
				{.iov_base = &told, .iov_len = sizeof(told)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr header = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
	_cleanup_close_ int passed = -1;
	size_t due = offsetof(struct sync_message, error);
	int reset = 0;
	ssize_t got;

	/* ECONNRESET, once: it ended with something of ours unread. What it said itself comes behind. */
	do {
		got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && (errno == EINTR || (errno == ECONNRESET && !reset++)));
	if (got < 0 && errno != ECONNRESET)
		return error_set(err, "recvmsg", errno, "", "cannot hear from the other process of the job");
	if (got <= 0)
		return 0;
	passed = take_passed_fd(&header);
	if ((size_t)got >= sizeof(ret_message->type) && ret_message->type == SYNC_ERROR)
		due += sizeof(told);
	ret_message->error = &told;
	if ((size_t)got != due)
		return error_set(err, "", EPROTO, "", "message of %zd bytes where %zu are due", got, due);
	if (ret_fd != NULL)
		*ret_fd = fd_take(&passed);
	return 1;
}

int sync_expect(int fd, enum sync_type type, const char *who, struct sync_message *ret_message, int *ret_fd,
		struct error *err)
{
	int received;

	stage_pause();
	received = sync_receive(fd, ret_message, ret_fd, err);
	if (received < 0)
		return -1;
	if (received == 0)
		return error_set(err, "", EPIPE, who, "%s ended before it said \"%s\"", who, type_name(type));
	if (ret_message->type == SYNC_ERROR) {
		*err = *ret_message->error;
		return -1;
	}
	if (ret_message->type != type)
		return error_set(err, "", EPROTO, who, "%s said \"%s\" where \"%s\" was due", who,
				 type_name(ret_message->type), type_name(type));
	return 0;
}
