/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User namespaces below the job's own: how many there may be, and the second one, which takes the mounts out of the job's
 * hands. A mount belongs to the user namespace of its mount namespace; copied into a lower one it is locked, mount_namespaces(7).
 */
#ifndef NSJOB_NEST_H
#define NSJOB_NEST_H

#include <stdbool.h>

struct error;
struct plan;

/* Init, in the job's user namespace: limits those below it. */
int nest_limit(const struct plan *plan, int proc_dir, struct error *err);
/* The job's process, before its credentials: into a user and a mount namespace below, with the same ids. */
int nest_lock_mounts(const struct plan *plan, int proc_dir, struct error *err);
/* Supervisor: whether the process's user namespace is a child of one that is not ours. */
int nest_verify(int process_dir, bool *ret_second, struct error *err);

#endif
