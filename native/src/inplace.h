/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place, as unshare(1) does it: the very process that was started leaves its namespaces and becomes the command, with the
 * same pid. For the time of the set-up it has a supervisor all the same, which writes maps, pins and verifies from outside.
 */
#ifndef NSJOB_INPLACE_H
#define NSJOB_INPLACE_H

struct error;
struct launch;
struct plan;

/* Returns in the supervisor; the process itself goes on to the command, and comes back only when it has failed at once. */
int inplace_spawn(struct launch *launch, struct error *err);
/* Runs in: the command's process, as its last step but the filter. What guarded the set-up is not to outlive it. */
int inplace_let_go(const struct plan *plan, struct error *err);
/* Runs in: supervisor. Lets the command be executed, and tells of it. */
int inplace_finish(struct launch *launch, struct error *err);

#endif
