/* SPDX-License-Identifier: Apache-2.0 */
#include "mapmount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "plan.h"
#include "proc.h"
#include "sys.h"

/* It has a copy of every descriptor of ours, so it must not outlive us. */
static _Noreturn void carry(pid_t supervisor)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != supervisor)
		_exit(1);
	for (;;)
		(void)pause();
}

static int open_mapped(pid_t child, int pidfd, const struct disk_map *map, uint32_t base, struct error *err)
{
	/* A copy: the ranges are not written to, but are not constant in a plan. */
	struct id_range uids = map->uids, gids = map->gids;
	const struct plan carrier = {.uids = {&uids, 1}, .gids = {&gids, 1}};
	_cleanup_close_ int directory = proc_open(child, pidfd, err);
	int fd;

	if (directory < 0 || idmap_write(&carrier, base, child, directory, err) < 0)
		return -1;
	fd = openat(directory, "ns/user", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? error_set(err, "openat", errno, "ns/user", "cannot open the user namespace of an id map") : fd;
}

/* The job's own user namespace does not exist yet, and maps what is inside, not what is on disk. */
static int make_space(const struct disk_map *map, uint32_t base, struct error *err)
{
	_cleanup_close_ int pidfd = -1;
	pid_t self = getpid();
	pid_t child = clone_process(CLONE_NEWUSER, &pidfd);
	int fd;

	if (child < 0)
		return error_set(err, clone_call(), errno, "user", "cannot create a user namespace for an id map");
	if (child == 0)
		carry(self);
	fd = open_mapped(child, pidfd, map, base, err);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	return fd;
}

static bool same_range(const struct id_range *one, const struct id_range *other)
{
	return one->inside == other->inside && one->outside == other->outside && one->count == other->count;
}

static bool becomes(const struct id_range *range, uint32_t base, uint32_t disk, uint32_t shown)
{
	if (disk < range->inside || disk - range->inside >= range->count)
		return true; /* nobody's, and shown as such */
	return shown == range->outside + base + (disk - range->inside);
}

static int prove(const struct disk_map *map, uint32_t base, int tree, int source, const char *subject, struct error *err)
{
	struct stat disk, shown;

	if (fstat(source, &disk) < 0 || fstat(tree, &shown) < 0)
		return error_set(err, "fstat", errno, subject, "cannot look at an id-mapped mount");
	if (!becomes(&map->uids, base, disk.st_uid, shown.st_uid) || !becomes(&map->gids, base, disk.st_gid, shown.st_gid))
		return error_set(err, "", EPROTO, subject, "has another owner than its id map says");
	return 0;
}

int mapmount_apply(struct map_space *space, const struct disk_map *map, uint32_t base, int tree, int source, const char *subject,
		   struct error *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};

	if (space->fd >= 0 && (!same_range(&space->map->uids, &map->uids) || !same_range(&space->map->gids, &map->gids)))
		fd_close(&space->fd);
	if (space->fd < 0)
		space->fd = make_space(map, base, err);
	if (space->fd < 0)
		return -1;
	space->map = map;
	attr.userns_fd = (unsigned int)space->fd;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return error_set(err, "mount_setattr", errno, subject, "cannot map the ids of a mount");
	return prove(map, base, tree, source, subject, err);
}
