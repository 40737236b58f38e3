/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard streams that the job, or a command beside it, gets from us. Runs in: supervisor.
 */
#ifndef NSJOB_STDIO_FDS_H
#define NSJOB_STDIO_FDS_H

#include <stdbool.h>

struct error;
struct launch;

/* Refuses what is a way out of a root of the job's own. */
int stdio_check(const int fds[3], struct error *err);

/* Makes those that are pipes of Java's, by the plan's ownedStdio, the job's. After the maps are written. */
int stdio_give(const struct launch *launch, const int fds[3], const bool owned[3], struct error *err);

/* Takes /dev/null in their place, once the job has them. */
int stdio_let_go(const struct launch *launch, struct error *err);

#endif
