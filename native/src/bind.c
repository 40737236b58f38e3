/* SPDX-License-Identifier: Apache-2.0 */
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "error.h"
#include "fd.h"
#include "launch.h"
#include "mapmount.h"
#include "newmount.h"
#include "plan.h"
#include "plan_memory.h"
#include "rootfs.h"
#include "sys.h"

/* Of a source that is replaced again and again: it takes no more than some 20 us from a look at it to the mount. */
#define REPLACED_TRIES 5

static uint64_t attributes_of(const struct mount_step *step)
{
	return (step->read_only ? MOUNT_ATTR_RDONLY : 0u) | (step->no_suid ? MOUNT_ATTR_NOSUID : 0u) |
	       (step->no_dev ? MOUNT_ATTR_NODEV : 0u) | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u) |
	       (step->no_symfollow ? MOUNT_ATTR_NOSYMFOLLOW : 0u);
}

/* Where it cannot be done and need not be, the mount keeps the ids of the disk, and the report says so. */
static int map_ids(struct launch *launch, struct map_space *space, size_t index, int tree, int source, struct error *err)
{
	const struct mount_step *step = &launch->plan.mounts[index];

	if (step->map == NULL || mapmount_apply(space, step->map, launch->lock.base, tree, source, step->source, err) == 0)
		return 0;
	if (step->map->required)
		return -1;
	launch->unmapped[index] = true;
	return 0;
}

static int take_source(struct launch *launch, struct map_space *space, size_t index, struct error *err)
{
	const struct mount_step *step = &launch->plan.mounts[index];
	/* Ordinary symlinks are the caller's business; magic ones would be about this process, /proc/self/fd/7 and the like. */
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	_cleanup_close_ int source = sys_openat2(AT_FDCWD, step->source, &how);
	_cleanup_close_ int tree = -1;

	if (source < 0)
		return error_set(err, "openat2", errno, step->source, "cannot open the source of a bind");
	tree = newmount_clone(source, step->recursive, attributes_of(step), step->source, err);
	if (tree < 0 || map_ids(launch, space, index, tree, source, err) < 0)
		return -1;
	return fd_take(&tree);
}

int bind_take_sources(struct launch *launch, struct error *err)
{
	struct map_space space = {.fd = -1};
	int result = 0;

	for (size_t i = 0; i < launch->plan.mount_count && result == 0; i++) {
		const struct mount_step *step = &launch->plan.mounts[i];

		if (step->source == NULL)
			continue;
		launch->sources[i] = take_source(launch, &space, i, err);
		if (launch->sources[i] < 0 && !(step->optional && (err->errnum == ENOENT || err->errnum == ENOTDIR)))
			result = -1;
	}
	fd_close(&space.fd);
	return result;
}

int bind_give_up_maps(struct launch *launch, struct error *err)
{
	for (size_t i = 0; i < launch->plan.mount_count; i++) {
		struct mount_step *step = &launch->plan.mounts[i];

		if (step->map == NULL)
			continue;
		if (step->map->required)
			return error_set(err, "mount_setattr", EPERM, step->source, "cannot map the ids of a mount");
		launch->unmapped[i] = true;
		plan_free(step->map);
		step->map = NULL;
	}
	return 0;
}

void bind_drop_sources(const struct plan *plan, int sources[])
{
	fd_close_many(sources, plan->mount_count);
}

int bind_root(struct rootfs *root, const struct mount_step *step, int source, struct error *err)
{
	if (rootfs_start_bind(root, source, err) < 0)
		return -1;
	return newmount_settle(source, attributes_of(step), "/", err);
}

/*
 * The kernel attaches nothing whose name is gone, as that of a file which was replaced since its source was taken, /etc/ld.so.cache
 * perhaps: by its name there is another one. Symlinks are not walked, as ".." at the top would lead into the new root, and
 * the rights are init's: what a root caller alone can reach stays as it was.
 */
static int attach_again(const struct rootfs *root, const struct mount_step *step, bool directory, struct error *err)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	_cleanup_close_ int source = sys_openat2(AT_FDCWD, step->source, &how);
	_cleanup_close_ int tree = -1;

	if (source < 0)
		return error_set(err, "openat2", errno, step->source, "cannot open the source of a bind");
	tree = newmount_clone(source, step->recursive, attributes_of(step), step->source, err);
	if (tree < 0 || rootfs_attach(root, tree, step->target, directory, err) < 0)
		return -1;
	return newmount_settle(tree, attributes_of(step), step->target, err);
}

int bind_attach(const struct rootfs *root, const struct mount_step *step, int source, struct error *err)
{
	struct stat status;

	if (source < 0)
		return 0; /* optional, and not there */
	if (fstat(source, &status) < 0)
		return error_set(err, "fstat", errno, step->source, "cannot look at the source of a bind");
	if (rootfs_attach(root, source, step->target, S_ISDIR(status.st_mode), err) == 0)
		return newmount_settle(source, attributes_of(step), step->target, err);
	/* In the host's own tree the name may be that of an earlier step's by now. */
	for (int tries = 0; tries < REPLACED_TRIES && err->errnum == ENOENT && root->fresh && step->map == NULL; tries++) {
		if (attach_again(root, step, S_ISDIR(status.st_mode), error_scratch()) == 0)
			return 0;
	}
	return -1;
}
