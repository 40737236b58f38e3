/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups of a plan: directories to make, files to write and to read.
 */
#include <string.h>

#include "bounds.h"
#include "error.h"
#include "plan_memory.h"
#include "plan_read.h"

/* A file of the cgroup itself: never a path out of it. */
static int read_name(const struct json_node *node, const char **ret_name, struct error *err)
{
	static const char *const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
	const char *name = ""; /* set on success; the analyzer cannot tell */

	if (json_read_string(node, 1, 255, &name, err) < 0)
		return -1;
	if (name[0] == '.' || strspn(name, allowed) != strlen(name))
		return json_refuse(node, err, "must be the name of a cgroup's file");
	*ret_name = name;
	return 0;
}

static int read_writes(const struct json_node *cgroup, const char *key, struct cgroup_write ret_writes[LIMIT_CGROUP_FILES],
		       size_t *ret_count, struct error *err)
{
	static const char *const fields[] = {"name", "value", NULL};
	struct json_node node = json_member(cgroup, key);

	if (json_read_array(&node, 0, LIMIT_CGROUP_FILES, ret_count, err) < 0)
		return -1;
	for (size_t i = 0; i < *ret_count; i++) {
		struct json_node element = json_element(&node, i);
		struct json_node name = json_member(&element, "name");
		struct json_node value = json_member(&element, "value");

		if (json_only(&element, fields, err) < 0 || read_name(&name, &ret_writes[i].name, err) < 0 ||
		    json_read_string(&value, 1, 255, &ret_writes[i].value, err) < 0)
			return -1;
	}
	return 0;
}

static int read_reads(const struct json_node *cgroup, struct plan_cgroup *ret_cgroup, struct error *err)
{
	struct json_node node = json_member(cgroup, "read");
	size_t count;

	if (json_read_array(&node, 0, LIMIT_CGROUP_FILES, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);

		if (read_name(&element, &ret_cgroup->reads[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_cgroup(const struct json_node *node, struct plan_cgroup *ret_cgroup, struct error *err)
{
	static const char *const fields[] = {"version", "directory", "write", "atKill", "read", "enter", NULL};
	struct json_node version = json_member(node, "version");
	struct json_node directory = json_member(node, "directory");
	struct json_node enter = json_member(node, "enter");

	if (json_only(node, fields, err) < 0 || json_read_u32(&version, 1, 2, &ret_cgroup->version, err) < 0 ||
	    plan_read_path(&directory, &ret_cgroup->directory, err) < 0)
		return -1;
	if (read_writes(node, "write", ret_cgroup->writes, &ret_cgroup->write_count, err) < 0 ||
	    read_writes(node, "atKill", ret_cgroup->at_kill, &ret_cgroup->at_kill_count, err) < 0)
		return -1;
	if (read_reads(node, ret_cgroup, err) < 0 ||
	    (enter.value != NULL && json_read_bool(&enter, &ret_cgroup->enter, err) < 0))
		return -1;
	/* Others are in it: what it is set to is not ours to change, nor are its figures the job's. */
	if (ret_cgroup->enter && (ret_cgroup->write_count > 0 || ret_cgroup->at_kill_count > 0 || ret_cgroup->reads[0] != NULL))
		return json_refuse(&enter, err, "leaves nothing to write or to read");
	return 0;
}

int plan_read_cgroups(const struct json_node *root, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(root, "cgroups");
	bool unified = false;
	size_t count;

	if (node.value == NULL)
		return 0;
	if (json_read_array(&node, 0, LIMIT_CGROUPS, &count, err) < 0)
		return -1;
	plan->cgroups = plan_calloc(count + 1, sizeof(*plan->cgroups));
	if (plan->cgroups == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		struct json_node version = json_member(&element, "version");

		plan->cgroup_count = i + 1;
		if (read_cgroup(&element, &plan->cgroups[i], err) < 0)
			return -1;
		if (plan->cgroups[i].version == 2 && unified)
			return json_refuse(&version, err, "there is only one hierarchy of version 2");
		unified = unified || plan->cgroups[i].version == 2;
	}
	return 0;
}

int plan_read_cpu_source(const struct json_node *limits, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"cgroup", "file", "key", "unitNanos", NULL};
	struct json_node node = json_member(limits, "cpuSource");
	struct json_node cgroup, file, key, unit;

	if (node.value == NULL)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	cgroup = json_member(&node, "cgroup");
	file = json_member(&node, "file");
	key = json_member(&node, "key");
	unit = json_member(&node, "unitNanos");
	if (json_read_u32(&cgroup, 0, LIMIT_CGROUPS, &plan->cpu_cgroup, err) < 0)
		return -1;
	if (plan->cpu_cgroup >= plan->cgroup_count)
		return json_refuse(&cgroup, err, "there is no such cgroup in the list");
	if (json_read_string(&key, 0, 64, &plan->cpu_key, err) < 0 ||
	    json_read_int(&unit, 1, 1000000000, &plan->cpu_unit_nanos, err) < 0)
		return -1;
	return read_name(&file, &plan->cpu_file, err);
}
