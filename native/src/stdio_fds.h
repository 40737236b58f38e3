/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard streams that the job gets from us. Runs in: supervisor.
 */
#ifndef NSJOB_STDIO_FDS_H
#define NSJOB_STDIO_FDS_H

struct error;
struct launch;

/* Refuses what is a way out of a root of the job's own. */
int stdio_check(struct error *err);

/* Makes the pipes of the plan's ownedStdio the job's. After the maps are written. */
int stdio_give(const struct launch *launch, struct error *err);

/* Takes /dev/null in their place, once the job has them. */
int stdio_let_go(const struct launch *launch, struct error *err);

#endif
