/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uid_map, gid_map and setgroups of a new user namespace, user_namespaces(7); newuidmap(1) for subordinate ids.
 * Runs in: supervisor, while the child waits for SYNC_PROCEED.
 */
#ifndef NSJOB_IDMAP_H
#define NSJOB_IDMAP_H

#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

struct error;

/*
 * Writes the maps of the process whose /proc directory is open, `base` added to every outside id, and reads them back.
 * Never maps the host's uid or gid 0.
 */
int idmap_write(const struct plan *plan, uint32_t base, pid_t pid, int process_dir, struct error *err);

/* Its two halves, for one who has better to do than to wait between them. Nothing runs with wrong maps before the second. */
int idmap_set(const struct plan *plan, uint32_t base, pid_t pid, int process_dir, struct error *err);
int idmap_check(const struct plan *plan, uint32_t base, int process_dir, struct error *err);
/* The second half, of maps that were read already. */
int idmap_compare(const struct plan *plan, uint32_t base, const struct id_map *uids, const struct id_map *gids, struct error *err);

/* Reads our own maps once for all processes that we fork outside of new namespaces. */
void idmap_learn_own(void);

/* The map as the kernel shows it to this process. The ranges are the caller's to free(). */
int idmap_read(int process_dir, const char *file, struct id_map *ret_map, struct error *err);

/* The text for uid_map: free() it. */
char *idmap_text(const struct id_map *map, uint32_t base);
/* The text that maps every id inside to itself, for a user namespace below: free() it. */
char *idmap_same(const struct id_map *map);
/* argv for newuidmap or newgidmap, NULL-terminated, one allocation for the strings: free() both. */
char **idmap_arguments(const char *program, pid_t pid, const struct id_map *map, char **ret_strings);
/* The id outside that an id inside stands for; false when it is not mapped. */
bool idmap_outside(const struct id_map *map, uint32_t inside, uint32_t *ret_outside);
bool idmap_inside(const struct id_map *map, uint32_t outside, uint32_t *ret_inside);

#endif
