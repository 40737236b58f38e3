/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much processor time a whole tree of processes has used, without a cgroup. Runs in: supervisor.
 */
#ifndef NSJOB_CPUTIME_H
#define NSJOB_CPUTIME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Never more often than this, whatever is left: each look reads all of /proc. */
#define CPUTIME_LEAST_PAUSE_NANOS UINT64_C(50000000)

struct cpu_process {
	pid_t pid;
	uint64_t start_time;
	uint64_t own;      /* clock ticks, of all its threads that there ever were */
	uint64_t children; /* of those it has waited for, with theirs */
};

/* What the last look saw; all zero at first, cputime_release() at the end. */
struct cpu_account {
	struct cpu_process *processes; /* by start time, then pid */
	size_t count;
	uint64_t vanished; /* ticks of processes that are gone and that no ancestor's figures hold (yet) */
};

/*
 * One more look; processes becomes the account's. Returns the ticks of the whole tree until now. Pure.
 *
 * What a process has used goes to the one that waits for it. It may arrive there only at a later look, and never if the
 * parent ignores SIGCHLD: until then it is kept in `vanished`.
 */
uint64_t cputime_add_look(struct cpu_account *account, struct cpu_process *processes, size_t count);

/* Looks at root and its descendants: 0, or -1 when /proc cannot be read. */
int cputime_look(struct cpu_account *account, int proc_dir, pid_t root, uint64_t *ret_nanos);

/*
 * How long the tree may be left alone: on all processors at once it cannot use up what is left any sooner. A look that was
 * expensive itself makes the pause longer. Pure.
 */
uint64_t cputime_pause(uint64_t left_nanos, unsigned int processors, uint64_t cost_nanos);

void cputime_release(struct cpu_account *account);

#endif
