/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A launch with the fewest system calls that make the very same surroundings as a launch plan of nsjob's: no JSON, no report,
 * nothing read back, no checks of what the plan's own order makes sure of, and no process of its own above init.
 */
#ifndef NSJOB_BENCH_FLOOR_H
#define NSJOB_BENCH_FLOOR_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../src/plan.h"
#include "bench.h"

#define MAX_PARENTS 16

/* What can be known of a mount step before the first launch, by whoever writes the program. */
struct floor_step {
	char *directories[MAX_PARENTS]; /* to be made on the way, relative to the root */
	size_t directory_count;
	bool file;                      /* an empty file is made to mount on */
	bool skip;                      /* optional, and not there */
};

struct floor {
	struct plan plan;
	struct floor_step *steps;
	bool supervised;      /* one process more, between the caller and init */
	uint64_t flags;       /* for clone3 */
	uint64_t landlock_known, landlock_scoped; /* of what the plan asks for, what this kernel has */
	int blocks;           /* directory of id blocks, or -1 */
	uint32_t base;
	int last_capability;
	/* of the launch that is under way */
	int sources[LIMIT_MOUNTS];
	int doors[LIMIT_CGROUPS];
	int ready; /* where init says that it holds the namespaces, instead of a job, or -1 */
};

/* For children only: whoever fails is gone, with a word on standard error. */
#define must(call) \
	do { \
		if ((call) < 0) \
			floor_failed(#call); \
	} while (0)

static inline _Noreturn void floor_failed(const char *call)
{
	(void)dprintf(2, "floor: %.60s: %m\n", call);
	_exit(NOT_ALLOWED);
}

/* floor_mounts.c */
bool floor_prepare_mounts(struct floor *floor, const char **refused);
int floor_take_sources(struct floor *floor);
void floor_drop_sources(struct floor *floor);
void floor_mount(const struct floor *floor);

/* floor_job.c: limits, identity, filter and exec. */
_Noreturn void floor_job(const struct floor *floor);

/* floor_cgroup.c */
int floor_make_cgroups(struct floor *floor, int worker);
void floor_enter_cgroups(const struct floor *floor);
void floor_remove_cgroups(struct floor *floor, int worker);

/* The namespaces alone: init stays, and dies with this process. Its pid, or -1. */
pid_t floor_hold(struct floor *floor);

int floor_write_at(int directory, const char *path, const char *text, size_t length);

#endif
