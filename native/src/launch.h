/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One launch: what its processes share, and the order of its steps (launch.c is the table of contents).
 */
#ifndef NSJOB_LAUNCH_H
#define NSJOB_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bounds.h"
#include "caller_tty.h"
#include "cgroup.h"
#include "driver.h"
#include "idblock.h"
#include "ns.h"
#include "plan.h"
#include "proc.h"
#include "stage.h"
#include "sync.h"

struct error;

struct launch {
	struct plan plan;
	int connection;                        /* supervisor only */
	struct title title;
	int proc_dir;                          /* /proc as the supervisor sees it; init keeps a copy for tree.h */
	int null_fd;                           /* /dev/null, taken before any mount could hide it */
	int joined[NS_COUNT];                  /* namespaces to enter, or -1 */
	struct ns_identity targets[NS_COUNT];  /* what they must be afterwards */
	struct id_lock lock;
	struct cgroup_set cgroups;
	int sources[LIMIT_MOUNTS];             /* of bind steps, from bind_take_sources(); -1 elsewhere */
	bool unmapped[LIMIT_MOUNTS];           /* wanted an id map, got none */
	bool sources_taken;                    /* by the supervisor; else whoever mounts takes them */
	int enter_root, enter_cwd;             /* of the process whose namespaces are joined, or -1 */
	int self;                              /* copy of our own program, or -1 */
	int init_sync, init_sync_peer;         /* supervisor's end, init's end */
	int job_sync, job_sync_peer;           /* supervisor's end, the job's end */
	int gate;                              /* init and the job: a byte comes when the old root is gone; or -1 */
	int starter_sync, starter_sync_peer;   /* supervisor's end, the starter's end; -1 where no commands are to come: runner.h */
	pid_t init_pid;
	int init_pidfd;
	int init_dir;                          /* /proc/PID of init, while its maps are written and checked */
	pid_t job_pid;                         /* as the supervisor sees it */
	int job_pidfd;
	int job_dir;                           /* /proc/PID of the job's process */
	int collect_root, collect_mounts, collect_users; /* of the job, where results are collected: collect.h */
	int terminal;                          /* master of the job's terminal, or -1 */
	int terminal_peer;                     /* a slave end of it, see terminal_adopt() */
	struct caller_tty caller;
	uint64_t executed_at;                  /* when the job was told to execute, or 0 */
	struct job_facts facts;                /* what it said of itself */
	uint64_t stage_nanos[STAGE_COUNT];     /* of all its processes, summed */
};

void launch_init(struct launch *launch, int connection);

/* What every launch needs open, whatever its plan is. */
int launch_open(struct launch *launch, struct error *err);

/*
 * From a parsed plan to a job that waits, fully built and verified, one exec away. On failure nothing is left running.
 */
int launch_build(struct launch *launch, struct error *err);

/* Lets the job's process execute, and notes when. */
void launch_execute(struct launch *launch);

/* Kills and reaps whatever a failed launch_build() left; releases the id block. */
void launch_abandon(struct launch *launch);

/* Adds the stage times of a message to the launch's. */
void launch_add_times(struct launch *launch, const uint64_t nanos[STAGE_COUNT]);

/* True when init is pid 1 of a namespace of its own: its death is then the death of all. */
static inline bool launch_has_pid_namespace(const struct launch *launch)
{
	return launch->plan.namespaces[NS_PID].mode == NS_MODE_NEW;
}

#endif
