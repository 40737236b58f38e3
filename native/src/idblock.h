/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of unprivileged host ids for a root caller's job, locked while anything of the job lives.
 * Runs in: supervisor; init keeps a copy of the lock, so that the block outlives a killed supervisor until init is gone.
 */
#ifndef NSJOB_IDBLOCK_H
#define NSJOB_IDBLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

struct error;

struct id_lock {
	int fd;        /* -1: none; the lock goes with the last copy of the descriptor */
	int directory;
	uint32_t base;
};

/* Locks the first free base of the block, making its directory (0700, root's) where it is missing. */
int idblock_lock(const struct id_block *block, struct id_lock *ret_lock, struct error *err);
/* Removes the lock file and lets go. Called when nothing of the job is left. */
void idblock_release(struct id_lock *lock);

/*
 * Whether any process that this /proc shows has one of the user ids that the map takes from the block. Looked at twice: a child
 * may be born where the look has been already, and its parent end before the look comes there.
 */
bool idblock_used(const struct id_lock *lock, int proc_dir, const struct id_map *uids);

#endif
