/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init: pid 1 of the job's pid namespace, or a plain subreaper where there is none. Ours, never the user's program: a
 * user's pid 1 ignores its own SIGTERM and can clear its parent-death signal. It builds the job's world, starts the job,
 * reaps, and tells how the main process ended; signals reach the job from the supervisor.
 */
#ifndef NSJOB_INIT_H
#define NSJOB_INIT_H

struct error;
struct launch;
struct plan;

/* The child of clone, from its first instruction to its last. */
_Noreturn void init_main(struct launch *launch);

/* The world of the job, in the namespaces that this process is in. Also in place. */
int init_build_world(struct launch *launch, struct error *err);

/* What is left of it: init does that beside the job's process. */
int init_loopback(const struct plan *plan, struct error *err);

#endif
