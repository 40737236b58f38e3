/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisors of a resident launcher, and the spare one: forked ahead, so that a job that comes after a pause need not wait
 * for a fork. It has nothing of any job until it is one's.
 */
#ifndef NSJOB_WORKER_H
#define NSJOB_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "driver.h"
#include "resident.h"

struct spare {
	pid_t pid;  /* 0: there is none */
	int socket; /* its descriptors come through it; its end is the end of the spare */
};

struct nursery {
	int control; /* closed first in each that is forked */
	struct title title;
	struct spare spare;
	ahead_known *known; /* in memory shared with supervisors, and nobody else: what the newest plan was, for ahead.h. Or NULL */
};

/* Where supervisors tell what they were for. Without it nothing is made ahead. */
void worker_learn(struct nursery *nursery);

/* Forks a supervisor for these descriptors: its pid, or -1 with errno. */
pid_t worker_fork(const struct nursery *nursery, const int fds[RESIDENT_FDS]);

/* Forks a spare one. Without it jobs only take longer. */
void worker_fork_spare(struct nursery *nursery);

/* Gives the spare one its descriptors: its pid, or -1 where there is none. */
pid_t worker_take_spare(struct spare *spare, const int fds[RESIDENT_FDS]);

/* True for the pid of a spare that has ended without a job. */
bool worker_lost_spare(struct spare *spare, pid_t pid);

/* What both ends of a passing of descriptors need. */
size_t worker_passed_fds(struct msghdr *header, int fds[RESIDENT_FDS]);

#endif
