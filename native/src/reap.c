/* SPDX-License-Identifier: Apache-2.0 */
#include "reap.h"

#include <errno.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"

static void add_usage(struct rusage *sum, const struct rusage *one)
{
	timeradd(&sum->ru_utime, &one->ru_utime, &sum->ru_utime);
	timeradd(&sum->ru_stime, &one->ru_stime, &sum->ru_stime);
	sum->ru_minflt += one->ru_minflt;
	sum->ru_majflt += one->ru_majflt;
	if (one->ru_maxrss > sum->ru_maxrss)
		sum->ru_maxrss = one->ru_maxrss;
}

int reap_all(int proc_dir, struct rusage *ret_usage)
{
	for (int sweep = 0; sweep < REAP_SWEEPS; sweep++) {
		struct rusage usage;
		pid_t pid;

		while ((pid = wait4(-1, NULL, WNOHANG | __WALL, &usage)) > 0)
			add_usage(ret_usage, &usage);
		if (pid < 0 && errno == ECHILD)
			return 0;
		(void)tree_kill(proc_dir, getpid());
		(void)poll(NULL, 0, REAP_SWEEP_MILLIS);
	}
	return tree_kill(proc_dir, getpid());
}
