/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after the filter here and in runner.c is a list that Java runs each filter over (LaunchCalls.allowCommands): clone, close,
 * close_range, dup2, execve, exit_group, chdir, getcwd, getpid, getppid, ppoll, prctl, prlimit64, recvfrom, recvmsg, rt_sigaction,
 * rt_sigprocmask, rt_sigreturn, sendmsg, setsid, wait4, waitid.
 */
#include "runner_attempt.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fault.h"
#include "fd.h"

/* Of a child that calls a dozen functions until it executes. */
#define STACK_BYTES (64 * 1024)

static char strings[LIMIT_COMMAND_BYTES + 1];
static char *pointers[3 * (LIMIT_STRINGS + 1)];
static char stack[STACK_BYTES] __attribute__((aligned(16)));

int attempt_fail(struct error *error, enum stage stage, const char *syscall, const char *subject, const char *message)
{
	(void)error_set(error, syscall, errno, subject, "%s", message);
	error->stage = stage;
	return -1;
}

/* The stage is the child's, and not that of the runner, whose memory this is. */
static int enter(enum stage stage, struct error *error)
{
	if (fault_point(stage, error) == 0)
		return 0;
	error->stage = stage;
	return -1;
}

static int enter_directory(const char *path, struct error *error)
{
	static char found[LIMIT_PATH];

	if (path == NULL)
		return 0;
	if (enter(STAGE_CWD, error) < 0)
		return -1;
	if (chdir(path) < 0)
		return attempt_fail(error, STAGE_CWD, "chdir", path, "the command cannot enter its working directory");
	if (getcwd(found, sizeof(found)) == NULL || found[0] != '/')
		return attempt_fail(error, STAGE_CWD, "getcwd", path, "the working directory has no path here");
	return 0;
}

/* As job.c does: along the search path, with the most telling refusal of all. */
static int execute(const struct attempt *attempt, struct error *error)
{
	static char path[LIMIT_PATH];
	const char *name = attempt->arguments[0];
	int failure = ENOENT;

	if (strchr(name, '/') != NULL) {
		(void)execve(name, attempt->arguments, attempt->variables);
		return attempt_fail(error, STAGE_EXEC, "execve", name, "cannot execute the program");
	}
	for (size_t i = 0; attempt->search[i] != NULL; i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", attempt->search[i], name);

		if (length < 0 || (size_t)length >= sizeof(path))
			continue;
		(void)execve(path, attempt->arguments, attempt->variables);
		if (errno == EACCES)
			failure = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG)
			return attempt_fail(error, STAGE_EXEC, "execve", path, "cannot execute the program");
	}
	errno = failure;
	return attempt_fail(error, STAGE_EXEC, "execve", name, "cannot execute the program");
}

static int prepare(const struct attempt *attempt, struct error *error)
{
	sigset_t none;

	/* Whoever kills the runner kills its command. exec keeps it, a program may clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return attempt_fail(error, STAGE_FORK, "prctl", "pdeathsig", "cannot tie the command to its runner");
	/* Killed before that? Then nobody would know of this process any more. */
	if (getppid() != attempt->runner)
		_exit(127);
	if (enter(STAGE_SESSION, error) < 0)
		return -1;
	if (setsid() < 0)
		return attempt_fail(error, STAGE_SESSION, "setsid", "", "cannot start a session");
	/* All above 2, and close-on-exec: so is everything else here. */
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(attempt->streams[fd], fd) < 0)
			return attempt_fail(error, STAGE_STDIO, "dup2", "", "cannot give the command its standard streams");
	}
	for (uint32_t i = 0; i < attempt->order.limit_count; i++) {
		const struct plan_rlimit *limit = &attempt->order.limits[i];
		struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
		struct rlimit kept;

		if (prlimit(0, (enum __rlimit_resource)limit->resource, &value, &kept) < 0 ||
		    prlimit(0, (enum __rlimit_resource)limit->resource, NULL, &kept) < 0)
			return attempt_fail(error, STAGE_LIMITS, "prlimit", "", "cannot set a resource limit");
		if (kept.rlim_cur != value.rlim_cur || kept.rlim_max != value.rlim_max)
			return attempt_fail(error, STAGE_LIMITS, "prlimit", "", "the kernel did not set a resource limit as asked for");
	}
	if (enter_directory(attempt->cwd, error) < 0)
		return -1;
	if (enter(STAGE_EXEC, error) < 0)
		return -1;
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return attempt_fail(error, STAGE_EXEC, "sigprocmask", "", "cannot unblock signals");
	return 0;
}

/*
 * The kernel writes our pid, as the supervisor knows it, beside the message, unix(7): nobody has to look for it in /proc, nor to
 * keep a process that has ended for that. It is read when the runner has something to say, and wakes nobody up before.
 */
static bool whisper(int socket)
{
	int32_t inside = getpid();
	struct iovec part = {.iov_base = &inside, .iov_len = sizeof(inside)};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	return sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(inside);
}

/* In our memory, on a stack of its own, while we stand still: nothing is copied that exec would throw away. */
static int child_main(void *data)
{
	struct attempt *attempt = data;

	if (prepare(attempt, &attempt->error) == 0) {
		attempt->ready = true;
		attempt->whispered = whisper(attempt->whisper);
		(void)execute(attempt, &attempt->error);
	}
	attempt->failed = true;
	_exit(127);
}

/* Nobody but the supervisor has the other end; what it says is checked all the same, as a mistake would be executed. */
static bool point_to_strings(struct attempt *attempt, size_t size)
{
	const struct runner_order *order = &attempt->order;
	const uint32_t counts[] = {order->argument_count, order->search_count, order->variable_count};
	char ***targets[] = {&attempt->arguments, &attempt->search, &attempt->variables};
	char *end = strings + size;
	char *next = strings;
	char **pointer = pointers;

	if (order->size != size || order->limit_count > LIMIT_RESOURCES || counts[0] == 0)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (counts[i] > LIMIT_STRINGS)
			return false;
		*targets[i] = pointer;
		for (uint32_t j = 0; j < counts[i]; j++) {
			size_t left = (size_t)(end - next);
			size_t length = strnlen(next, left);

			if (length == left)
				return false;
			*pointer++ = next;
			next += length + 1;
		}
		*pointer++ = NULL;
	}
	attempt->cwd = order->has_cwd != 0 ? next : NULL;
	if (order->has_cwd != 0)
		next += strnlen(next, (size_t)(end - next)) + 1;
	return next == end;
}

bool attempt_receive(int sync, struct attempt *attempt)
{
	struct iovec parts[] = {{.iov_base = &attempt->order, .iov_len = sizeof(attempt->order)},
				{.iov_base = strings, .iov_len = sizeof(strings)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(attempt->streams))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *rights;
	ssize_t got;

	attempt->failed = attempt->ready = attempt->whispered = false;
	do {
		got = recvmsg(sync, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	rights = got > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
	    rights->cmsg_len != CMSG_LEN(sizeof(attempt->streams)) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    (size_t)got < sizeof(attempt->order))
		return false;
	memcpy(attempt->streams, CMSG_DATA(rights), sizeof(attempt->streams));
	return point_to_strings(attempt, (size_t)got - sizeof(attempt->order));
}

pid_t attempt_start(struct attempt *attempt, int *ret_pidfd)
{
	int pidfd = -1;
	/* glibc's: it takes a stack. The parent goes on when the child has executed or ended. */
	pid_t pid = clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, attempt, &pidfd);

	if (pid < 0)
		(void)attempt_fail(&attempt->error, STAGE_FORK, "clone", "", "cannot create the command's process");
	if (pid > 0 && !attempt->failed && !attempt->ready) {
		errno = ECHILD;
		(void)attempt_fail(&attempt->error, STAGE_EXEC, "", "", "the command's process ended before it could execute the program");
		attempt->failed = true;
	}
	fd_close_many(attempt->streams, 3);
	*ret_pidfd = pid < 0 ? -1 : pidfd;
	return pid;
}
