/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of the new root that the job may not see, or not write to. What is not there is skipped: kernels differ in /proc.
 */
#ifndef NSJOB_MASK_H
#define NSJOB_MASK_H

struct error;
struct mount_step;
struct rootfs;

int mask_hide(const struct rootfs *root, const struct mount_step *step, struct error *err);
int mask_read_only(const struct rootfs *root, const struct mount_step *step, struct error *err);

#endif
