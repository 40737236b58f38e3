/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two drivers share: main.c has one job, resident.c forks a supervisor for each. Runs in: supervisor.
 */
#ifndef NSJOB_DRIVER_H
#define NSJOB_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ahead.h"

struct error;
struct launch;

/* Where the kernel keeps the arguments of this process, for init to overwrite: the job sees them in ps. */
struct title {
	char *text;
	size_t size;
};

struct drive {
	int connection;        /* -1: the plan is in a file */
	const char *plan_file; /* or NULL */
	bool may_be_in_place;  /* nobody else needs this process */
	struct title title;
	ahead_known *known;    /* where plans are told of, or NULL */
};

/* Default actions for all signals but those that are not ours. */
void driver_reset_signals(void);

/* To the caller's socket, of type SOCK_STREAM or SOCK_SEQPACKET. */
int driver_connect(const char *path, int type, int *ret_fd, struct error *err);

/*
 * Arms the first alarm of a job: a plan comes at once or never. Before anything that may block.
 */
void driver_begin(void);

/* What can be done before there is a job, with an init for a plan of this shape. For the driver_run() that comes. */
struct launch *driver_prepare(const struct title *title, uint64_t shape);

/* One job, from its plan to its last frame. The exit status of the supervisor. */
int driver_run(const struct drive *drive);

#endif
