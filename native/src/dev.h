/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A minimal /dev: the harmless devices, bound from the host's since mknod is refused in a user namespace, a devpts of its own,
 * and a bounded /dev/shm.
 */
#ifndef NSJOB_DEV_H
#define NSJOB_DEV_H

struct error;
struct mount_step;
struct rootfs;

int dev_make(struct rootfs *root, const struct mount_step *step, struct error *err);

#endif
