/* SPDX-License-Identifier: Apache-2.0 */
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "error.h"
#include "fd.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"
#include "sys.h"

static uint64_t attributes_of(const struct mount_step *step)
{
	return (step->read_only ? MOUNT_ATTR_RDONLY : 0u) | (step->no_suid ? MOUNT_ATTR_NOSUID : 0u) |
	       (step->no_dev ? MOUNT_ATTR_NODEV : 0u) | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u);
}

static int take_source(const struct mount_step *step, struct error *err)
{
	/* Ordinary symlinks are the caller's business; magic ones would be about this process, /proc/self/fd/7 and the like. */
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	_cleanup_close_ int source = sys_openat2(AT_FDCWD, step->source, &how);

	if (source < 0)
		return error_set(err, "openat2", errno, step->source, "cannot open the source of a bind");
	return newmount_clone(source, step->recursive, attributes_of(step), step->source, err);
}

int bind_take_sources(const struct plan *plan, int sources[], struct error *err)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct mount_step *step = &plan->mounts[i];

		if (step->source == NULL)
			continue;
		sources[i] = take_source(step, err);
		if (sources[i] < 0 && !(step->optional && (err->errnum == ENOENT || err->errnum == ENOTDIR)))
			return -1;
	}
	return 0;
}

void bind_drop_sources(const struct plan *plan, int sources[])
{
	for (size_t i = 0; i < plan->mount_count; i++)
		fd_close(&sources[i]);
}

int bind_root(struct rootfs *root, const struct mount_step *step, int source, struct error *err)
{
	if (rootfs_start_bind(root, source, err) < 0)
		return -1;
	return newmount_settle(source, attributes_of(step), "/", err);
}

int bind_attach(const struct rootfs *root, const struct mount_step *step, int source, struct error *err)
{
	struct stat status;

	if (source < 0)
		return 0; /* optional, and not there */
	if (fstat(source, &status) < 0)
		return error_set(err, "fstat", errno, step->source, "cannot look at the source of a bind");
	if (rootfs_attach(root, source, step->target, S_ISDIR(status.st_mode), err) < 0)
		return -1;
	return newmount_settle(source, attributes_of(step), step->target, err);
}
