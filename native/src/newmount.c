/* SPDX-License-Identifier: Apache-2.0 */
#include "newmount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "sys.h"

int newmount_make(const char *type, const char *const options[], unsigned int attributes, struct error *err)
{
	_cleanup_close_ int context = fsopen(type, FSOPEN_CLOEXEC);
	int tree;

	if (context < 0)
		return error_set(err, "fsopen", errno, type, "cannot make a mount of type %s", type);
	for (size_t i = 0; options[i] != NULL; i += 2) {
		bool flag = options[i + 1] == NULL;

		if (fsconfig(context, flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, options[i], options[i + 1], 0) < 0)
			return error_set(err, "fsconfig", errno, type, "cannot make a mount of type %s with %s%s%s", type, options[i], flag ? "" : "=",
					 flag ? "" : options[i + 1]);
	}
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set(err, "fsconfig", errno, type, "cannot make a mount of type %s", type);
	tree = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (tree < 0)
		return error_set(err, "fsmount", errno, type, "cannot mount a fresh %s", type);
	return tree;
}

int newmount_tmpfs(const struct mount_step *step, struct error *err)
{
	char size[32], inodes[16], mode[16];
	/* No uid= and gid=: they must be mapped, and init's own are what is wanted. */
	const char *const options[] = {"size", size, "nr_inodes", inodes, "mode", mode, NULL};

	(void)snprintf(size, sizeof(size), "%lld", (long long)step->size);
	(void)snprintf(inodes, sizeof(inodes), "%u", step->inodes);
	(void)snprintf(mode, sizeof(mode), "%o", step->mode);
	return newmount_make("tmpfs", options,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u) |
				     (step->no_symfollow ? MOUNT_ATTR_NOSYMFOLLOW : 0u), err);
}

static const struct {
	uint64_t attribute;
	unsigned long shown, flag; /* in statvfs(3), for mount(2) */
} attributes_table[] = {
	{MOUNT_ATTR_RDONLY, ST_RDONLY, MS_RDONLY},
	{MOUNT_ATTR_NOSUID, ST_NOSUID, MS_NOSUID},
	{MOUNT_ATTR_NODEV, ST_NODEV, MS_NODEV},
	{MOUNT_ATTR_NOEXEC, ST_NOEXEC, MS_NOEXEC},
	{MOUNT_ATTR_NOSYMFOLLOW, ST_NOSYMFOLLOW, MS_NOSYMFOLLOW},
	{0, ST_NOATIME, MS_NOATIME},
	{0, ST_NODIRATIME, MS_NODIRATIME},
	{0, ST_RELATIME, MS_RELATIME},
};
#define TABLE_SIZE (sizeof(attributes_table) / sizeof(attributes_table[0]))

/* Set when the kernel lacks mount_setattr(2); inherited by the processes that attach what the supervisor cloned. */
static bool classic;

/* Repeats what is set, since mount(2) would clear it, or refuse to where it is locked (EPERM). */
static int restrict_classic(int tree, uint64_t attributes, const char *subject, struct error *err)
{
	char path[32];
	struct statvfs found;
	unsigned long flags = MS_REMOUNT | MS_BIND;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", tree);
	if (fstatvfs(tree, &found) < 0)
		return error_set(err, "fstatvfs", errno, subject, "cannot look at a mount");
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if ((attributes & attributes_table[i].attribute) != 0 || (found.f_flag & attributes_table[i].shown) != 0)
			flags |= attributes_table[i].flag;
	}
	if (mount(NULL, path, NULL, MS_PRIVATE, NULL) < 0 || mount(NULL, path, NULL, flags, NULL) < 0)
		return error_set(err, "mount", errno, subject, "cannot restrict a mount");
	return 0;
}

static int prove(int tree, uint64_t attributes, const char *subject, struct error *err)
{
	struct statvfs found;

	if (fstatvfs(tree, &found) < 0)
		return error_set(err, "fstatvfs", errno, subject, "cannot look at a mount");
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		if ((attributes & attributes_table[i].attribute) != 0 && (found.f_flag & attributes_table[i].shown) == 0)
			return error_set(err, "", EPROTO, subject, "lacks a restriction after it was set");
	}
	return 0;
}

int newmount_settle(int tree, uint64_t attributes, const char *subject, struct error *err)
{
	if (classic && restrict_classic(tree, attributes, subject, err) < 0)
		return -1;
	return prove(tree, attributes, subject, err);
}

int newmount_restrict(int tree, uint64_t attributes, const char *subject, struct error *err)
{
	struct mount_attr attr = {.attr_set = attributes};

	if (!classic && mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0) {
		if (errno != ENOSYS)
			return error_set(err, "mount_setattr", errno, subject, "cannot restrict a mount");
		classic = true;
	}
	return newmount_settle(tree, attributes, subject, err);
}

static int clone_tree(int from, const char *name, unsigned int flags, const char *subject, struct error *err)
{
	int tree = open_tree(from, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW |
			     (name[0] == '\0' ? AT_EMPTY_PATH : 0u) | flags);

	return tree < 0 ? error_set(err, "open_tree", errno, subject, "cannot take a copy of the mount") : tree;
}

static int copy(int from, const char *name, bool recursive, uint64_t attributes, const char *subject, struct error *err)
{
	struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
	_cleanup_close_ int tree = clone_tree(from, name, recursive && !classic ? AT_RECURSIVE : 0, subject, err);

	if (tree < 0 || classic)
		return fd_take(&tree);
	/* Private first of all: a copy of a shared mount is its peer, and what the job mounts below it would show on the host. */
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) == 0)
		return fd_take(&tree);
	if (errno != ENOSYS)
		return error_set(err, "mount_setattr", errno, subject, "cannot make the copy of a mount private and restrict it");
	classic = true;
	/* What is mounted below could be neither restricted nor made private: it stays out. */
	return recursive ? clone_tree(from, name, 0, subject, err) : fd_take(&tree);
}

int newmount_clone(int from, bool recursive, uint64_t attributes, const char *subject, struct error *err)
{
	return copy(from, "", recursive, attributes, subject, err);
}

int newmount_clone_at(int directory, const char *name, uint64_t attributes, const char *subject, struct error *err)
{
	return copy(directory, name, false, attributes, subject, err);
}
