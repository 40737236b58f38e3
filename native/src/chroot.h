/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another root directory by chroot(2), for who asks for it: no boundary, unlike the root of rootfs.h.
 * Runs in: job.
 */
#ifndef NSJOB_CHROOT_H
#define NSJOB_CHROOT_H

struct error;

/* Needs CAP_SYS_CHROOT. Leaves the working directory in the new root. */
int chroot_enter(const char *path, struct error *err);
/* The same by descriptor; the path is for the error. Also runs in: init, which takes the root of a process (enter.h). */
int chroot_into(int directory, const char *path, struct error *err);

#endif
