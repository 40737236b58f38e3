/* SPDX-License-Identifier: Apache-2.0 */
#include "dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"

#define OWN_SIZE 65536
#define OWN_INODES 64

/* devices.txt of the kernel: numbers that will not change. */
static const struct {
	const char *name;
	unsigned int major, minor;
	bool optional;
} nodes[] = {
	{"null", 1, 3, false}, {"zero", 1, 5, false},	 {"full", 1, 7, false},
	{"random", 1, 8, false}, {"urandom", 1, 9, false}, {"tty", 5, 0, true}, /* containers lack it at times */
};

static const char *const links[][2] = {
	{"fd", "/proc/self/fd"},	   {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

/* By number, never by name alone: /dev/null may be a file somebody left there, or a symlink (CVE-2025-31133). */
static int bind_node(int directory, size_t index, struct error *err)
{
	char path[32];
	struct stat status;
	_cleanup_close_ int source = -1;
	_cleanup_close_ int tree = -1;
	_cleanup_close_ int point = -1;

	(void)snprintf(path, sizeof(path), "/dev/%s", nodes[index].name);
	source = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (source < 0 && nodes[index].optional && errno == ENOENT)
		return 0;
	if (source < 0 || fstat(source, &status) < 0)
		return error_set(err, "open", errno, path, "cannot open the host's device");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(nodes[index].major, nodes[index].minor))
		return error_set(err, "", ENODEV, path, "is not the device of that name");
	tree = newmount_clone(source, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, path, err);
	if (tree < 0)
		return -1;
	point = openat(directory, nodes[index].name, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
	if (point < 0)
		return error_set(err, "openat", errno, path, "cannot create a file to mount a device on");
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, path, "cannot mount a device");
	return newmount_settle(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, path, err);
}

static int attach_below(int directory, const char *name, int tree, struct error *err)
{
	if (mkdirat(directory, name, 0755) < 0)
		return error_set(err, "mkdirat", errno, name, "cannot create a directory in /dev");
	if (move_mount(tree, "", directory, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, name, "cannot mount in /dev");
	return 0;
}

static int make_pts(int directory, struct error *err)
{
	/*
	 * Every mount of devpts is an instance of its own (Linux 4.7). No gid=5: it must be mapped, and grantpt(3) does without.
	 * The machine has 4,096 terminals for all instances but the first together: no job may have them all.
	 */
	static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", "max", "64", NULL};
	_cleanup_close_ int tree = newmount_make("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);

	return tree < 0 ? -1 : attach_below(directory, "pts", tree, err);
}

/* A mount of its own, that stays writable, of a part of the same filesystem. */
static int make_shm(struct rootfs *root, int directory, struct error *err)
{
	const uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	_cleanup_close_ int point = -1;
	_cleanup_close_ int tree = -1;

	if (mkdirat(directory, "shm", 01777) < 0)
		return error_set(err, "mkdirat", errno, "shm", "cannot create a directory in /dev");
	point = openat(directory, "shm", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (point < 0)
		return error_set(err, "openat", errno, "shm", "cannot open a directory in /dev");
	tree = newmount_clone(point, false, attributes, "shm", err);
	if (tree < 0)
		return -1;
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, "shm", "cannot mount in /dev");
	/* Files to hide things behind are made there: the rest of /dev will be read-only. */
	return newmount_settle(tree, attributes, "shm", err) < 0 ? -1 : rootfs_adopt(root, tree, err);
}

int dev_make(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	/* Beside shm, and behind a read-only mount: nodes, links, directories and nothing else. */
	struct mount_step own = {.size = step->size < INT64_MAX - OWN_SIZE ? step->size + OWN_SIZE : step->size,
				  .inodes = step->inodes + OWN_INODES, .mode = 0755, .no_exec = true};
	_cleanup_close_ int tree = newmount_tmpfs(&own, err);

	if (tree < 0 || rootfs_attach(root, tree, step->target, true, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if (bind_node(tree, i, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (symlinkat(links[i][1], tree, links[i][0]) < 0)
			return error_set(err, "symlinkat", errno, links[i][0], "cannot create a symlink in /dev");
	}
	/* For an mqueue step; nothing can be created here later. */
	if (mkdirat(tree, "mqueue", 0755) < 0)
		return error_set(err, "mkdirat", errno, "mqueue", "cannot create a directory in /dev");
	if (make_pts(tree, err) < 0 || make_shm(root, tree, err) < 0)
		return -1;
	/* With a map of one id this tmpfs belongs to the job. Devices can be written to on a read-only mount. */
	return newmount_restrict(tree, MOUNT_ATTR_RDONLY, step->target, err);
}
