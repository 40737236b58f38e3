/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setns PLAN: a program in namespaces that are there, made once as by `floor` and held by a process that does nothing. All that
 * is done for each is setns(2), a second process to be born into the pid namespace, and exec.
 */
#include <errno.h>
#include <sched.h>
#include <sys/wait.h>

#include "floor.h"

#include "../src/ns.h"
#include "../src/sys.h"

struct held {
	struct floor *floor;
	int pidfd;
};

/* A vfork child: shares the memory, not the namespaces. */
static _Noreturn void enter(const struct held *held)
{
	char **argv = held->floor->plan.process.argv;
	int status = 0;
	pid_t pid;

	if (setns(held->pidfd, (int)(held->floor->flags & ~(uint64_t)CLONE_PIDFD)) < 0)
		_exit(NOT_ALLOWED);
	pid = vfork();
	if (pid == 0) {
		(void)execve(argv[0], argv, held->floor->plan.process.environment);
		_exit(NOT_ALLOWED);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : NOT_ALLOWED);
}

static int run(struct way *way)
{
	struct held *held = way->state;
	pid_t pid = vfork();

	if (pid == 0)
		enter(held);
	return bench_await(way, pid);
}

bool setns_make(struct way *way)
{
	struct held *held = calloc(1, sizeof(*held));
	static char direct[] = "direct";
	pid_t holder;

	way->arguments[1] = direct;
	if (held == NULL || !floor_make(way))
		return false;
	held->floor = way->state;
	holder = floor_hold(held->floor);
	way->refused = "cannot make the namespaces to enter";
	held->pidfd = holder < 0 ? -1 : sys_pidfd_open(holder);
	if (held->pidfd < 0)
		return false;
	way->state = held;
	way->run = run;
	return true;
}
