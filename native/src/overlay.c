/* SPDX-License-Identifier: Apache-2.0 */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "creds.h"
#include "error.h"
#include "fd.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"
#include "sys.h"

#define FD_PATH_LENGTH 32
/* What the kernel shows for an id without a mapping, unless root of the machine changed it. */
#define OVERFLOW_ID 65534u
#define ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
/* fsconfig(2) takes no longer value. */
#define VALUE_LENGTH 256

/* Where the layers are attached while the overlay is made, as it takes attached ones only; and where a throw-away upper lives. */
struct layers {
	int fd;
	int upper, work;
	char paths[LIMIT_MOUNTS + 2][FD_PATH_LENGTH];
	size_t path_count;
	const char *options[2 * (LIMIT_MOUNTS + 4)];
	size_t option_count;
};

/* By descriptor: no text to escape ("," and ":" mean something to overlayfs), and nothing to swap on the way. */
static const char *fd_path(struct layers *layers, int fd)
{
	char *path = layers->paths[layers->path_count++];

	(void)snprintf(path, FD_PATH_LENGTH, "/proc/self/fd/%d", fd);
	return path;
}

static void add_option(struct layers *layers, const char *name, const char *value)
{
	layers->options[layers->option_count++] = name;
	layers->options[layers->option_count++] = value;
}

static int open_stage(struct layers *layers, const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	/* A directory for each layer; what is thrown away counts as the step says. */
	const struct mount_step size = {
		.size = step->size > 0 ? step->size : 65536, .inodes = step->inodes + LIMIT_MOUNTS + 8, .mode = 0700};

	layers->fd = newmount_tmpfs(&size, err);
	if (layers->fd < 0)
		return -1;
	if (move_mount(layers->fd, "", root->fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, "overlay", "cannot attach the layers of an overlay");
	return 0;
}

static int add_layer(struct layers *layers, size_t number, int tree, const struct mount_step *step, struct error *err)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "%zu", number);
	if (mkdirat(layers->fd, name, 0700) < 0)
		return error_set(err, "mkdirat", errno, step->source, "cannot make a directory for a layer");
	if (move_mount(tree, "", layers->fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, step->source, "cannot attach a layer of an overlay");
	return newmount_settle(tree, step->read_only ? MOUNT_ATTR_RDONLY : 0, step->source, err);
}

static int open_directory(int parent, const char *name, mode_t mode, struct error *err)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	int fd;

	if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
		return error_set(err, "mkdirat", errno, name, "cannot make a directory of an overlay's upper layer");
	fd = sys_openat2(parent, name, &how);
	return fd < 0 ? error_set(err, "openat2", errno, name, "cannot open a directory of an overlay's upper layer") : fd;
}

/* `top` is the uppermost lower layer: its root's owner and mode are those of the whole, unless an upper has its own already. */
static int open_upper(struct layers *layers, int parent, int top, struct error *err)
{
	struct stat status;

	if (fstat(top, &status) < 0)
		return error_set(err, "fstat", errno, "overlay", "cannot look at a layer");
	layers->work = open_directory(parent, "work", 0700, err);
	if (layers->work < 0)
		return -1;
	layers->upper = open_directory(parent, "upper", status.st_mode & 01777, err);
	if (layers->upper < 0)
		return -1;
	/* An owner who is nobody here, or not mapped: then it is ours, as the rest of what is written. */
	if (status.st_uid == OVERFLOW_ID || status.st_gid == OVERFLOW_ID)
		return 0;
	if (fchownat(layers->upper, "", status.st_uid, status.st_gid, AT_EMPTY_PATH) < 0 && errno != EPERM && errno != EINVAL)
		return error_set(err, "fchownat", errno, "overlay", "cannot give away the upper layer's root");
	return 0;
}

/*
 * Overlayfs does what it does to its upper layer as whoever made it, so that must be somebody who has an id on that disk: of
 * a mount with mapped ids perhaps one only, that of its owner.
 */
static int act_as_owner(int tree, struct error *err)
{
	struct stat status;

	if (fstat(tree, &status) < 0)
		return error_set(err, "fstat", errno, "overlay", "cannot look at a layer");
	if (status.st_uid == OVERFLOW_ID || status.st_gid == OVERFLOW_ID)
		return 0;
	return creds_act_as(status.st_uid, status.st_gid, err);
}

static void add_lowers(struct layers *layers, const int sources[], size_t first, size_t last, char joined[VALUE_LENGTH])
{
	size_t length = 0;

	for (size_t i = first; i <= last; i++) {
		const char *path = fd_path(layers, sources[i]);

		if (length + strlen(path) + 2 < VALUE_LENGTH)
			length += (size_t)snprintf(joined + length, VALUE_LENGTH - length, "%s%s", length > 0 ? ":" : "", path);
		else
			length = VALUE_LENGTH;
	}
	if (length < VALUE_LENGTH) {
		add_option(layers, "lowerdir", joined);
		return;
	}
	/* Since Linux 6.5: one after the other, as many as there are. */
	for (size_t i = 0; i <= last - first; i++)
		add_option(layers, "lowerdir+", layers->paths[i]);
}

static int build(struct layers *layers, const struct plan *plan, size_t first, size_t index, const int sources[], struct error *err)
{
	bool kept = plan->mounts[index - 1].op == MOUNT_UPPER;
	size_t last = index - (kept ? 2 : 1);
	char joined[VALUE_LENGTH];

	for (size_t i = first; i < index; i++) {
		if (add_layer(layers, i, sources[i], &plan->mounts[i], err) < 0)
			return -1;
	}
	if (kept && act_as_owner(sources[index - 1], err) < 0)
		return -1;
	if (open_upper(layers, kept ? sources[index - 1] : layers->fd, sources[first], err) < 0)
		return -1;
	add_lowers(layers, sources, first, last, joined);
	add_option(layers, "upperdir", fd_path(layers, layers->upper));
	add_option(layers, "workdir", fd_path(layers, layers->work));
	/* The trusted attributes are for the host's root only; and with these, redirects and metadata copies are off. */
	add_option(layers, "userxattr", NULL);
	return newmount_make("overlay", layers->options, ATTRIBUTES, err);
}

static int put(struct rootfs *root, const struct mount_step *step, int tree, struct error *err)
{
	if (rootfs_own(root, tree, err) < 0)
		return -1;
	root->layered = step->op == MOUNT_ROOT_OVERLAY || root->layered;
	if (step->op == MOUNT_ROOT_OVERLAY)
		return rootfs_start_bind(root, tree, err);
	return rootfs_attach(root, tree, step->target, true, err);
}

int overlay_make(struct rootfs *root, const struct plan *plan, size_t index, const int sources[], struct error *err)
{
	struct layers layers = {.fd = -1, .upper = -1, .work = -1};
	_cleanup_close_ int tree = -1;
	size_t first = index;
	int result = 0;

	while (first > 0 && (plan->mounts[first - 1].op == MOUNT_LOWER || plan->mounts[first - 1].op == MOUNT_UPPER))
		first--;
	if (open_stage(&layers, root, &plan->mounts[index], err) == 0)
		tree = build(&layers, plan, first, index, sources, err);
	if (tree >= 0 && creds_act_as(geteuid(), getegid(), err) < 0)
		result = -1;
	/* The overlay has copies of its own of all of them. */
	if (tree >= 0 && umount2(fd_path(&layers, layers.fd), MNT_DETACH) < 0)
		result = error_set(err, "umount2", errno, "overlay", "cannot let go of the layers of an overlay");
	fd_close(&layers.fd);
	fd_close(&layers.upper);
	fd_close(&layers.work);
	if (tree < 0 || result < 0 || put(root, &plan->mounts[index], tree, err) < 0)
		return -1;
	return newmount_settle(tree, ATTRIBUTES, "overlay", err);
}
