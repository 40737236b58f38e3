/* SPDX-License-Identifier: Apache-2.0 */
#include "mount.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "bind.h"
#include "dev.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "mask.h"
#include "newmount.h"
#include "overlay.h"
#include "plan.h"
#include "rootfs.h"

static int set_propagation(const struct mount_step *step, struct error *err)
{
	unsigned long flags = step->propagation | (step->recursive ? MS_REC : 0);

	if (step->propagation == 0)
		return 0;
	if (mount(NULL, step->target, NULL, flags, NULL) < 0)
		return error_set(err, "mount", errno, step->target, "cannot set the propagation of mounts");
	return 0;
}

static int check_proc(int result, const struct statfs *found, const struct mount_step *step, struct error *err)
{
	if (result < 0)
		return error_set(err, "statfs", errno, step->target, "cannot check the fresh proc");
	if (found->f_type != PROC_SUPER_MAGIC)
		return error_set(err, "", EPROTO, step->target, "is not a proc after mounting one");
	return 0;
}

/* Over the host's own, by mount(2): it works on every kernel. */
static int mount_proc_here(const struct mount_step *step, struct error *err)
{
	struct statfs found;

	if (mount("proc", step->target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return error_set(err, "mount", errno, step->target, "cannot mount a fresh proc");
	return check_proc(statfs(step->target, &found), &found, step, err);
}

static int mount_filesystem(const struct rootfs *root, const struct mount_step *step, const char *type, struct error *err)
{
	static const char *const none[] = {NULL};
	unsigned int attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	_cleanup_close_ int tree = -1;
	struct statvfs there;
	struct statfs found;

	/* Over the host's sysfs: what is read-only there (a container's) stays it, and in a user namespace the kernel insists. */
	if (!root->fresh && statvfs(step->target, &there) == 0 && (there.f_flag & ST_RDONLY) != 0)
		attributes |= MOUNT_ATTR_RDONLY;
	tree = newmount_make(type, none, attributes, err);
	if (tree < 0 || rootfs_attach(root, tree, step->target, true, err) < 0)
		return -1;
	return step->op == MOUNT_PROC ? check_proc(fstatfs(tree, &found), &found, step, err) : 0;
}

static int mount_proc(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	return root->fresh ? mount_filesystem(root, step, "proc", err) : mount_proc_here(step, err);
}

static int mount_tmpfs(struct rootfs *root, const struct mount_step *step, struct error *err)
{
	_cleanup_close_ int tree = rootfs_tmpfs(root, step, err);

	return tree < 0 ? -1 : rootfs_attach(root, tree, step->target, true, err);
}

static int run_step(struct rootfs *root, const struct plan *plan, size_t index, const int sources[], struct error *err)
{
	const struct mount_step *step = &plan->mounts[index];
	int source = sources[index];

	switch (step->op) {
	case MOUNT_PROPAGATION:
		return set_propagation(step, err);
	case MOUNT_PROC:
		return mount_proc(root, step, err);
	case MOUNT_ROOT:
		return rootfs_start(root, step, err);
	case MOUNT_ROOT_BIND:
		return bind_root(root, step, source, err);
	case MOUNT_LOWER:
	case MOUNT_UPPER:
		return 0; /* they wait for their overlay */
	case MOUNT_OVERLAY:
	case MOUNT_ROOT_OVERLAY:
		return overlay_make(root, plan, index, sources, err);
	case MOUNT_BIND:
		return bind_attach(root, step, source, err);
	case MOUNT_TMPFS:
		return mount_tmpfs(root, step, err);
	case MOUNT_WRITABLE:
		return rootfs_make_writable(root, step, err);
	case MOUNT_DEV:
		return dev_make(root, step, err);
	case MOUNT_SYSFS:
		return mount_filesystem(root, step, "sysfs", err);
	case MOUNT_MQUEUE:
		return mount_filesystem(root, step, "mqueue", err);
	case MOUNT_DIRECTORY:
		return rootfs_make_directory(root, step, err);
	case MOUNT_SYMLINK:
		return rootfs_make_symlink(root, step, err);
	case MOUNT_FILE:
		return rootfs_make_file(root, step, err);
	case MOUNT_MASK:
		return mask_hide(root, step, err);
	case MOUNT_READ_ONLY:
		return mask_read_only(root, step, err);
	case MOUNT_PIVOT:
		return stage_enter(STAGE_PIVOT, err) < 0 ? -1 : rootfs_pivot(root, step, err);
	}
	return error_set(err, "", EINVAL, "mounts", "a step that is none");
}

static int run_steps(struct launch *launch, struct error *err)
{
	const struct plan *plan = &launch->plan;
	struct rootfs root;
	int done = 0;

	if (!launch->sources_taken && bind_take_sources(launch, err) < 0)
		return -1;
	if (rootfs_begin(&root, err) < 0)
		return -1;
	root.lets_go_late = plan_lets_go_late(plan);
	for (size_t i = 0; i < plan->mount_count && done == 0; i++)
		done = run_step(&root, plan, i, launch->sources, err);
	rootfs_end(&root);
	return done;
}

int mount_run(struct launch *launch, struct error *err)
{
	/* Modes are the plan's, whatever the caller's umask takes away from new files. */
	mode_t before = umask(0);
	int done = run_steps(launch, err);

	bind_drop_sources(&launch->plan, launch->sources);
	(void)umask(before);
	return done;
}
