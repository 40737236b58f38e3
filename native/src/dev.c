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

#define NODES (sizeof(nodes) / sizeof(nodes[0]))

static const char *const links[][2] = {
	{"fd", "/proc/self/fd"},	   {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

/* By number, never by name alone: /dev/null may be a file somebody left there, or a symlink (CVE-2025-31133). */
static int bind_node(int directory, size_t index, int *ret_tree, struct error *err)
{
	char path[32];
	struct stat status;

	(void)snprintf(path, sizeof(path), "/dev/%s", nodes[index].name);
	*ret_tree = newmount_clone_at(AT_FDCWD, path, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, path, err);
	if (*ret_tree < 0)
		return nodes[index].optional && err->errnum == ENOENT ? 0 : -1;
	if (fstat(*ret_tree, &status) < 0)
		return error_set(err, "fstat", errno, path, "cannot look at the host's device");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(nodes[index].major, nodes[index].minor))
		return error_set(err, "", ENODEV, path, "is not the device of that name");
	if (mknodat(directory, nodes[index].name, S_IFREG | 0444, 0) < 0)
		return error_set(err, "mknodat", errno, path, "cannot create a file to mount a device on");
	if (rootfs_attach_new(*ret_tree, directory, nodes[index].name, path, err) < 0)
		return -1;
	return newmount_settle(*ret_tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, path, err);
}

static int bind_nodes(int directory, struct error *err)
{
	int trees[NODES];
	size_t count = 0;
	int result = 0;

	for (; count < NODES && result == 0; count++)
		result = bind_node(directory, count, &trees[count], err);
	fd_close_many(trees, count);
	return result;
}

static int attach_below(int directory, const char *name, int tree, struct error *err)
{
	if (mkdirat(directory, name, 0755) < 0)
		return error_set(err, "mkdirat", errno, name, "cannot create a directory in /dev");
	return rootfs_attach_new(tree, directory, name, name, err);
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
	_cleanup_close_ int tree = -1;

	if (mkdirat(directory, "shm", 01777) < 0)
		return error_set(err, "mkdirat", errno, "shm", "cannot create a directory in /dev");
	tree = newmount_clone_at(directory, "shm", attributes, "shm", err);
	if (tree < 0 || rootfs_attach_new(tree, directory, "shm", "shm", err) < 0)
		return -1;
	/* Files to hide things behind are made there: the rest of /dev will be read-only. */
	return newmount_settle(tree, attributes, "shm", err) < 0 ? -1 : rootfs_adopt(root, tree, err);
}

int dev_make(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	/* Beside shm, and behind a read-only mount: nodes, links, directories and nothing else. */
	struct mount_step own = {.size = step->size < INT64_MAX - OWN_SIZE ? step->size + OWN_SIZE : step->size,
				  .inodes = step->inodes + OWN_INODES, .mode = 0755, .no_exec = true};
	_cleanup_close_ int tree = newmount_tmpfs(&own, err);

	if (tree < 0 || rootfs_attach(root, tree, step->target, true, err) < 0 || bind_nodes(tree, err) < 0)
		return -1;
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
