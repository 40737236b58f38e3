/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces pinned to files, so that they stay when their last process is gone: a bind mount of /proc/PID/ns/KIND,
 * namespaces(7). Runs in: supervisor, which sees the caller's mounts; init, for those inside.
 */
#ifndef NSJOB_PINS_H
#define NSJOB_PINS_H

#include <stdbool.h>

struct error;
struct launch;
struct plan;

/* All of the job whose /proc/PID is open in launch->job_dir; undone again when one fails. */
int pins_make(const struct launch *launch, struct error *err);
/* Those inside, of this process, in its mount namespace. */
int pins_make_inside(const struct launch *launch, struct error *err);
/* The job runs: from now on pins_undo() does nothing, and nobody takes them for leftovers. */
void pins_commit(const struct plan *plan);
/* Unmounts and removes whatever was made. */
void pins_undo(const struct plan *plan);

/* In init, whose copy of the plan knows of those inside only: its work is done, or has failed. */
void pins_end_inside(const struct plan *plan, bool undo);

#endif
