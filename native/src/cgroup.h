/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job's cgroups, of both versions: cgroups(7). Made, read and removed by the supervisor, entered by init.
 */
#ifndef NSJOB_CGROUP_H
#define NSJOB_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "bounds.h"
#include "emit.h"

struct error;
struct launch;

struct cgroup_set {
	bool hurried;
	bool late;                      /* see cgroup_decide() */
	size_t made;                    /* so many of the plan's were made, and are ours to remove */
	int directories[LIMIT_CGROUPS]; /* supervisor only */
	int doors[LIMIT_CGROUPS];       /* `tasks` or `cgroup.procs`, for init to write to */
	struct emitter values;          /* what was read back, for the report; of those that were made */
};

void cgroup_init(struct cgroup_set *set);

/* Makes the directories, sets the limits, reads them back, opens the doors. */
int cgroup_make(struct launch *launch, struct error *err);

/* The directory of version 2 for clone_into(), or -1. */
int cgroup_unified(const struct launch *launch);

/*
 * Decides whether the cgroups can be made while init makes the world, and entered only before there is a job: of version 1, where
 * nobody has to be born in one, and by somebody who may move init after it has changed its ids.
 */
void cgroup_decide(struct launch *launch);

/* Hands init the doors where that is late. Refused = init is gone: its own word, or its end, says more. */
void cgroup_send_doors(struct launch *launch);

/* Runs in: init, before anything else, or, where that is late, when all is done but the job: what the job uses is counted. */
int cgroup_enter(const struct launch *launch, struct error *err);

/* The doors are open to init only; the supervisor closes its own once init is in. */
void cgroup_close_doors(struct cgroup_set *set);

/* Fails unless the kernel says that the job's process is in all of them. */
int cgroup_verify(const struct launch *launch, struct error *err);

/* The processor time of all that was ever in: 0, or -1 where no cgroup tells. */
int cgroup_cpu_nanos(const struct launch *launch, uint64_t *ret_nanos);

/* Before a kill: what has a small share of the processors, or none left, must get some to die. */
void cgroup_hurry(struct launch *launch);

/* Kills everybody in it, init too, in one call that no fork escapes; where there is no version 2, or before Linux 5.14, nothing. */
void cgroup_kill(const struct launch *launch);

/* The files that the plan wants to know at the end: an array, the caller's to release. */
struct emitter cgroup_figures(const struct launch *launch);

/* Removes what was made; waits a little for the last processes to vanish. */
void cgroup_remove(struct launch *launch);

#endif
