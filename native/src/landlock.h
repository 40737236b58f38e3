/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock: landlock(7). A second layer behind the mounts: what is writable by mistake is still not writable.
 * Runs in: job, after no_new_privs; from then on it cannot mount.
 */
#ifndef NSJOB_LANDLOCK_H
#define NSJOB_LANDLOCK_H

#include <stdint.h>

struct error;
struct plan;

/* *ret_abi: of the kernel's Landlock, or 0 where the job does without. */
int landlock_apply(const struct plan *plan, int32_t *ret_abi, struct error *err);

#endif
