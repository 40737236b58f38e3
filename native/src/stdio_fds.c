/* SPDX-License-Identifier: Apache-2.0 */
#include "stdio_fds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "launch.h"

/* An open directory is a way out of any root: /proc/self/fd/0/.. (as runc's CVE-2024-21626, nsjail's issue 268). */
int stdio_check(const int fds[3], struct error *err)
{
	if (stage_enter(STAGE_STDIO, err) < 0)
		return -1;
	for (int i = 0; i <= 2; i++) {
		struct stat status;

		if (fstat(fds[i], &status) < 0)
			return error_set(err, "fstat", errno, "", "cannot look at standard descriptor %d", i);
		if (S_ISDIR(status.st_mode))
			return error_set(err, "", EISDIR, "", "standard descriptor %d is a directory, a way out of the job's own root", i);
		if (S_ISBLK(status.st_mode))
			return error_set(err, "", EINVAL, "", "standard descriptor %d is a disk, which is all of its files", i);
	}
	return 0;
}

/* What an id is outside of the job's user namespace, by the map that the kernel shows of init there: 1, 0 when it is not mapped, or -1. */
static int outside_of_joined(int init_dir, const char *file, uint32_t *id, struct error *err)
{
	struct id_map map = {0};
	bool mapped;

	if (idmap_read(init_dir, file, &map, err) < 0)
		return -1;
	mapped = idmap_outside(&map, *id, id);
	free(map.ranges);
	return mapped;
}

/* The job's ids as they are outside of its user namespace: 1, 0 when they are not mapped, or -1. */
static int ids_outside(const struct launch *launch, uint32_t *ret_uid, uint32_t *ret_gid, struct error *err)
{
	const struct plan *plan = &launch->plan;
	_cleanup_close_ int init_dir = -1;
	int mapped;

	*ret_uid = plan->process.uid;
	*ret_gid = plan->process.gid;
	if (plan->has_maps) {
		mapped = idmap_outside(&plan->uids, *ret_uid, ret_uid) && idmap_outside(&plan->gids, *ret_gid, ret_gid);
		*ret_uid += launch->lock.base;
		*ret_gid += launch->lock.base;
		return mapped;
	}
	if (launch->joined[NS_USER] < 0)
		return 1;
	init_dir = proc_open(launch->init_pid, launch->init_pidfd, err);
	if (init_dir < 0)
		return -1;
	mapped = outside_of_joined(init_dir, "uid_map", ret_uid, err);
	return mapped == 1 ? outside_of_joined(init_dir, "gid_map", ret_gid, err) : mapped;
}

/* A pipe made by a root caller is root's; reopening /dev/stdout inside needs the file's permission, not the descriptor. */
int stdio_give(const struct launch *launch, const int fds[3], const bool owned[3], struct error *err)
{
	const struct plan *plan = &launch->plan;
	uint32_t uid, gid;
	int mapped;

	if (geteuid() != 0 || !plan->process.has_uid || !plan->process.has_gid || !(owned[0] || owned[1] || owned[2]))
		return 0;
	if (stage_enter(STAGE_STDIO, err) < 0)
		return -1;
	mapped = ids_outside(launch, &uid, &gid, err);
	if (mapped <= 0)
		return mapped; /* not mapped: switching to it will fail and say so */
	for (int i = 0; i <= 2; i++) {
		struct stat status;

		if (!owned[i])
			continue;
		/* Only ever a pipe: a plan cannot make us give away a file. */
		if (fstat(fds[i], &status) < 0 || !S_ISFIFO(status.st_mode))
			return error_set(err, "fstat", errno, "", "standard descriptor %d is not a pipe of ours", i);
		if (fchown(fds[i], uid, gid) < 0)
			return error_set(err, "fchown", errno, "", "cannot give standard descriptor %d to the job", i);
	}
	return 0;
}

/* The job alone holds its streams from now on: its reader must see the end when the job closes them, not when we do. */
int stdio_let_go(const struct launch *launch, struct error *err)
{
	/* In place we end as soon as the job runs, and may have to write to the caller's terminal why it does not. */
	if (launch->plan.in_place.wanted)
		return 0;
	/* With a terminal the first two are ours, to relay. */
	for (int fd = launch->plan.process.terminal ? 2 : 0; fd <= 2; fd++) {
		if (dup2(launch->null_fd, fd) < 0)
			return error_set(err, "dup2", errno, "/dev/null", "cannot let go of the job's standard streams");
	}
	return 0;
}
