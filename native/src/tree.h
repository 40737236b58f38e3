/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killing every descendant of a process where no pid namespace does it for us.
 * Runs in: supervisor; init, when the supervisor is gone.
 */
#ifndef NSJOB_TREE_H
#define NSJOB_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/* /proc, opened before any mount or join could change what it shows: a CLOEXEC descriptor or -1. */
int tree_open_proc(struct error *err);

/* This process's own pid as that /proc shows it, or -1. */
pid_t tree_self(int proc_dir);

/*
 * Stops, then kills every descendant of root (a pid as proc_dir shows it), root itself spared. One pass cannot catch a
 * child born meanwhile: the caller repeats it until nothing is left to reap. Returns how many descendants it saw
 * alive (zombies do not count), -1 if /proc could not be read.
 */
int tree_kill(int proc_dir, pid_t root);

struct tree_member {
	pid_t pid;           /* as proc_dir shows it */
	uint64_t start_time;
};

/*
 * Root and its descendants, zombies too, the elder before the younger: a parent before its children. *ret_members is the
 * caller's to free(). -1 if /proc could not be read or does not show root.
 */
int tree_members(int proc_dir, pid_t root, struct tree_member **ret_members, size_t *ret_count);

#endif
