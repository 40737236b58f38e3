/* SPDX-License-Identifier: Apache-2.0 */
#include "newmount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "sys.h"

int newmount_make(const char *type, const char *const options[], unsigned int attributes, struct error *err)
{
	_cleanup_close_ int context = fsopen(type, FSOPEN_CLOEXEC);
	int tree;

	if (context < 0)
		return error_set(err, "fsopen", errno, type, "cannot make a %s", type);
	for (size_t i = 0; options[i] != NULL; i += 2) {
		if (fsconfig(context, FSCONFIG_SET_STRING, options[i], options[i + 1], 0) < 0)
			return error_set(err, "fsconfig", errno, type, "cannot make a %s with %s=%s", type, options[i],
					 options[i + 1]);
	}
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set(err, "fsconfig", errno, type, "cannot make a %s", type);
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
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u), err);
}

int newmount_restrict(int tree, uint64_t attributes, bool recursive, const char *subject, struct error *err)
{
	struct mount_attr attr = {.attr_set = attributes};

	if (mount_setattr(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u), &attr, sizeof(attr)) < 0)
		return error_set(err, "mount_setattr", errno, subject, "cannot restrict a mount");
	return 0;
}

int newmount_clone(int from, bool recursive, uint64_t attributes, const char *subject, struct error *err)
{
	struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
	_cleanup_close_ int tree =
		open_tree(from, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u));

	if (tree < 0)
		return error_set(err, "open_tree", errno, subject, "cannot take a copy of the mount");
	/* Private first of all: a copy of a shared mount is its peer, and what the job mounts below it would show on the host. */
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return error_set(err, "mount_setattr", errno, subject, "cannot make the copy of a mount private and restrict it");
	return fd_take(&tree);
}
