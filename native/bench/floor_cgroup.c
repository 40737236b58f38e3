/* SPDX-License-Identifier: Apache-2.0 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

/* The plan's own, which no job has: it was only compiled. One for each process that launches at once. */
static void name_of(const struct floor *floor, size_t index, int worker, char path[LIMIT_PATH])
{
	(void)snprintf(path, LIMIT_PATH, "%s-w%d", floor->plan.cgroups[index].directory, worker);
}

int floor_make_cgroups(struct floor *floor, int worker)
{
	for (size_t i = 0; i < floor->plan.cgroup_count; i++) {
		const struct plan_cgroup *cgroup = &floor->plan.cgroups[i];
		char path[LIMIT_PATH];
		int directory;

		name_of(floor, i, worker, path);
		if (mkdir(path, 0755) < 0)
			return -1;
		directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		for (size_t k = 0; k < cgroup->write_count; k++) {
			if (floor_write_at(directory, cgroup->writes[k].name, cgroup->writes[k].value, strlen(cgroup->writes[k].value)) < 0)
				return -1;
		}
		floor->doors[i] = openat(directory, cgroup->version == 1 ? "tasks" : "cgroup.procs", O_WRONLY | O_CLOEXEC);
		(void)close(directory);
	}
	return 0;
}

void floor_enter_cgroups(const struct floor *floor)
{
	for (size_t i = 0; i < floor->plan.cgroup_count; i++)
		must(write(floor->doors[i], "0", 1));
}

void floor_remove_cgroups(struct floor *floor, int worker)
{
	for (size_t i = 0; i < floor->plan.cgroup_count; i++) {
		char path[LIMIT_PATH];

		name_of(floor, i, worker, path);
		(void)close(floor->doors[i]);
		/* A dead process leaves its cgroup a moment after its parent has heard of it. */
		while (rmdir(path) < 0 && errno == EBUSY)
			(void)sched_yield();
	}
}
