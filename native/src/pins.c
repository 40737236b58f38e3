/* SPDX-License-Identifier: Apache-2.0 */
#include "pins.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "launch.h"
#include "newmount.h"
#include "plan.h"

static const char *name_of(const struct plan_pin *pin)
{
	return strrchr(pin->path, '/') + 1;
}

/* Held until the pin is complete: what is taken back must be what was made, whoever may rename the directories above it. */
static int open_directory(struct plan_pin *pin, struct error *err)
{
	char parent[LIMIT_PATH];

	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(name_of(pin) - pin->path), pin->path);
	pin->directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return pin->directory >= 0 ? 0 : error_set(err, "open", errno, parent, "cannot open the directory to pin a namespace in");
}

/* A new file, or an empty one that pins nothing yet: nothing of anybody's disappears below the mount. Mode 0 as iproute2 has it. */
static int open_place(struct plan_pin *pin, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct stat status;
	struct statfs filesystem;

	if (open_directory(pin, err) < 0)
		return -1;
	fd = openat(pin->directory, name_of(pin), O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	pin->made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = openat(pin->directory, name_of(pin), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "open", errno, pin->path, "cannot make the file to pin a namespace to");
	if (fstat(fd, &status) < 0 || fstatfs(fd, &filesystem) < 0)
		return error_set(err, "fstat", errno, pin->path, "cannot look at the file to pin a namespace to");
	if (filesystem.f_type == NSFS_MAGIC) {
		(void)error_set(err, "", EEXIST, pin->path, "a namespace is pinned there already");
		error_hint(err, "nsjob ns rm %s lets go of it", pin->path);
		return -1;
	}
	if (!S_ISREG(status.st_mode) || status.st_size != 0)
		return error_set(err, "", EEXIST, pin->path, "is there, and no empty file: it would be hidden");
	return fd_take(&fd);
}

static int attach(int tree, int place, struct plan_pin *pin, struct error *err)
{
	int failure;

	if (move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0) {
		pin->mounted = true;
		return 0;
	}
	failure = errno;
	(void)error_set(err, "move_mount", failure, pin->path, "cannot pin the %s namespace", ns_table[pin->kind].name);
	/* A mount that others get copies of would put it into itself, mount_namespaces(7); unshare(1) asks for the same. */
	if (failure == EINVAL && pin->kind == NS_MNT)
		error_hint(err, "a mount namespace is pinned on a private mount only: mount --bind DIR DIR && mount --make-private DIR, and "
				"pin it in DIR");
	return -1;
}

/* Of the process itself, but what only its children move into: in place, it stays where it was. */
static const char *source_of(const struct plan *plan, enum ns_kind kind)
{
	if (!plan->in_place.wanted || plan->in_place.fork)
		return ns_table[kind].proc;
	return ns_table[kind].child_only ? ns_table[kind].proc_for_children : ns_table[kind].proc;
}

static int make(const struct plan *plan, int process_dir, struct plan_pin *pin, struct error *err)
{
	_cleanup_close_ int namespace = openat(process_dir, source_of(plan, pin->kind), O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int place = -1;
	_cleanup_close_ int tree = -1;
	struct stat wanted, found;

	if (namespace < 0) {
		(void)error_set(err, "open", errno, ns_table[pin->kind].name, "cannot open the namespace to pin");
		if (err->errnum == ENOENT && pin->kind == NS_PID)
			error_hint(err, "before its first process a pid namespace has nothing to pin: --fork makes one");
		return -1;
	}
	place = open_place(pin, err);
	if (place < 0)
		return -1;
	tree = newmount_clone(namespace, false, 0, pin->path, err);
	if (tree < 0) {
		if (err->errnum == EPERM)
			error_hint(err, "only who may mount here can pin a namespace: root, or root of this mount namespace");
		return -1;
	}
	if (attach(tree, place, pin, err) < 0)
		return -1;
	/* By its name, as others will open it. */
	if (fstat(namespace, &wanted) < 0 || stat(pin->path, &found) < 0)
		return error_set(err, "stat", errno, pin->path, "cannot read the pin back");
	if (wanted.st_ino != found.st_ino || wanted.st_dev != found.st_dev)
		return error_set(err, "", EPROTO, pin->path, "shows another namespace than the one pinned");
	return 0;
}

static int make_all(const struct plan *plan, int process_dir, bool inside, struct error *err)
{
	for (size_t i = 0; i < plan->pin_count; i++) {
		if (plan->pins[i].inside == inside && make(plan, process_dir, &plan->pins[i], err) < 0) {
			pins_undo(plan);
			return -1;
		}
	}
	return 0;
}

int pins_make(const struct launch *launch, struct error *err)
{
	return make_all(&launch->plan, launch->job_dir, false, err);
}

int pins_make_inside(const struct launch *launch, struct error *err)
{
	/* The caller's /proc, as the job may have none. */
	_cleanup_close_ int self = openat(launch->proc_dir, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return error_set(err, "open", errno, "/proc/self", "cannot reach our own namespaces");
	return make_all(&launch->plan, self, true, err);
}

static void forget(struct plan_pin *pin)
{
	if (pin->marker != NULL)
		(void)unlink(pin->marker);
	pin->marker = NULL;
	fd_close(&pin->directory);
	pin->made = pin->mounted = false;
}

static void take_back(struct plan_pin *pin)
{
	/* There is no umountat(2); whoever takes back goes nowhere else any more. */
	if (pin->mounted && fchdir(pin->directory) == 0)
		(void)umount2(name_of(pin), MNT_DETACH | UMOUNT_NOFOLLOW);
	if (pin->made)
		(void)unlinkat(pin->directory, name_of(pin), 0);
	forget(pin);
}

void pins_commit(const struct plan *plan)
{
	for (size_t i = 0; i < plan->pin_count; i++)
		forget(&plan->pins[i]);
}

void pins_undo(const struct plan *plan)
{
	for (size_t i = 0; i < plan->pin_count; i++)
		take_back(&plan->pins[i]);
}

void pins_end_inside(const struct plan *plan, bool undo)
{
	for (size_t i = 0; i < plan->pin_count; i++) {
		if (!plan->pins[i].inside)
			continue;
		if (undo)
			take_back(&plan->pins[i]);
		else
			forget(&plan->pins[i]);
	}
}
