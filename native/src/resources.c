/* SPDX-License-Identifier: Apache-2.0 */
#include "resources.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "plan.h"

/* linux/ioprio.h, which older headers lack: a class above 13 bits of level and, since Linux 6.5, hints. */
#define IOPRIO_OF_PROCESS 1
#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_MASK 0xe007

const char *resources_name(unsigned int resource)
{
	static const char *const names[LIMIT_RESOURCES] = {
		[RLIMIT_CPU] = "cpu",	      [RLIMIT_FSIZE] = "fsize",	      [RLIMIT_DATA] = "data",
		[RLIMIT_STACK] = "stack",     [RLIMIT_CORE] = "core",	      [RLIMIT_RSS] = "rss",
		[RLIMIT_NPROC] = "nproc",     [RLIMIT_NOFILE] = "nofile",     [RLIMIT_MEMLOCK] = "memlock",
		[RLIMIT_AS] = "as",	      [RLIMIT_LOCKS] = "locks",	      [RLIMIT_SIGPENDING] = "sigpending",
		[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",	      [RLIMIT_RTPRIO] = "rtprio",
		[RLIMIT_RTTIME] = "rttime"};

	return resource < LIMIT_RESOURCES ? names[resource] : "?";
}

bool resources_wanted(const struct plan *plan)
{
	return plan->process.rlimit_count > 0 || plan->process.has_nice || plan->process.has_ionice ||
	       plan->process.has_affinity || plan->process.has_oom_score;
}

static int set_affinity(const struct plan *plan, struct error *err)
{
	cpu_set_t found;

	if (sched_setaffinity(0, sizeof(cpu_set_t), &plan->process.affinity) < 0)
		return error_set(err, "sched_setaffinity", errno, "cpuAffinity", "cannot bind the job to these processors");
	/* The kernel silently takes away those that are offline or outside our cpuset. */
	if (sched_getaffinity(0, sizeof(found), &found) < 0)
		return error_set(err, "sched_getaffinity", errno, "cpuAffinity", "cannot read the job's processors back");
	if (!CPU_EQUAL(&found, &plan->process.affinity))
		return error_set(err, "sched_setaffinity", EINVAL, "cpuAffinity", "not all of these processors are there for us");
	return 0;
}

static int set_nice(int nice, struct error *err)
{
	char subject[16];

	(void)snprintf(subject, sizeof(subject), "%d", nice);
	if (setpriority(PRIO_PROCESS, 0, nice) < 0)
		return error_set(err, "setpriority", errno, subject, "cannot set the job's nice value");
	errno = 0; /* -1 is also a value */
	if (getpriority(PRIO_PROCESS, 0) != nice || errno != 0)
		return error_set(err, "getpriority", errno, subject, "the job has another nice value than asked for");
	return 0;
}

static int set_ionice(const struct plan *plan, struct error *err)
{
	static const char *const classes[] = {"none", "realtime", "best-effort", "idle"};
	int wanted = plan->process.io_class << IOPRIO_CLASS_SHIFT | plan->process.io_level;
	const char *subject = classes[plan->process.io_class];
	long found;

	if (syscall(SYS_ioprio_set, IOPRIO_OF_PROCESS, 0, wanted) < 0)
		return error_set(err, "ioprio_set", errno, subject, "cannot set the job's I/O priority");
	found = syscall(SYS_ioprio_get, IOPRIO_OF_PROCESS, 0);
	if (found < 0 || (found & IOPRIO_MASK) != wanted)
		return error_set(err, "ioprio_get", found < 0 ? errno : 0, subject, "the job has another I/O priority than asked for");
	return 0;
}

static int set_oom_score(int score, int proc_dir, struct error *err)
{
	static const char path[] = "self/oom_score_adj";
	char text[32];
	int length = snprintf(text, sizeof(text), "%d", score);

	/* The change to init's ids made us non-dumpable, and the file then is the host's root's. job.c decides at its end. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot open our own files under /proc");
	if (fd_write_file(proc_dir, path, text, (size_t)length) < 0)
		return error_set(err, "write", errno, "oom_score_adj", "cannot set the job's OOM score adjustment to %d", score);
	if (fd_read_file(proc_dir, path, text, sizeof(text)) < 0 || atoi(text) != score)
		return error_set(err, "read", 0, "oom_score_adj", "the job has another OOM score adjustment than asked for");
	return 0;
}

static int set_rlimit(const struct plan_rlimit *wanted, struct error *err)
{
	struct rlimit limit = {.rlim_cur = wanted->soft, .rlim_max = wanted->hard};
	const char *name = resources_name(wanted->resource);
	struct rlimit found;

	if (prlimit(0, (enum __rlimit_resource)wanted->resource, &limit, NULL) < 0)
		return error_set(err, "prlimit", errno, name, "cannot set this resource limit");
	if (prlimit(0, (enum __rlimit_resource)wanted->resource, NULL, &found) < 0)
		return error_set(err, "prlimit", errno, name, "cannot read this resource limit back");
	if (found.rlim_cur != limit.rlim_cur || found.rlim_max != limit.rlim_max)
		return error_set(err, "prlimit", 0, name, "the kernel set another resource limit than asked for");
	return 0;
}

int resources_apply(const struct plan *plan, int proc_dir, struct error *err)
{
	/* The resource limits last: they may forbid the rest (RLIMIT_NICE, RLIMIT_NOFILE). */
	if ((plan->process.has_affinity && set_affinity(plan, err) < 0) ||
	    (plan->process.has_nice && set_nice(plan->process.nice, err) < 0) ||
	    (plan->process.has_ionice && set_ionice(plan, err) < 0) ||
	    (plan->process.has_oom_score && set_oom_score(plan->process.oom_score, proc_dir, err) < 0))
		return -1;
	for (size_t i = 0; i < plan->process.rlimit_count; i++) {
		if (set_rlimit(&plan->process.rlimits[i], err) < 0)
			return -1;
	}
	return 0;
}
