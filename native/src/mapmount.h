/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id-mapped mounts, mount_setattr(2): what belongs to somebody on disk belongs to the job in its mount, and the other way round.
 * Runs in: the supervisor of a root caller; only the owner of a filesystem may.
 */
#ifndef NSJOB_MAPMOUNT_H
#define NSJOB_MAPMOUNT_H

#include <stdint.h>

struct disk_map;
struct error;

/* A user namespace that carries a map, kept from one mount to the next as long as they ask for the same. */
struct map_space {
	int fd; /* -1: none yet */
	const struct disk_map *map;
};

/* Maps a detached tree with all below it and proves it by the owner of `source`, an O_PATH descriptor; `base` is of the id block. */
int mapmount_apply(struct map_space *space, const struct disk_map *map, uint32_t base, int tree, int source, const char *subject,
		   struct error *err);

#endif
