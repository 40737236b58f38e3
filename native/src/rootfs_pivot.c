/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new root takes the place of the old one.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "error.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"
#include "sys.h"

/* The mount counts too: the job's root may be the very directory that was the old one. Where it is 0, before Linux 5.8, that fails. */
static bool same(const struct statx *one, const struct statx *other)
{
	return one->stx_dev_major == other->stx_dev_major && one->stx_dev_minor == other->stx_dev_minor &&
	       one->stx_ino == other->stx_ino && one->stx_mnt_id == other->stx_mnt_id;
}

static int look(int fd, const char *path, struct statx *ret_status)
{
	memset(ret_status, 0, sizeof(*ret_status));
	return statx(fd, path, AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, ret_status);
}

/* Of a pivot that was made. */
static struct {
	bool there;
	struct statx top, mine;
} old;

/* What is left of the old root: nothing that "/" or ".." leads to. */
static int prove_gone(struct error *err)
{
	struct statx top, above;

	if (look(AT_FDCWD, "/", &top) < 0 || look(AT_FDCWD, "/..", &above) < 0)
		return error_set(err, "statx", errno, "/", "cannot look at the job's root");
	if (!same(&top, &old.mine) || !same(&above, &old.mine) || same(&top, &old.top))
		return error_set(err, "", EPROTO, "/", "is not the job's root after entering it");
	return 0;
}

bool rootfs_has_old(void)
{
	return old.there;
}

int rootfs_let_go(struct error *err)
{
	if (!old.there)
		return 0;
	if (umount2(".", MNT_DETACH) < 0)
		return error_set(err, "umount2", errno, "/", "cannot let go of the host's root");
	old.there = false;
	return chdir("/") < 0 ? error_set(err, "chdir", errno, "/", "cannot enter the job's root") : prove_gone(err);
}

int rootfs_pivot(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	struct statvfs top;

	if (look(root->fd, "", &old.mine) < 0 || look(AT_FDCWD, "/", &old.top) < 0)
		return error_set(err, "statx", errno, "/", "cannot look at the two roots");
	if (fchdir(root->fd) < 0)
		return error_set(err, "fchdir", errno, "/", "cannot enter the job's root");
	/* The old root comes to lie on top of the new one, pivot_root(2): no directory for it is needed. */
	if (sys_pivot_root(".", ".") < 0)
		return error_set(err, "pivot_root", errno, "/", "cannot exchange the roots");
	old.there = true;
	if (!root->lets_go_late && rootfs_let_go(err) < 0)
		return -1;
	if (!step->read_only)
		return 0;
	if (newmount_restrict(root->fd, MOUNT_ATTR_RDONLY, "/", err) < 0)
		return -1;
	if (statvfs("/", &top) < 0 || (top.f_flag & ST_RDONLY) == 0)
		return error_set(err, "", EPROTO, "/", "is not read-only after it was made so");
	return 0;
}
