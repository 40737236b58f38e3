/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "json.h"
#include "keyring.h"
#include "launch.h"
#include "nest.h"
#include "terminal.h"

struct facts {
	struct ns_identity job[NS_COUNT];
	struct id_map uids, gids;
	struct proc_status status;
	bool second_user;
};

/* What the job is compared with. A process with one thread stays in its namespaces, and so do those whom it forks. */
static struct {
	bool known;
	struct ns_identity host[NS_COUNT];
	int filters;
} ourselves;

/* Of the one job of this process. */
static struct facts found;

static void release_facts(struct facts *facts)
{
	free(facts->uids.ranges);
	free(facts->gids.ranges);
	free(facts->status.groups);
	facts->uids.ranges = facts->gids.ranges = NULL;
	facts->status.groups = NULL;
}

static bool same(const struct ns_identity *a, const struct ns_identity *b)
{
	return a->inode == b->inode && a->device == b->device;
}

static int check_namespaces(const struct launch *launch, const struct facts *facts, struct error *err)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		const char *name = ns_table[kind].name;
		bool is_host = same(&facts->job[kind], &ourselves.host[kind]);

		switch (launch->plan.namespaces[kind].mode) {
		case NS_MODE_NEW:
			if (is_host || (launch->plan.namespaces[kind].pid > 0 && same(&facts->job[kind], &launch->targets[kind])))
				return error_set(err, "", EPROTO, name, "asked for as new, but the job is in the host's");
			break;
		case NS_MODE_JOIN:
			if (!same(&facts->job[kind], &launch->targets[kind]))
				return error_set(err, "", EPROTO, name, "the job is not in the namespace it should join");
			break;
		case NS_MODE_INHERIT:
			if (!is_host)
				return error_set(err, "", EPROTO, name, "should be the host's, but the job has another");
			break;
		}
	}
	return 0;
}

/* In our own user namespace an id is itself; what uid_map shows there are the parent's ids, user_namespaces(7). */
static bool outside_id(const struct plan *plan, const struct id_map *map, uint32_t inside, uint32_t *ret_outside)
{
	*ret_outside = inside;
	return plan->namespaces[NS_USER].mode == NS_MODE_INHERIT || idmap_outside(map, inside, ret_outside);
}

static bool all_sets_are(const struct proc_status *status, uint64_t kept)
{
	return status->inheritable == kept && status->permitted == kept && status->effective == kept &&
	       status->bounding == kept && status->ambient == kept;
}

/*
 * Nothing that is ignored, and no handler, goes with it into the command: main() has reset them all, and init what the guard of
 * the set-up has set since.
 */
static int check_signals(const struct proc_status *status, struct error *err)
{
	if (status->ignored != 0 || status->caught != 0)
		return error_set(err, "", EPROTO, "signals", "the job ignores or handles some");
	return 0;
}

static int check_credentials(const struct launch *launch, const struct facts *facts, struct error *err)
{
	const struct plan *plan = &launch->plan;
	const struct proc_status *status = &facts->status;
	uint32_t expected;

	if (plan->process.drop_capabilities && !all_sets_are(status, plan->process.capabilities))
		return error_set(err, "", EPROTO, "capabilities", "the job has others than it should keep");
	if (plan->process.no_new_privs && status->no_new_privs != 1)
		return error_set(err, "", EPROTO, "no_new_privs", "should be set, but is not");
	if (plan->process.filter != NULL && status->seccomp != 2)
		return error_set(err, "", EPROTO, "seccomp", "a filter should be on, but is not");
	/* Ours is one more than those that we were started under, which alone would make the mode 2. */
	if (plan->process.filter != NULL && status->seccomp_filters != -1 &&
	    status->seccomp_filters != ourselves.filters + 1)
		return error_set(err, "", EPROTO, "seccomp", "the job has %d filters where %d are due", status->seccomp_filters,
				 ourselves.filters + 1);
	if (plan->process.has_uid && (!outside_id(plan, &facts->uids, plan->process.uid, &expected) || expected != status->uid))
		return error_set(err, "", EPROTO, "uid", "the job has another user id than asked for");
	if (plan->process.has_gid && (!outside_id(plan, &facts->gids, plan->process.gid, &expected) || expected != status->gid))
		return error_set(err, "", EPROTO, "gid", "the job has another group id than asked for");
	if (plan->process.has_groups ? status->group_count != plan->process.group_count
				     : plan->drop_groups && status->group_count != 0)
		return error_set(err, "", EPROTO, "groups", "the job has other supplementary groups than asked for");
	return 0;
}

int report_know_ourselves(int proc_dir, struct error *err)
{
	_cleanup_close_ int self = -1;
	struct proc_status own;

	if (ourselves.known)
		return 0;
	self = openat(proc_dir, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self < 0)
		return error_set(err, "open", errno, "/proc/self", "cannot read our own namespaces");
	if (ns_identities(self, ourselves.host, err) < 0 || proc_read_status(self, &own, err) < 0)
		return -1;
	ourselves.filters = own.seccomp_filters;
	free(own.groups);
	ourselves.known = true;
	return 0;
}

/* A guarded job that an unprivileged supervisor may not look into has told what it read itself, before it gave up its rights. */
static int read_namespaces(const struct launch *launch, struct facts *facts, struct error *err)
{
	if (ns_identities(launch->job_dir, facts->job, err) == 0)
		return 0;
	if (!plan_is_guarded(&launch->plan) || err->errnum != EACCES)
		return -1;
	memcpy(facts->job, launch->facts.namespaces, sizeof(facts->job));
	return 0;
}

static int gather(const struct launch *launch, struct facts *facts, struct error *err)
{
	if (report_know_ourselves(launch->proc_dir, err) < 0 || read_namespaces(launch, facts, err) < 0 ||
	    ns_identities_of_children(launch->job_dir, &launch->plan, facts->job, err) < 0 ||
	    idmap_read(launch->job_dir, "uid_map", &facts->uids, err) < 0 ||
	    idmap_read(launch->job_dir, "gid_map", &facts->gids, err) < 0)
		return -1;
	if (launch->plan.process.lock_mounts && nest_verify(launch->job_dir, &facts->second_user, err) < 0)
		return -1;
	if (launch->plan.process.lock_mounts && !facts->second_user)
		return error_set(err, "", EPROTO, "user", "the job is not in a second user namespace");
	return proc_read_status(launch->job_dir, &facts->status, err);
}

static json_t *namespaces_json(const struct launch *launch, const struct facts *facts)
{
	static const char *const modes[] = {"inherit", "new", "join"};
	json_t *all = json_object();

	for (int kind = 0; kind < NS_COUNT; kind++) {
		const struct ns_identity *job = &facts->job[kind];
		const struct ns_identity *host = &ourselves.host[kind];

		(void)json_object_set_new(all, ns_table[kind].name,
					  json_pack("{s:I,s:I,s:I,s:I,s:s,s:b}", "inode", (json_int_t)job->inode,
						    "device", (json_int_t)job->device, "host", (json_int_t)host->inode,
						    "hostDevice", (json_int_t)host->device, "mode",
						    modes[launch->plan.namespaces[kind].mode], "isolated",
						    !same(job, host)));
	}
	return all;
}

static json_t *map_json(const struct id_map *map)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < map->count; i++)
		(void)json_array_append_new(lines, json_pack("{s:I,s:I,s:I}", "inside", (json_int_t)map->ranges[i].inside,
							     "outside", (json_int_t)map->ranges[i].outside, "count",
							     (json_int_t)map->ranges[i].count));
	return lines;
}

static json_t *id_json(const struct id_map *map, bool has_map, uint32_t outside)
{
	uint32_t inside = outside;
	bool mapped = !has_map || idmap_inside(map, outside, &inside);

	return json_pack("{s:o,s:I}", "inside", mapped ? json_integer(inside) : json_null(), "outside", (json_int_t)outside);
}

static json_t *hex_json(uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%016" PRIx64, value);
	return json_string(text);
}

static json_t *credentials_json(const struct facts *facts, bool has_map)
{
	const struct proc_status *status = &facts->status;
	json_t *groups = json_array();

	for (size_t i = 0; i < status->group_count; i++)
		(void)json_array_append_new(groups, json_integer(status->groups[i]));
	return json_pack("{s:o,s:o,s:o,s:{s:o,s:o,s:o,s:o,s:o},s:b,s:i}", "uid",
			 id_json(&facts->uids, has_map, status->uid), "gid", id_json(&facts->gids, has_map, status->gid),
			 "groups", groups, "capabilities", "inheritable", hex_json(status->inheritable), "permitted",
			 hex_json(status->permitted), "effective", hex_json(status->effective), "bounding",
			 hex_json(status->bounding), "ambient", hex_json(status->ambient), "noNewPrivs",
			 status->no_new_privs == 1, "seccomp", status->seccomp);
}

static json_t *stages_json(const uint64_t nanos[STAGE_COUNT])
{
	json_t *stages = json_array();

	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		if (nanos[stage] > 0)
			(void)json_array_append_new(
				stages, json_pack("{s:s,s:I}", "name", stage_name((enum stage)stage), "micros",
						  (json_int_t)((nanos[stage] + 500) / 1000)));
	}
	return stages;
}

/* Targets, or else sources, of mounts that were to have their ids mapped, if they could. */
static json_t *unmapped_json(const struct launch *launch)
{
	json_t *targets = json_array();

	for (size_t i = 0; i < launch->plan.mount_count; i++) {
		const struct mount_step *step = &launch->plan.mounts[i];

		if (launch->unmapped[i])
			(void)json_array_append_new(targets, json_string(step->target != NULL ? step->target : step->source));
	}
	return targets;
}

/* Fields of what the plan did not ask for are left out. */
static json_t *hardening_json(const struct launch *launch, const struct facts *facts)
{
	static const char *const keyrings[] = {[KEYRING_IS_INHERITED] = "inherited",
					       [KEYRING_IS_NEW] = "new",
					       [KEYRING_UNAVAILABLE] = "unavailable",
					       [KEYRING_OVER_QUOTA] = "over-quota"};
	const struct plan *plan = &launch->plan;
	json_t *hardening = json_pack("{s:s,s:b}", "keyring", keyrings[launch->facts.keyring & 3], "lockedMounts",
				      facts->second_user);

	if (plan->process.landlock.wanted)
		(void)json_object_set_new(hardening, "landlockAbi", json_integer(launch->facts.landlock_abi));
	if (plan->has_max_user_namespaces)
		(void)json_object_set_new(hardening, "maxUserNamespaces", json_integer(plan->max_user_namespaces));
	return hardening;
}

int report_verify(const struct launch *launch, struct error *err)
{
	if (stage_enter(STAGE_VERIFY, err) < 0 || gather(launch, &found, err) < 0)
		return -1;
	return check_namespaces(launch, &found, err) < 0 || check_credentials(launch, &found, err) < 0 ||
			       check_signals(&found.status, err) < 0 || cgroup_verify(launch, err) < 0
		       ? -1
		       : 0;
}

int report_prepared(const struct launch *launch, json_t **ret_event, struct error *err)
{
	const struct proc_status *status = &found.status;
	bool has_map = launch->plan.namespaces[NS_USER].mode != NS_MODE_INHERIT;
	pid_t inside = status->pid_count > 0 ? status->pids[status->pid_count - 1] : launch->job_pid;
	uint64_t nanos[STAGE_COUNT];

	stage_times(nanos);
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		nanos[stage] += launch->stage_nanos[stage];
	*ret_event = json_pack(
		"{s:{s:i,s:i,s:i,s:i},s:o,s:{s:o,s:o,s:s},s:o,s:o,s:o,s:o}", "pid", "host", (int)launch->job_pid, "inside",
		(int)inside, "init", (int)launch->init_pid, "supervisor", (int)getpid(), "namespaces",
		namespaces_json(launch, &found), "idMaps", "uid", map_json(&found.uids), "gid", map_json(&found.gids), "setgroups",
		!launch->plan.has_maps || launch->plan.setgroups_allowed ? "allow" : "deny", "credentials",
		credentials_json(&found, has_map), "unmapped", unmapped_json(launch), "hardening",
		hardening_json(launch, &found), "stages", stages_json(nanos));
	release_facts(&found);
	if (launch->cgroups.values != NULL)
		(void)json_object_set(*ret_event, "cgroups", launch->cgroups.values);
	if (*ret_event == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory for the report");
	return launch->plan.process.terminal ? terminal_verify(launch, *ret_event, err) : 0;
}

json_t *report_running(pid_t host, pid_t inside, pid_t runner, const uint64_t nanos[STAGE_COUNT])
{
	return json_pack("{s:{s:i,s:i,s:i,s:i},s:o}", "pid", "host", (int)host, "inside", (int)inside, "init", (int)runner,
			 "supervisor", (int)getpid(), "stages", stages_json(nanos));
}

json_t *report_started(const uint64_t nanos[STAGE_COUNT])
{
	return json_pack("{s:o}", "stages", stages_json(nanos));
}

static json_t *exit_json(const struct exit_record *record)
{
	if (record->code == CLD_EXITED)
		return json_pack("{s:i}", "code", record->status);
	return json_pack("{s:i,s:b}", "signal", record->status, "core", record->code == CLD_DUMPED);
}

json_t *report_exited(const struct exit_record *record, const char *lost, const char *cause, uint64_t wall_nanos)
{
	json_t *event = json_pack("{s:I}", "wallMillis", (json_int_t)(wall_nanos / 1000000));

	if (record != NULL)
		(void)json_object_set_new(event, "exit", exit_json(record));
	if (lost != NULL)
		(void)json_object_set_new(event, "lost", json_string(lost));
	if (cause != NULL)
		(void)json_object_set_new(event, "cause", json_string(cause));
	return event;
}

static json_int_t micros(const struct timeval *time)
{
	return (json_int_t)time->tv_sec * 1000000 + time->tv_usec;
}

json_t *report_usage(const struct rusage *usage, uint64_t wall_nanos, int survivors, json_t *cgroups)
{
	json_t *event = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "wallMillis", (json_int_t)(wall_nanos / 1000000),
				  "userMicros", micros(&usage->ru_utime), "systemMicros", micros(&usage->ru_stime),
				  "maxRssBytes", (json_int_t)usage->ru_maxrss * 1024, "minorFaults",
				  (json_int_t)usage->ru_minflt, "majorFaults", (json_int_t)usage->ru_majflt);

	(void)json_object_set_new(event, "cgroups", cgroups);
	if (survivors > 0)
		(void)json_object_set_new(event, "survivors", json_integer(survivors));
	return event;
}

json_t *report_text(const char *text)
{
	json_t *exact = json_string(text);
	char *copy;
	json_t *ascii;

	if (exact != NULL)
		return exact;
	copy = strdup(text);
	if (copy == NULL)
		return json_string("");
	for (char *c = copy; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	ascii = json_string(copy);
	free(copy);
	return ascii;
}

json_t *report_error(const struct error *error)
{
	return json_pack("{s:s,s:s,s:i,s:o,s:o,s:o}", "stage", stage_name(error->stage), "syscall", error->syscall, "errno",
			 error->errnum, "subject", report_text(error->subject), "message", report_text(error->message), "hint",
			 report_text(error->hint));
}
