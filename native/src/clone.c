/* SPDX-License-Identifier: Apache-2.0 */
#include "clone.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

#include "pages.h"
#include "sys.h"

static _written_ const char *last_call;
static _written_ bool into_cgroup;

const char *clone_call(void)
{
	return last_call != NULL ? last_call : "clone3";
}

/* No stack: the child goes on with a copy of ours, as after fork(2). The raw call, since glibc's clone() needs a stack. */
static pid_t clone_classic(uint64_t flags, int *ret_pidfd)
{
	/* CLONE_PIDFD puts the descriptor where CLONE_PARENT_SETTID would put the pid (Linux 5.2). */
	return (pid_t)syscall(SYS_clone, (unsigned long)(flags | CLONE_PIDFD | SIGCHLD), NULL, ret_pidfd, NULL, NULL);
}

bool clone_was_into_cgroup(void)
{
	return into_cgroup;
}

pid_t clone_into(uint64_t flags, int cgroup, int *ret_pidfd)
{
	int pidfd = -1;
	struct clone_args arguments = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		/* With CLONE_PARENT the signal is the parent's own, and clone3 wants 0. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	pid_t pid = -1;

	last_call = "clone3";
	into_cgroup = cgroup >= 0;
	if (into_cgroup) {
		struct clone_args inside = arguments;

		inside.flags |= CLONE_INTO_CGROUP;
		inside.cgroup = (unsigned int)cgroup;
		pid = sys_clone3(&inside);
	}
	if (pid < 0) {
		into_cgroup = false;
		pid = sys_clone3(&arguments);
	}
	/*
	 * ENOSYS: the kernel or a current container filter. EPERM: an older filter that knows only numbers it was
	 * written for; if the flags themselves are refused, clone says EPERM again.
	 */
	if (pid < 0 && (errno == ENOSYS || errno == EPERM)) {
		last_call = "clone";
		pid = clone_classic(flags, &pidfd);
	}
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

pid_t clone_plain(void)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&arguments);

	last_call = "clone3";
	if (pid < 0 && (errno == ENOSYS || errno == EPERM)) {
		last_call = "clone";
		pid = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
	}
	return pid;
}

pid_t clone_filtered(uint64_t flags, int *ret_pidfd)
{
	int pidfd = -1;
	pid_t pid;

	last_call = "clone";
	pid = clone_classic(flags, &pidfd);
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

pid_t clone_process(uint64_t flags, int *ret_pidfd)
{
	return clone_into(flags, -1, ret_pidfd);
}
