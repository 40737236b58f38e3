/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detached mounts, fsopen(2) and mount_setattr(2): complete before anything can be reached through them.
 */
#ifndef NSJOB_NEWMOUNT_H
#define NSJOB_NEWMOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct mount_step;

/* A filesystem without a source, with options (name, value or NULL for a flag, ..., NULL) and MOUNT_ATTR_* attributes. */
int newmount_make(const char *type, const char *const options[], unsigned int attributes, struct error *err);
/* A tmpfs with the step's size, inodes, mode and noExec; nosuid and nodev. */
int newmount_tmpfs(const struct mount_step *step, struct error *err);
/* A private copy of the mount behind an O_PATH descriptor, as open_tree(2) makes it, with attributes added. */
int newmount_clone(int from, bool recursive, uint64_t attributes, const char *subject, struct error *err);
/* The same of one mount only and by name, which is not followed if it is a symlink. */
int newmount_clone_at(int directory, const char *name, uint64_t attributes, const char *subject, struct error *err);
/*
 * To be called once a clone is attached, with the same attributes: proves them. Before Linux 5.12, without mount_setattr(2), it
 * sets them by mount(2), which knows no trees: there a clone is never recursive.
 */
int newmount_settle(int tree, uint64_t attributes, const char *subject, struct error *err);
/* Adds attributes to one attached mount, never takes one away: those of the host may be locked. */
int newmount_restrict(int tree, uint64_t attributes, const char *subject, struct error *err);

#endif
