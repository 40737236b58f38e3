/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree that mounts go into: the one this process has, or a new root under construction. Targets are found inside it by
 * openat2(2), so that no symlink leads out, and used by descriptor, so that nothing swapped meanwhile matters.
 * Runs in: init, or the job's process when it is pid 1.
 */
#ifndef NSJOB_ROOTFS_H
#define NSJOB_ROOTFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "bounds.h"

struct error;
struct mount_step;

struct rootfs {
	int fd;                     /* where paths start, and where ".." ends */
	int scratch;                /* the first tmpfs of ours, where things have a name before they are mounted; or -1 */
	bool layered;               /* the root is an overlay: what is there came with it, though it is ours */
	bool fresh;                 /* a root step has begun a new one */
	bool lets_go_late;          /* the old root is let go of by rootfs_let_go(), see plan_lets_go_late() */
	bool own_top;               /* which is a filesystem of ours, without anything in it */
	dev_t own[2 * LIMIT_MOUNTS]; /* filesystems made by us: only there may anything be created */
	size_t own_count;
};

int rootfs_begin(struct rootfs *root, struct error *err);
void rootfs_end(struct rootfs *root);
/* The root step: a tmpfs that becomes the job's root with rootfs_pivot(). */
int rootfs_start(struct rootfs *root, const struct mount_step *step, struct error *err);
/* The rootBind step: a directory of the caller's instead, as a detached tree. */
int rootfs_start_bind(struct rootfs *root, int tree, struct error *err);
/* The pivot step, the last one. */
int rootfs_pivot(struct rootfs *root, const struct mount_step *step, struct error *err);
/*
 * Whether the old root still lies on top of the new one, where ".." of the root directory finds it: nobody may walk paths of others
 * before rootfs_let_go(), which waits for all processors of the machine.
 */
bool rootfs_has_old(void);
int rootfs_let_go(struct error *err);

/* An O_PATH descriptor, or -1 with errno; flags as for open(2). */
int rootfs_open(const struct rootfs *root, const char *path, int flags);
/* The same for something to mount on, created with its parents where it is missing and may be. */
int rootfs_mount_point(const struct rootfs *root, const char *path, bool directory, struct error *err);
/*
 * The directory that holds the last part of a path, created where it is missing; fails where we may create nothing. The descriptor
 * is not the caller's to close, and good until the next call.
 */
int rootfs_parent(const struct rootfs *root, const char *path, const char **ret_name, struct error *err);
/* The same, but -1 and nothing to say where that is not quite simple. */
int rootfs_near(const struct rootfs *root, const char *path, const char **ret_name);
/*
 * The same, only where all above the last part is known to be ours by its names, or has just been made: a mount on a name that did
 * not exist yet in there is found by its path. Good until rootfs_forget().
 */
int rootfs_known(const struct rootfs *root, const char *path, const char **ret_name);
void rootfs_forget(void);
/* Whether it is on a filesystem that the steps made. */
bool rootfs_is_ours(const struct rootfs *root, int fd);
/* Attaches a detached mount to a path. */
int rootfs_attach(const struct rootfs *root, int tree, const char *path, bool directory, struct error *err);
/* To a name that has just been made in a directory of ours. */
int rootfs_attach_new(int tree, int parent, const char *name, const char *subject, struct error *err);

int rootfs_make_directory(const struct rootfs *root, const struct mount_step *step, struct error *err);
/* A directory of the root's own filesystem that stays writable when the root's mount does not. */
int rootfs_make_writable(const struct rootfs *root, const struct mount_step *step, struct error *err);
int rootfs_make_symlink(const struct rootfs *root, const struct mount_step *step, struct error *err);
int rootfs_make_file(const struct rootfs *root, const struct mount_step *step, struct error *err);

/* Notes a filesystem as ours, and as one that files can be made in, as long as there is no other. */
int rootfs_adopt(struct rootfs *root, int tree, struct error *err);
/* Notes a filesystem as ours. */
int rootfs_own(struct rootfs *root, int tree, struct error *err);
/* A detached tmpfs, nosuid and nodev, noted as ours. */
int rootfs_tmpfs(struct rootfs *root, const struct mount_step *step, struct error *err);

#endif
