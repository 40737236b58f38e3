/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "error.h"
#include "fault.h"
#include "fd.h"
#include "newmount.h"
#include "pages.h"
#include "plan.h"
#include "sys.h"

/*
 * The directory that the last thing was put in, since things come in rows: one of ours, and known to be seen by its path. What is
 * mounted elsewhere than directly in it may have covered it, and then it is forgotten.
 */
static _written_in_front_(4) struct {
	bool known;
	int fd;
	char path[LIMIT_PATH];
} near;

static void forget_near(void)
{
	if (!near.known)
		return;
	fd_close(&near.fd);
	near.known = false;
}

/* For somebody who may mount on what is there, under whatever name. */
static void forget(void)
{
	forget_near();
	rootfs_forget();
}

int rootfs_begin(struct rootfs *root, struct error *err)
{
	root->fresh = root->own_top = root->lets_go_late = false;
	root->own_count = 0;
	root->scratch = -1;
	root->layered = false;
	root->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root->fd < 0 ? error_set(err, "open", errno, "/", "cannot open the root directory") : 0;
}

void rootfs_end(struct rootfs *root)
{
	forget();
	fd_close(&root->fd);
	fd_close(&root->scratch);
}

int rootfs_own(struct rootfs *root, int tree, struct error *err)
{
	struct stat status;

	if (fstat(tree, &status) < 0)
		return error_set(err, "fstat", errno, "", "cannot look at a new filesystem");
	if (root->own_count == sizeof(root->own) / sizeof(root->own[0]))
		return error_set(err, "", ENFILE, "", "too many filesystems");
	root->own[root->own_count++] = status.st_dev;
	return 0;
}

int rootfs_adopt(struct rootfs *root, int tree, struct error *err)
{
	if (rootfs_own(root, tree, err) < 0)
		return -1;
	if (root->scratch < 0)
		root->scratch = fcntl(tree, F_DUPFD_CLOEXEC, 0);
	return root->scratch < 0 ? error_set(err, "fcntl", errno, "tmpfs", "cannot duplicate a descriptor") : 0;
}

int rootfs_tmpfs(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	_cleanup_close_ int tree = newmount_tmpfs(step, err);

	return tree < 0 || rootfs_adopt(root, tree, err) < 0 ? -1 : fd_take(&tree);
}

/*
 * On top of "/": lookups of this process still start below it, and there is no other directory that surely exists and is
 * nobody's source. Sources were opened before, since ".." now leads into the new root.
 */
static int put_on_top(struct rootfs *root, int tree, struct error *err)
{
	if (move_mount(tree, "", root->fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, "/", "cannot attach the job's root");
	forget();
	fd_close(&root->fd);
	root->fd = tree;
	root->fresh = true;
	return 0;
}

int rootfs_start(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	_cleanup_close_ int tree = rootfs_tmpfs(root, step, err);

	if (tree < 0 || put_on_top(root, tree, err) < 0)
		return -1;
	(void)fd_take(&tree);
	root->own_top = true;
	return 0;
}

int rootfs_start_bind(struct rootfs *root, int tree, struct error *err)
{
	_cleanup_close_ int top = fcntl(tree, F_DUPFD_CLOEXEC, 0);
	struct stat status;

	if (top < 0 || fstat(top, &status) < 0)
		return error_set(err, "fstat", errno, "/", "cannot look at the job's root");
	if (!S_ISDIR(status.st_mode))
		return error_set(err, "", ENOTDIR, "/", "the job's root is not a directory");
	if (put_on_top(root, top, err) < 0)
		return -1;
	(void)fd_take(&top);
	return 0;
}

static int open_inside(const struct rootfs *root, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned int)(O_PATH | O_CLOEXEC | flags),
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	int fd;
	int tries = 64;

	if (fault_off("resolve")) {
		how.resolve = 0;
		path = path[1] != '\0' ? path + 1 : ".";
	}
	/* EAGAIN: something anywhere was renamed while ".." was walked; openat2(2) asks to try again. */
	do
		fd = sys_openat2(root->fd, path, &how);
	while (fd < 0 && errno == EAGAIN && --tries > 0);
	return fd;
}

int rootfs_open(const struct rootfs *root, const char *path, int flags)
{
	forget();
	return open_inside(root, path, flags);
}

bool rootfs_is_ours(const struct rootfs *root, int fd)
{
	struct stat status;

	if (fault_off("ours"))
		return true;
	if (fstat(fd, &status) < 0)
		return false;
	for (size_t i = 0; i < root->own_count; i++) {
		if (root->own[i] == status.st_dev)
			return true;
	}
	return false;
}

/* The directory above, which exists and is on a filesystem of ours. */
static int open_own_parent(const struct rootfs *root, const char *path, const char **ret_name, struct error *err)
{
	_cleanup_close_ int parent = -1;
	char directory[LIMIT_PATH];
	const char *slash = strrchr(path, '/');

	(void)snprintf(directory, sizeof(directory), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	parent = open_inside(root, directory, O_DIRECTORY);
	if (parent < 0)
		return error_set(err, "openat2", errno, path, "cannot open the directory above it");
	if (!rootfs_is_ours(root, parent))
		return error_set(err, "", EROFS, path, "is missing, and would have to be created in a tree of the host's");
	*ret_name = slash + 1;
	return fd_take(&parent);
}

static int make_one(const struct rootfs *root, const char *path, mode_t mode, struct error *err)
{
	_cleanup_close_ int parent = -1;
	const char *name;

	parent = open_own_parent(root, path, &name, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, name, mode) < 0)
		return error_set(err, "mkdirat", errno, path, "cannot create a directory in the job's root");
	return 0;
}

/* Every directory above the last part. */
static int make_parents(const struct rootfs *root, const char *path, struct error *err)
{
	char prefix[LIMIT_PATH];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		_cleanup_close_ int found = -1;

		(void)snprintf(prefix, sizeof(prefix), "%.*s", (int)(slash - path), path);
		found = open_inside(root, prefix, O_DIRECTORY);
		if (found < 0 && errno != ENOENT)
			return error_set(err, "openat2", errno, path, "cannot walk to it inside the job's root");
		if (found < 0 && make_one(root, prefix, 0755, err) < 0)
			return -1;
	}
	return 0;
}

int rootfs_near(const struct rootfs *root, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash == path ? 1 : (size_t)(slash - path);
	int fd;

	fd = rootfs_known(root, path, ret_name);
	if (fd >= 0)
		return fd;
	if (near.known && strncmp(near.path, path, length) == 0 && near.path[length] == '\0')
		return near.fd;
	forget_near();
	if (!root->fresh || fault_off("resolve"))
		return -1;
	(void)snprintf(near.path, sizeof(near.path), "%.*s", (int)length, path);
	fd = open_inside(root, near.path, O_DIRECTORY);
	if (fd < 0 && errno == ENOENT && make_parents(root, path, error_scratch()) == 0)
		fd = open_inside(root, near.path, O_DIRECTORY);
	if (fd >= 0 && !rootfs_is_ours(root, fd))
		fd_close(&fd);
	near.known = fd >= 0;
	near.fd = fd;
	return fd;
}

int rootfs_parent(const struct rootfs *root, const char *path, const char **ret_name, struct error *err)
{
	int fd = rootfs_near(root, path, ret_name);

	if (fd >= 0)
		return fd;
	/* Not ours, or not to be reached: this says what is the matter. */
	if (make_parents(root, path, err) < 0)
		return -1;
	fd = open_own_parent(root, path, ret_name, err);
	near.path[0] = '\0';
	near.known = fd >= 0;
	near.fd = fd;
	return fd;
}

static int make_empty_file(const struct rootfs *root, const char *path, struct error *err)
{
	_cleanup_close_ int parent = -1;
	_cleanup_close_ int file = -1;
	const char *name;

	parent = open_own_parent(root, path, &name, err);
	if (parent < 0)
		return -1;
	file = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0444);
	return file < 0 ? error_set(err, "openat", errno, path, "cannot create a file to mount on") : 0;
}

static int make_point(int parent, const char *name, bool directory)
{
	return directory ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0444, 0);
}

/* Straight in the directory that we know; -1 and nothing to say when it has to be looked for, as where a symlink is. */
static int mount_point_near(const struct rootfs *root, const char *path, bool directory)
{
	struct open_how how = {.flags = (unsigned int)(O_PATH | O_CLOEXEC | (directory ? O_DIRECTORY : 0)),
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	const char *name;
	int parent = rootfs_near(root, path, &name);
	int fd;

	if (parent < 0 || (make_point(parent, name, directory) < 0 && errno != EEXIST))
		return -1;
	fd = sys_openat2(parent, name, &how);
	forget();
	return fd;
}

int rootfs_mount_point(const struct rootfs *root, const char *path, bool directory, struct error *err)
{
	int flags = directory ? O_DIRECTORY : 0;
	int fd = mount_point_near(root, path, directory);

	if (fd >= 0)
		return fd;
	fd = rootfs_open(root, path, flags);
	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return error_set(err, "openat2", errno, path, "cannot mount there");
	if (make_parents(root, path, err) < 0 ||
	    (directory ? make_one(root, path, 0755, err) : make_empty_file(root, path, err)) < 0)
		return -1;
	fd = open_inside(root, path, flags);
	return fd < 0 ? error_set(err, "openat2", errno, path, "cannot open what was created to mount on") : fd;
}

int rootfs_attach_new(int tree, int parent, const char *name, const char *subject, struct error *err)
{
	/* A symlink at the end of the path would not be followed. */
	if (move_mount(tree, "", parent, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, subject, "cannot mount there");
	return 0;
}

int rootfs_attach(const struct rootfs *root, int tree, const char *path, bool directory, struct error *err)
{
	_cleanup_close_ int point = -1;
	const char *name;
	int parent = rootfs_near(root, path, &name);

	if (parent >= 0 && make_point(parent, name, directory) == 0)
		return rootfs_attach_new(tree, parent, name, path, err);
	point = rootfs_mount_point(root, path, directory, err);
	if (point < 0)
		return -1;
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, path, "cannot mount there");
	return 0;
}
