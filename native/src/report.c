/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit.h"
#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "keyring.h"
#include "launch.h"
#include "nest.h"
#include "pages.h"
#include "terminal.h"

struct facts {
	bool place_known; /* the two lines below */
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
static _written_ struct facts found;

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
	if (ns_identities_by_pidfd(launch->job_pidfd, facts->job) == 0 || ns_identities(launch->job_dir, facts->job, err) == 0)
		return 0;
	if (!plan_is_guarded(&launch->plan) || err->errnum != EACCES)
		return -1;
	memcpy(facts->job, launch->facts.namespaces, sizeof(facts->job));
	return 0;
}

bool report_may_look_early(const struct plan *plan)
{
	return !plan->process.lock_mounts && !plan->in_place.wanted && !plan_is_guarded(plan);
}

static int read_place(const struct launch *launch, struct facts *facts, struct error *err)
{
	if (facts->place_known)
		return 0;
	if (read_namespaces(launch, facts, err) < 0 ||
	    ns_identities_of_children(launch->job_dir, &launch->plan, facts->job, err) < 0 ||
	    idmap_read(launch->job_dir, "uid_map", &facts->uids, err) < 0 ||
	    idmap_read(launch->job_dir, "gid_map", &facts->gids, err) < 0)
		return -1;
	/* Init's maps are these, and were not looked at before: see await_built(). */
	if (launch->plan.has_maps && report_may_look_early(&launch->plan) &&
	    idmap_compare(&launch->plan, launch->lock.base, &facts->uids, &facts->gids, err) < 0) {
		err->stage = STAGE_ID_MAP;
		return -1;
	}
	facts->place_known = true;
	return 0;
}

void report_look_early(const struct launch *launch)
{
	/* What cannot be read yet, or came to an end meanwhile, is read again, and then told. */
	if (read_place(launch, &found, error_scratch()) < 0)
		release_facts(&found);
}

static int gather(const struct launch *launch, struct facts *facts, struct error *err)
{
	if (report_know_ourselves(launch->proc_dir, err) < 0 || read_place(launch, facts, err) < 0)
		return -1;
	if (launch->plan.process.lock_mounts && nest_verify(launch->job_dir, &facts->second_user, err) < 0)
		return -1;
	if (launch->plan.process.lock_mounts && !facts->second_user)
		return error_set(err, "", EPROTO, "user", "the job is not in a second user namespace");
	return proc_read_status(launch->job_dir, &facts->status, err);
}

static void put_namespaces(struct emitter *out, const struct launch *launch, const struct facts *facts)
{
	static const char *const modes[] = {"inherit", "new", "join"};

	emit_open_object(out, "namespaces");
	for (int kind = 0; kind < NS_COUNT; kind++) {
		const struct ns_identity *job = &facts->job[kind];
		const struct ns_identity *host = &ourselves.host[kind];

		emit_open_object(out, ns_table[kind].name);
		emit_integer(out, "inode", (int64_t)job->inode);
		emit_integer(out, "device", (int64_t)job->device);
		emit_integer(out, "host", (int64_t)host->inode);
		emit_integer(out, "hostDevice", (int64_t)host->device);
		emit_text(out, "mode", modes[launch->plan.namespaces[kind].mode]);
		emit_boolean(out, "isolated", !same(job, host));
		emit_close_object(out);
	}
	emit_close_object(out);
}

static void put_map(struct emitter *out, const char *name, const struct id_map *map)
{
	emit_open_array(out, name);
	for (size_t i = 0; i < map->count; i++) {
		emit_open_object(out, NULL);
		emit_integer(out, "inside", map->ranges[i].inside);
		emit_integer(out, "outside", map->ranges[i].outside);
		emit_integer(out, "count", map->ranges[i].count);
		emit_close_object(out);
	}
	emit_close_array(out);
}

static void put_id(struct emitter *out, const char *name, const struct id_map *map, bool has_map, uint32_t outside)
{
	uint32_t inside = outside;

	emit_open_object(out, name);
	if (!has_map || idmap_inside(map, outside, &inside))
		emit_integer(out, "inside", inside);
	else
		emit_null(out, "inside");
	emit_integer(out, "outside", outside);
	emit_close_object(out);
}

static void put_credentials(struct emitter *out, const struct facts *facts, bool has_map)
{
	const struct proc_status *status = &facts->status;

	emit_open_object(out, "credentials");
	put_id(out, "uid", &facts->uids, has_map, status->uid);
	put_id(out, "gid", &facts->gids, has_map, status->gid);
	emit_open_array(out, "groups");
	for (size_t i = 0; i < status->group_count; i++)
		emit_integer(out, NULL, status->groups[i]);
	emit_close_array(out);
	emit_open_object(out, "capabilities");
	emit_hex(out, "inheritable", status->inheritable);
	emit_hex(out, "permitted", status->permitted);
	emit_hex(out, "effective", status->effective);
	emit_hex(out, "bounding", status->bounding);
	emit_hex(out, "ambient", status->ambient);
	emit_close_object(out);
	emit_boolean(out, "noNewPrivs", status->no_new_privs == 1);
	emit_integer(out, "seccomp", status->seccomp);
	emit_close_object(out);
}

/* Targets, or else sources, of mounts that were to have their ids mapped, if they could. */
static void put_unmapped(struct emitter *out, const struct launch *launch)
{
	emit_open_array(out, "unmapped");
	for (size_t i = 0; i < launch->plan.mount_count; i++) {
		const struct mount_step *step = &launch->plan.mounts[i];

		if (launch->unmapped[i])
			emit_text(out, NULL, step->target != NULL ? step->target : step->source);
	}
	emit_close_array(out);
}

/* Fields of what the plan did not ask for are left out. */
static void put_hardening(struct emitter *out, const struct launch *launch, const struct facts *facts)
{
	static const char *const keyrings[] = {[KEYRING_IS_INHERITED] = "inherited",
					       [KEYRING_IS_NEW] = "new",
					       [KEYRING_UNAVAILABLE] = "unavailable",
					       [KEYRING_OVER_QUOTA] = "over-quota"};
	const struct plan *plan = &launch->plan;

	emit_open_object(out, "hardening");
	emit_text(out, "keyring", keyrings[launch->facts.keyring & 3]);
	emit_boolean(out, "lockedMounts", facts->second_user);
	if (plan->process.landlock.wanted)
		emit_integer(out, "landlockAbi", launch->facts.landlock_abi);
	if (plan->has_max_user_namespaces)
		emit_integer(out, "maxUserNamespaces", plan->max_user_namespaces);
	emit_close_object(out);
}

int report_verify(const struct launch *launch, struct error *err)
{
	if (stage_enter(STAGE_VERIFY, err) < 0 || gather(launch, &found, err) < 0)
		return -1;
	return check_namespaces(launch, &found, err) < 0 || check_credentials(launch, &found, err) < 0 ||
			       check_signals(&found.status, err) < 0 || (launch->cgroups.made > 0 && cgroup_verify(launch, err) < 0)
		       ? -1
		       : 0;
}

int report_prepared(const struct launch *launch, struct emitter *out, struct error *err)
{
	const struct proc_status *status = &found.status;
	bool has_map = launch->plan.namespaces[NS_USER].mode != NS_MODE_INHERIT;
	pid_t inside = status->pid_count > 0 ? status->pids[status->pid_count - 1] : launch->job_pid;
	uint64_t nanos[STAGE_COUNT];

	stage_times(nanos);
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		nanos[stage] += launch->stage_nanos[stage];
	emit_begin(out);
	report_put_pids(out, launch->job_pid, inside, launch->init_pid);
	put_namespaces(out, launch, &found);
	emit_open_object(out, "idMaps");
	put_map(out, "uid", &found.uids);
	put_map(out, "gid", &found.gids);
	emit_text(out, "setgroups", !launch->plan.has_maps || launch->plan.setgroups_allowed ? "allow" : "deny");
	emit_close_object(out);
	put_credentials(out, &found, has_map);
	put_unmapped(out, launch);
	put_hardening(out, launch, &found);
	report_put_stages(out, nanos);
	release_facts(&found);
	if (launch->cgroups.made > 0)
		emit_part(out, "cgroups", &launch->cgroups.values);
	return launch->plan.process.terminal ? terminal_verify(launch, out, err) : 0;
}
