/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories, symlinks and files of a new root.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"

int rootfs_make_directory(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	const char *name;
	int parent = rootfs_parent(root, step->target, &name, err);

	if (parent < 0)
		return -1;
	/* Nothing is taken away from the mode: mount_run() sees to it. */
	if (mkdirat(parent, name, step->mode) == 0)
		return 0;
	/* One that is there, made on the way to something else, is asked for all the same: its mode counts now. */
	if (errno != EEXIST)
		return error_set(err, "mkdirat", errno, step->target, "cannot create a directory in the job's root");
	if (fchmodat(parent, name, step->mode, AT_SYMLINK_NOFOLLOW) < 0 && errno != EOPNOTSUPP)
		return error_set(err, "fchmodat", errno, step->target, "cannot set the mode of a directory");
	return 0;
}

static int make_writable_there(const struct rootfs *root, const struct mount_step *step, uint64_t attributes, struct error *err)
{
	_cleanup_close_ int point = -1;
	_cleanup_close_ int tree = -1;

	if (rootfs_make_directory(root, step, err) < 0)
		return -1;
	point = rootfs_open(root, step->target, O_DIRECTORY);
	if (point < 0)
		return error_set(err, "openat2", errno, step->target, "cannot open a directory in the job's root");
	if (!rootfs_is_ours(root, point))
		return error_set(err, "", EROFS, step->target, "is in a tree of the host's");
	tree = newmount_clone(point, false, attributes, step->target, err);
	if (tree < 0)
		return -1;
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, step->target, "cannot mount there");
	return newmount_settle(tree, attributes, step->target, err);
}

/*
 * A mount of a part of the root, on itself: the pivot makes the root's own mount read-only, not this one. Each filesystem of its
 * own would cost the machine memory for as long as the job lives, in proportion to all that there are.
 */
int rootfs_make_writable(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	const uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u);
	_cleanup_close_ int tree = -1;
	const char *name;
	int parent = rootfs_known(root, step->target, &name);

	if (parent < 0 || mkdirat(parent, name, step->mode) < 0)
		return make_writable_there(root, step, attributes, err);
	tree = newmount_clone_at(parent, name, attributes, step->target, err);
	if (tree < 0 || rootfs_attach_new(tree, parent, name, step->target, err) < 0)
		return -1;
	return newmount_settle(tree, attributes, step->target, err);
}

int rootfs_make_symlink(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	const char *name;
	int parent = rootfs_parent(root, step->target, &name, err);

	if (parent < 0)
		return -1;
	if (symlinkat(step->text, parent, name) < 0)
		return error_set(err, "symlinkat", errno, step->target, "cannot create a symlink in the job's root");
	return 0;
}

static int write_all(int file, const unsigned char *content, size_t size)
{
	while (size > 0) {
		ssize_t written = write(file, content, size);

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			content += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* A file of a tree of the host's is not written to: one of ours, whose name is gone by the time the job runs, is put over it. */
static int cover_file(const struct rootfs *root, const struct mount_step *step, int point, struct error *err)
{
	static const char name[] = ".nsjob-file";
	const uint64_t restricted = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	_cleanup_close_ int file = openat(root->scratch, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, step->mode);
	_cleanup_close_ int tree = -1;

	if (file < 0)
		return error_set(err, "openat", errno, step->target, "cannot create a file to put over it");
	if (write_all(file, step->content, step->content_size) < 0)
		return error_set(err, "write", errno, step->target, "cannot write a file of the job's root");
	tree = newmount_clone(file, false, restricted, step->target, err);
	if (tree < 0)
		return -1;
	/* Only what has a name can be attached (ENOENT). */
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, step->target, "cannot mount over it");
	if (unlinkat(root->scratch, name, 0) < 0)
		return error_set(err, "unlinkat", errno, step->target, "cannot remove the name of a file");
	return newmount_settle(tree, restricted, step->target, err);
}

/* Not there yet, in a directory of ours: nearly always. -1 and errno EEXIST when it is there. */
static int create(int parent, const char *name, const struct mount_step *step, struct error *err)
{
	_cleanup_close_ int file = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, step->mode);

	if (file < 0)
		return error_set(err, "openat", errno, step->target, "cannot create a file in the job's root");
	if (write_all(file, step->content, step->content_size) == 0)
		return 0;
	(void)error_set(err, "write", errno, step->target, "cannot write a file in the job's root");
	errno = 0;
	return -1;
}

int rootfs_make_file(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	_cleanup_close_ int there = -1;
	const char *name;
	int parent = rootfs_near(root, step->target, &name);

	if (parent >= 0) {
		int made = create(parent, name, step, err);

		if (made == 0 || errno != EEXIST)
			return made;
	}
	there = rootfs_open(root, step->target, 0);
	if (there >= 0 && root->scratch >= 0 && (root->layered || !rootfs_is_ours(root, there)))
		return cover_file(root, step, there, err);
	parent = rootfs_parent(root, step->target, &name, err);
	return parent < 0 ? -1 : create(parent, name, step, err);
}
