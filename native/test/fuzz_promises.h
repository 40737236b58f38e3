/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rest of the helper relies on in a plan and a control frame that the parsers took, for fuzz_plan.c.
 */
#ifndef NSJOB_FUZZ_PROMISES_H
#define NSJOB_FUZZ_PROMISES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "idmap.h"
#include "plan.h"
#include "wire.h"

/* Notes which one it was, and dies. */
_Noreturn void broken_promise(const char *promise);

#define PROMISE(condition) \
	do { \
		if (!(condition)) \
			broken_promise(#condition); \
	} while (0)

static inline size_t check_strings(char **strings, size_t most)
{
	size_t count = 0;

	while (strings[count] != NULL) {
		PROMISE(strlen(strings[count]) <= LIMIT_PLAN_BYTES);
		count++;
	}
	PROMISE(count <= most);
	return count;
}

static inline bool apart(uint64_t first, uint64_t first_count, uint64_t second, uint64_t second_count)
{
	return first + first_count <= second || second + second_count <= first;
}

static inline void check_map(const struct plan *plan, const struct id_map *map)
{
	uint32_t base = plan->block.directory != NULL ? plan->block.bases[plan->block.base_count - 1] : 0;
	char *strings = NULL;
	char **argv = idmap_arguments("/usr/bin/newuidmap", 4194304, map, &strings);
	char *text = idmap_text(map, base);

	PROMISE(map->count <= LIMIT_MAP_LINES);
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		PROMISE(range->count > 0);
		PROMISE((uint64_t)range->inside + range->count <= 0xffffffffu);
		PROMISE((uint64_t)range->outside + range->count + base <= 0xffffffffu);
		PROMISE(plan->block.directory == NULL || (uint64_t)range->outside + range->count <= 65536);
		for (size_t j = 0; j < i; j++) {
			PROMISE(apart(range->inside, range->count, map->ranges[j].inside, map->ranges[j].count));
			PROMISE(apart(range->outside, range->count, map->ranges[j].outside, map->ranges[j].count));
		}
	}
	PROMISE(argv != NULL && argv[2 + 3 * map->count] == NULL);
	PROMISE(text != NULL && (map->count == 0 || text[strlen(text) - 1] == '\n'));
	free(argv);
	free(strings);
	free(text);
}

static inline void check_namespaces(const struct plan *plan)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		const struct ns_request *request = &plan->namespaces[kind];

		PROMISE(request->mode == NS_MODE_INHERIT || request->mode == NS_MODE_NEW || request->mode == NS_MODE_JOIN);
		PROMISE(request->mode == NS_MODE_JOIN || request->path == NULL);
		/* A new one with a pid is a copy of what that process has mounted. */
		PROMISE(request->mode == NS_MODE_JOIN || request->pid == 0 || (request->mode == NS_MODE_NEW && kind == NS_MNT));
		PROMISE(request->mode != NS_MODE_JOIN || (request->path != NULL) != (request->pid > 0));
		PROMISE(request->path == NULL || (request->path[0] == '/' && strlen(request->path) < LIMIT_PATH));
		PROMISE(request->pid == 0 || request->start_time > 0);
	}
	PROMISE(plan->has_maps == (plan->namespaces[NS_USER].mode == NS_MODE_NEW));
	PROMISE(!plan->has_offsets || plan->namespaces[NS_TIME].mode == NS_MODE_NEW);
	PROMISE(!plan->loopback || plan->namespaces[NS_NET].mode == NS_MODE_NEW);
	PROMISE(!plan->process.as_pid1 || plan->namespaces[NS_PID].mode == NS_MODE_NEW);
	PROMISE((plan->hostname == NULL && plan->domainname == NULL) || plan->namespaces[NS_UTS].mode == NS_MODE_NEW);
	PROMISE(plan->hostname == NULL || (strlen(plan->hostname) > 0 && strlen(plan->hostname) <= LIMIT_HOSTNAME));
	PROMISE(plan->mount_count <= LIMIT_MOUNTS);
	for (size_t i = 0; i < plan->mount_count; i++) {
		PROMISE(plan->namespaces[NS_MNT].mode != NS_MODE_INHERIT);
		PROMISE(plan->mounts[i].target == NULL || plan->mounts[i].target[0] == '/');
		PROMISE(plan->mounts[i].target != NULL || plan->mounts[i].paths != NULL || plan->mounts[i].op == MOUNT_ROOT ||
			plan->mounts[i].op == MOUNT_ROOT_BIND || plan->mounts[i].op == MOUNT_ROOT_OVERLAY ||
			plan->mounts[i].op == MOUNT_LOWER || plan->mounts[i].op == MOUNT_UPPER ||
			plan->mounts[i].op == MOUNT_PIVOT);
		PROMISE(plan->mounts[i].source == NULL || plan->mounts[i].source[0] == '/');
		PROMISE(plan->mounts[i].source != NULL || (plan->mounts[i].op != MOUNT_BIND && plan->mounts[i].op != MOUNT_ROOT_BIND));
		PROMISE((plan->mounts[i].mode & ~(mode_t)01777) == 0);
		PROMISE((plan->mounts[i].op == MOUNT_PIVOT) == (plan->new_root && i == plan->mount_count - 1));
		PROMISE(plan->mounts[i].op != MOUNT_PROC || plan->namespaces[NS_PID].mode == NS_MODE_NEW);
	}
}

static inline void check_process(const struct plan *plan)
{
	PROMISE(check_strings(plan->process.argv, LIMIT_STRINGS) > 0 && plan->process.argv[0][0] != '\0');
	(void)check_strings(plan->process.search_path, LIMIT_STRINGS);
	(void)check_strings(plan->process.environment, LIMIT_STRINGS);
	for (size_t i = 0; plan->process.search_path[i] != NULL; i++)
		PROMISE(plan->process.search_path[i][0] == '/');
	for (size_t i = 0; plan->process.environment[i] != NULL; i++)
		PROMISE(strchr(plan->process.environment[i] + 1, '=') != NULL && plan->process.environment[i][0] != '=');
	PROMISE(plan->process.cwd == NULL || plan->process.cwd[0] == '/');
	PROMISE(!plan->process.has_uid || plan->process.uid != 0xffffffffu);
	PROMISE(!plan->process.has_gid || plan->process.gid != 0xffffffffu);
	PROMISE(!plan->process.has_umask || plan->process.umask <= 0777);
	PROMISE(plan->process.group_count <= LIMIT_GROUPS && (plan->process.has_groups || plan->process.group_count == 0));
	PROMISE(plan->process.rlimit_count <= LIMIT_RESOURCES);
	for (size_t i = 0; i < plan->process.rlimit_count; i++)
		PROMISE(plan->process.rlimits[i].resource < LIMIT_RESOURCES &&
			plan->process.rlimits[i].soft <= plan->process.rlimits[i].hard);
	PROMISE(!plan->process.has_affinity || CPU_COUNT(&plan->process.affinity) > 0);
	PROMISE(!plan->process.terminal || plan->process.new_session);
	PROMISE((plan->process.rows == 0) == (plan->process.columns == 0));
	PROMISE(!plan->process.has_groups || !plan->has_maps || plan->setgroups_allowed);
}

static inline bool is_file_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) < 256;
}

static inline void check_writes(const struct cgroup_write *writes, size_t count)
{
	PROMISE(count <= LIMIT_CGROUP_FILES);
	for (size_t i = 0; i < count; i++)
		PROMISE(is_file_name(writes[i].name) && writes[i].value[0] != '\0' && strlen(writes[i].value) < 256);
}

/* overlay.c goes back from an overlay to the first of its layers. */
static inline void check_layers(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		enum mount_op op = plan->mounts[i].op;
		enum mount_op after = i + 1 < plan->mount_count ? plan->mounts[i + 1].op : MOUNT_PIVOT;
		bool overlay = op == MOUNT_OVERLAY || op == MOUNT_ROOT_OVERLAY;
		bool before_overlay = after == MOUNT_OVERLAY || after == MOUNT_ROOT_OVERLAY;

		PROMISE(op != MOUNT_LOWER || after == MOUNT_LOWER || after == MOUNT_UPPER || before_overlay);
		PROMISE(op != MOUNT_UPPER || before_overlay);
		PROMISE(op == MOUNT_LOWER || op == MOUNT_UPPER || !before_overlay);
		PROMISE(!overlay || i > 0);
		PROMISE(!overlay || (plan->mounts[i].size > 0) == (plan->mounts[i - 1].op == MOUNT_LOWER));
		PROMISE((op != MOUNT_LOWER && op != MOUNT_UPPER) || plan->mounts[i].source != NULL);
	}
}

static inline void check_cgroups(const struct plan *plan)
{
	int unified = 0;

	PROMISE(plan->cgroup_count <= LIMIT_CGROUPS);
	for (size_t i = 0; i < plan->cgroup_count; i++) {
		const struct plan_cgroup *cgroup = &plan->cgroups[i];

		PROMISE(cgroup->version == 1 || cgroup->version == 2);
		PROMISE(cgroup->directory[0] == '/' && strlen(cgroup->directory) < LIMIT_PATH);
		unified += cgroup->version == 2;
		check_writes(cgroup->writes, cgroup->write_count);
		check_writes(cgroup->at_kill, cgroup->at_kill_count);
		for (size_t k = 0; cgroup->reads[k] != NULL; k++)
			PROMISE(k < LIMIT_CGROUP_FILES && is_file_name(cgroup->reads[k]));
	}
	PROMISE(unified <= 1);
	PROMISE(plan->cpu_file == NULL || (is_file_name(plan->cpu_file) && plan->cpu_cgroup < plan->cgroup_count &&
					   plan->cpu_key != NULL && plan->cpu_unit_nanos > 0));
}

/* What is walked later by parts and by descriptor: never "..", never the root. */
static inline bool is_target(const char *path)
{
	return path[0] == '/' && path[1] != '\0' && path[strlen(path) - 1] != '/' && strstr(path, "//") == NULL &&
	       strstr(path, "/../") == NULL && strstr(path, "/./") == NULL && strlen(path) < LIMIT_PATH &&
	       strcmp(strrchr(path, '/'), "/..") != 0 && strcmp(strrchr(path, '/'), "/.") != 0;
}

static inline void check_collect(const struct plan *plan)
{
	PROMISE(plan->collect.count <= LIMIT_COLLECT && plan->collect.depth <= LIMIT_COLLECT_DEPTH);
	PROMISE(plan->collect.count == 0 || (plan->collect.millis > 0 && plan->collect.millis <= LIMIT_MILLIS));
	for (size_t i = 0; i < plan->collect.count; i++) {
		const struct collect_source *source = &plan->collect.sources[i];

		PROMISE(is_target(source->path));
		PROMISE(source->files > 0 && source->files <= LIMIT_COLLECT_FILES);
		PROMISE(source->bytes >= 0 && source->bytes <= LIMIT_COLLECT_BYTES);
	}
}

/* What appears of a disk is the job's, and nobody else's. */
static inline void check_disk_range(const struct id_map *map, const struct id_range *range)
{
	size_t holders = 0;

	PROMISE(range->count > 0 && (uint64_t)range->inside + range->count <= 0xffffffffu);
	for (size_t i = 0; i < map->count; i++)
		holders += range->outside >= map->ranges[i].outside && (uint64_t)range->outside + range->count <=
									(uint64_t)map->ranges[i].outside + map->ranges[i].count;
	PROMISE(holders == 1);
}

static inline void check_disk_maps(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct mount_step *step = &plan->mounts[i];

		PROMISE(step->map == NULL || (plan->has_maps && step->source != NULL));
		if (step->map == NULL)
			continue;
		check_disk_range(&plan->uids, &step->map->uids);
		check_disk_range(&plan->gids, &step->map->gids);
	}
}

static inline void check_privileges(const struct plan *plan)
{
	PROMISE(plan->process.capabilities == 0 || plan->process.drop_capabilities);
	PROMISE(plan->process.keyring == KEYRING_INHERITED || plan->process.keyring == KEYRING_NEW ||
		plan->process.keyring == KEYRING_TRY);
	PROMISE(!plan->process.lock_mounts || (plan->has_maps && plan->namespaces[NS_MNT].mode == NS_MODE_NEW));
	PROMISE(plan->process.chroot == NULL ||
		(plan->process.chroot[0] == '/' && !plan->new_root && !plan->process.lock_mounts &&
		 !plan->process.landlock.wanted));
	PROMISE(!plan->has_max_user_namespaces || (plan->has_maps && plan->max_user_namespaces <= INT32_MAX));
	PROMISE(!plan->process.terminal ||
		!(plan->process.owned_stdio[0] || plan->process.owned_stdio[1] || plan->process.owned_stdio[2]));
	if (!plan->process.landlock.wanted)
		return;
	PROMISE(plan->process.no_new_privs && plan->process.landlock.minimum_abi > 0);
	PROMISE((plan->process.landlock.handled | plan->process.landlock.scoped) != 0);
	PROMISE(plan->process.landlock.rule_count <= LIMIT_LANDLOCK_RULES);
	for (size_t i = 0; i < plan->process.landlock.rule_count; i++) {
		const struct landlock_rule *rule = &plan->process.landlock.rules[i];

		PROMISE(rule->path[0] == '/' && strlen(rule->path) < LIMIT_PATH);
		PROMISE(rule->access != 0 && (rule->access & ~plan->process.landlock.handled) == 0);
	}
}

static inline void check_plan(const struct plan *plan)
{
	PROMISE(plan->document != NULL && plan->job[0] != '\0' && strlen(plan->job) <= LIMIT_JOB_ID);
	PROMISE(strchr(plan->job, '/') == NULL && plan->job[0] != '.' && plan->job[0] != '-');
	check_namespaces(plan);
	PROMISE((plan->newuidmap != NULL) == (plan->newgidmap != NULL));
	PROMISE(plan->newuidmap == NULL || plan->block.directory == NULL);
	PROMISE(plan->block.directory == NULL || plan->block.base_count > 0);
	for (size_t i = 0; i < plan->block.base_count; i++)
		PROMISE(plan->block.bases[i] >= 65536);
	if (plan->has_maps) {
		check_map(plan, &plan->uids);
		check_map(plan, &plan->gids);
	}
	check_process(plan);
	check_privileges(plan);
	check_cgroups(plan);
	check_collect(plan);
	check_disk_maps(plan);
	check_layers(plan);
	PROMISE(plan->setup_millis > 0 && plan->setup_millis <= LIMIT_MILLIS);
	PROMISE(plan->grace_millis >= 0 && plan->grace_millis <= LIMIT_MILLIS);
	PROMISE(!plan->has_cpu || (plan->cpu_millis > 0 && plan->cpu_millis <= LIMIT_MILLIS));
	PROMISE(!plan->has_wall || (plan->wall_millis > 0 && plan->wall_millis <= LIMIT_MILLIS));
}

static inline void check_control(const struct control *control)
{
	PROMISE(control->type == FRAME_RELEASE || control->type == FRAME_SIGNAL || control->type == FRAME_CANCEL ||
		control->type == FRAME_RESIZE);
	PROMISE(control->type != FRAME_RESIZE || (control->rows > 0 && control->columns > 0));
	PROMISE(control->type != FRAME_SIGNAL || (control->signal >= 1 && control->signal <= 64));
	PROMISE(control->type != FRAME_CANCEL || (control->grace_millis >= -1 && control->grace_millis <= LIMIT_MILLIS));
}

#endif
