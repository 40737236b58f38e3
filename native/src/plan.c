/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "fault.h"
#include "json.h"
#include "bounds.h"
#include "plan_memory.h"
#include "plan_read.h"

int plan_out_of_memory(struct error *err)
{
	return error_set(err, "calloc", ENOMEM, "", "out of memory");
}

int plan_read_path(const struct json_node *node, const char **ret_path, struct error *err)
{
	if (json_read_string(node, 1, LIMIT_PATH - 1, ret_path, err) < 0)
		return -1;
	if ((*ret_path)[0] != '/')
		return json_refuse(node, err, "must be an absolute path");
	return 0;
}

int plan_read_target(const struct json_node *node, const char **ret_path, struct error *err)
{
	const char *part = "/"; /* set on success; the analyzer cannot tell */

	if (plan_read_path(node, &part, err) < 0)
		return -1;
	*ret_path = part;
	do {
		size_t length = strcspn(++part, "/");

		if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
			return json_refuse(node, err, "must not be / and have no empty, . or .. parts");
		part += length;
	} while (*part != '\0');
	return 0;
}

int plan_read_flag(const struct json_node *object, const char *key, bool *ret_flag, struct error *err)
{
	struct json_node node = json_member(object, key);

	return json_read_bool(&node, ret_flag, err);
}

/* A bare pid may be another process by now: the start time is required beside it. */
int plan_read_pinned(const struct json_node *node, struct ns_request *request, struct error *err)
{
	struct json_node pid = json_member(node, "pid");
	struct json_node start = json_member(node, "startTime");
	int64_t value;

	if (json_read_int(&pid, 1, INT32_MAX, &value, err) < 0)
		return -1;
	request->pid = (pid_t)value;
	if (json_read_int(&start, 1, INT64_MAX, &value, err) < 0)
		return -1;
	request->start_time = (uint64_t)value;
	return 0;
}

static int read_join(const struct json_node *node, struct ns_request *request, struct error *err)
{
	struct json_node path = json_member(node, "path");
	struct json_node pid = json_member(node, "pid");
	struct json_node start = json_member(node, "startTime");

	if ((path.value != NULL) == (pid.value != NULL))
		return json_refuse(node, err, "join needs either path or pid");
	if (start.value != NULL && pid.value == NULL)
		return json_refuse(&start, err, "goes with pid only");
	if (path.value != NULL)
		return plan_read_path(&path, &request->path, err);
	return plan_read_pinned(node, request, err);
}

/* Mounts can be copied from another process's, which is entered for that; all other kinds begin empty. */
static int read_new(const struct json_node *node, int kind, struct ns_request *request, struct error *err)
{
	static const char *const fields[] = {"mode", "pid", "startTime", NULL};
	static const char *const mode_only[] = {"mode", NULL};

	if (json_only(node, kind == NS_MNT ? fields : mode_only, err) < 0 || json_member(node, "pid").value == NULL)
		return json_only(node, mode_only, err);
	return plan_read_pinned(node, request, err);
}

static int read_namespaces(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const modes[] = {"inherit", "new", "join", NULL};
	static const char *const join_fields[] = {"mode", "path", "pid", "startTime", NULL};
	static const char *const mode_only[] = {"mode", NULL};
	struct json_node all = json_member(root, "namespaces");
	const char *names[NS_COUNT + 1] = {NULL};

	for (int kind = 0; kind < NS_COUNT; kind++)
		names[kind] = ns_table[kind].name;
	if (json_require(&all, err) < 0 || json_only(&all, names, err) < 0)
		return -1;
	for (int kind = 0; kind < NS_COUNT; kind++) {
		struct ns_request *request = &plan->namespaces[kind];
		struct json_node node = json_member(&all, names[kind]);
		struct json_node mode_node;
		int mode;

		if (json_require(&node, err) < 0 || json_only(&node, join_fields, err) < 0)
			return -1;
		mode_node = json_member(&node, "mode");
		if (json_read_choice(&mode_node, modes, &mode, err) < 0)
			return -1;
		request->mode = (enum ns_mode)mode;
		if (request->mode == NS_MODE_JOIN  ? read_join(&node, request, err) < 0
		    : request->mode == NS_MODE_NEW ? read_new(&node, kind, request, err) < 0
						   : json_only(&node, mode_only, err) < 0)
			return -1;
	}
	return 0;
}

static int read_offset(const struct json_node *offsets, const char *key, struct clock_offset *ret_offset,
		       struct error *err)
{
	static const char *const fields[] = {"seconds", "nanos", NULL};
	struct json_node node = json_member(offsets, key);
	struct json_node seconds, nanos;

	if (node.value == NULL)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	seconds = json_member(&node, "seconds");
	nanos = json_member(&node, "nanos");
	if (json_read_int(&seconds, -LIMIT_OFFSET_SECONDS, LIMIT_OFFSET_SECONDS, &ret_offset->seconds, err) < 0)
		return -1;
	return json_read_int(&nanos, 0, 999999999, &ret_offset->nanos, err);
}

static int read_offsets(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"monotonic", "boottime", NULL};
	struct json_node node = json_member(root, "timeOffsets");

	plan->has_offsets = node.value != NULL;
	if (!plan->has_offsets)
		return 0;
	if (plan->namespaces[NS_TIME].mode != NS_MODE_NEW)
		return json_refuse(&node, err, "needs a new time namespace");
	if (json_only(&node, fields, err) < 0 || read_offset(&node, "monotonic", &plan->monotonic, err) < 0)
		return -1;
	return read_offset(&node, "boottime", &plan->boottime, err);
}

static int read_init(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"uid", "gid", NULL};
	struct json_node node = json_member(root, "init");
	struct json_node uid, gid;

	plan->has_init_ids = node.value != NULL;
	if (!plan->has_init_ids)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	uid = json_member(&node, "uid");
	gid = json_member(&node, "gid");
	return json_read_u32(&uid, 0, UID_MAX_VALID, &plan->init_uid, err) < 0
		       ? -1
		       : json_read_u32(&gid, 0, UID_MAX_VALID, &plan->init_gid, err);
}

static int read_names(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const keys[] = {"hostname", "domainname"};
	const char **targets[] = {&plan->hostname, &plan->domainname};
	struct json_node loopback = json_member(root, "loopback");

	for (size_t i = 0; i < 2; i++) {
		struct json_node node = json_member(root, keys[i]);

		if (node.value == NULL)
			continue;
		if (plan->namespaces[NS_UTS].mode != NS_MODE_NEW)
			return json_refuse(&node, err, "needs a new uts namespace");
		if (json_read_string(&node, 1, LIMIT_HOSTNAME, targets[i], err) < 0)
			return -1;
	}
	if (json_read_bool(&loopback, &plan->loopback, err) < 0)
		return -1;
	if (plan->loopback && plan->namespaces[NS_NET].mode != NS_MODE_NEW)
		return json_refuse(&loopback, err, "needs a new net namespace");
	return 0;
}

static int read_max_user_namespaces(const struct json_node *root, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(root, "maxUserNamespaces");

	plan->has_max_user_namespaces = node.value != NULL;
	if (!plan->has_max_user_namespaces)
		return 0;
	if (plan->namespaces[NS_USER].mode != NS_MODE_NEW)
		return json_refuse(&node, err, "needs a new user namespace");
	return json_read_u32(&node, 0, INT32_MAX, &plan->max_user_namespaces, err);
}

int plan_read_limits(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"setupMillis", "wallMillis", "cpuMillis", "graceMillis", "cpuSource", NULL};
	struct json_node node = json_member(root, "limits");
	struct json_node setup, wall, cpu, grace;

	if (json_require(&node, err) < 0 || json_only(&node, fields, err) < 0)
		return -1;
	setup = json_member(&node, "setupMillis");
	wall = json_member(&node, "wallMillis");
	cpu = json_member(&node, "cpuMillis");
	grace = json_member(&node, "graceMillis");
	if (json_read_int(&setup, 1, LIMIT_MILLIS, &plan->setup_millis, err) < 0 ||
	    json_read_int(&grace, 0, LIMIT_MILLIS, &plan->grace_millis, err) < 0)
		return -1;
	plan->has_cpu = cpu.value != NULL;
	if (plan->has_cpu && json_read_int(&cpu, 1, LIMIT_MILLIS, &plan->cpu_millis, err) < 0)
		return -1;
	if (plan_read_cpu_source(&node, plan, err) < 0)
		return -1;
	plan->has_wall = wall.value != NULL;
	return plan->has_wall ? json_read_int(&wall, 1, LIMIT_MILLIS, &plan->wall_millis, err) : 0;
}

bool plan_is_guarded(const struct plan *plan)
{
	bool joined = plan->process.enter.pid > 0 || plan->namespaces[NS_PID].mode == NS_MODE_JOIN;

	return !fault_off("guard") && joined && ns_any_entered(plan) && plan->namespaces[NS_USER].mode != NS_MODE_NEW &&
	       plan->namespaces[NS_TIME].mode != NS_MODE_NEW && plan->collect.count == 0 && !plan->process.has_oom_score;
}

static bool is_job_id(const char *text)
{
	static const char *const first = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static const char *const rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return strspn(text, first) > 0 && strspn(text, rest) == strlen(text);
}

static int read_plan(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"protocol",   "job",    "namespaces", "timeOffsets", "idMaps",
					     "dropGroups", "init",   "mounts",	   "hostname",	  "domainname",
					     "loopback",   "process", "limits",	   "collect",	  "hold",
					     "cgroups",    "maxUserNamespaces", "inPlace", "pins",
					     NULL};
	struct json_node protocol = json_member(root, "protocol");
	struct json_node job = json_member(root, "job");
	uint32_t version;

	/* The version first: a plan of another protocol is refused as that, not for one of its fields. */
	if (json_read_u32(&protocol, PROTOCOL_VERSION, PROTOCOL_VERSION, &version, err) < 0 ||
	    json_only(root, fields, err) < 0 || json_read_string(&job, 1, LIMIT_JOB_ID, &plan->job, err) < 0)
		return -1;
	if (!is_job_id(plan->job))
		return json_refuse(&job, err, "must match [A-Za-z0-9][A-Za-z0-9._-]*");
	if (read_namespaces(root, plan, err) < 0 || read_offsets(root, plan, err) < 0 ||
	    plan_read_maps(root, plan, err) < 0 || plan_read_cgroups(root, plan, err) < 0 ||
	    plan_read_flag(root, "dropGroups", &plan->drop_groups, err) < 0 ||
	    read_init(root, plan, err) < 0 || plan_read_mounts(root, plan, err) < 0 || read_names(root, plan, err) < 0 ||
	    read_max_user_namespaces(root, plan, err) < 0 ||
	    plan_read_process(root, plan, err) < 0 || plan_read_limits(root, plan, err) < 0 ||
	    plan_read_collect(root, plan, err) < 0 || plan_read_flag(root, "hold", &plan->hold, err) < 0 ||
	    plan_read_pins(root, plan, err) < 0)
		return -1;
	return plan_read_in_place(root, plan, err);
}

int plan_parse(const char *text, size_t size, struct plan *ret_plan, struct error *err)
{
	struct json_node root = {NULL, NULL, 0, NULL};
	struct plan plan = {0};

	if (json_parse_object(text, size, &plan.document, err) < 0)
		return -1;
	root.value = plan.document;
	if (read_plan(&root, &plan, err) < 0) {
		plan_release(&plan);
		return -1;
	}
	*ret_plan = plan;
	return 0;
}

void plan_release(struct plan *plan)
{
	plan_free(plan->uids.ranges);
	plan_free(plan->gids.ranges);
	plan_free(plan->block.bases);
	plan_free(plan->cgroups);
	plan_free(plan->pins);
	plan_release_mounts(plan);
	plan_free(plan->process.argv);
	plan_free(plan->process.search_path);
	plan_free(plan->process.environment);
	plan_free(plan->process.groups);
	plan_free(plan->process.filter);
	plan_free(plan->process.rlimits);
	plan_free(plan->collect.sources);
	plan_free(plan->process.landlock.rules);
	json_decref(plan->document);
	memset(plan, 0, sizeof(*plan));
}
