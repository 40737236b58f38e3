/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setns PLAN: a program in namespaces that are there, made once as by `floor` and held by a process that does nothing. What is
 * done for each: setns(2), a second process to be born into the pid namespace, what the plan takes from the job's own process
 * (limits, ids, capabilities, filter), and exec. Cgroups are not entered.
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
	uint64_t flags;
};

static pid_t start(const struct floor *floor)
{
	bool plain = !floor->plan.process.drop_capabilities;
	/* What changes its identity must not do so to the memory that it would share. */
	pid_t pid = plain ? vfork() : fork();

	if (pid == 0 && !plain)
		floor_job(floor);
	if (pid == 0) {
		(void)execve(floor->plan.process.argv[0], floor->plan.process.argv, floor->plan.process.environment);
		_exit(NOT_ALLOWED);
	}
	return pid;
}

/* A vfork child: shares the memory, not the namespaces. */
static _Noreturn void enter(const struct held *held)
{
	int status = 0;
	pid_t pid;

	if (setns(held->pidfd, (int)held->flags) < 0)
		_exit(NOT_ALLOWED);
	pid = start(held->floor);
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
	held->flags = held->floor->flags;
	if (held->floor->plan.namespaces[NS_CGROUP].mode == NS_MODE_NEW)
		held->flags |= CLONE_NEWCGROUP;
	holder = floor_hold(held->floor);
	way->refused = "cannot make the namespaces to enter";
	held->pidfd = holder < 0 ? -1 : sys_pidfd_open(holder);
	if (held->pidfd < 0)
		return false;
	way->state = held;
	way->run = run;
	return true;
}
