/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of a plan: what is executed, as whom, with which streams and privileges.
 */
#include <string.h>

#include "error.h"
#include "json.h"
#include "bounds.h"
#include "plan_memory.h"
#include "plan_read.h"
#include "seccomp.h"

static int read_optional_id(const struct json_node *object, const char *key, bool *ret_has, uint32_t *ret_id,
			    struct error *err)
{
	struct json_node node = json_member(object, key);

	*ret_has = node.value != NULL;
	return *ret_has ? json_read_u32(&node, 0, UID_MAX_VALID, ret_id, err) : 0;
}

/* A NULL-terminated vector of strings borrowed from the document. */
static int read_strings(const struct json_node *node, size_t least, char ***ret_strings, struct error *err)
{
	size_t count;
	char **strings;

	if (json_read_array(node, least, LIMIT_STRINGS, &count, err) < 0)
		return -1;
	strings = plan_calloc(count + 1, sizeof(*strings));
	if (strings == NULL)
		return plan_out_of_memory(err);
	*ret_strings = strings; /* plan_release() frees it, also after a failure below */
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(node, i);
		const char *text;

		if (json_read_string(&element, 0, LIMIT_PLAN_BYTES, &text, err) < 0)
			return -1;
		strings[i] = (char *)(uintptr_t)text; /* execve(2) wants char *const[] and does not write */
	}
	return 0;
}

static int read_groups(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "groups");
	size_t count;

	plan->process.has_groups = node.value != NULL;
	if (!plan->process.has_groups)
		return 0;
	if (plan->has_maps && !plan->setgroups_allowed)
		return json_refuse(&node, err, "needs setgroups allowed");
	if (json_read_array(&node, 0, LIMIT_GROUPS, &count, err) < 0)
		return -1;
	plan->process.groups = plan_calloc(count + 1, sizeof(*plan->process.groups));
	if (plan->process.groups == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);

		if (json_read_u32(&element, 0, UID_MAX_VALID, &plan->process.groups[i], err) < 0)
			return -1;
	}
	plan->process.group_count = count;
	return 0;
}

static int read_command(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node argv = json_member(process, "argv");
	struct json_node search = json_member(process, "searchPath");
	struct json_node environment = json_member(process, "env");

	if (read_strings(&argv, 1, &plan->process.argv, err) < 0 ||
	    read_strings(&search, 0, &plan->process.search_path, err) < 0 ||
	    read_strings(&environment, 0, &plan->process.environment, err) < 0)
		return -1;
	if (plan->process.argv[0][0] == '\0') {
		struct json_node first = json_element(&argv, 0);

		return json_refuse(&first, err, "must not be empty");
	}
	for (size_t i = 0; plan->process.search_path[i] != NULL; i++) {
		struct json_node element = json_element(&search, i);

		if (plan->process.search_path[i][0] != '/')
			return json_refuse(&element, err, "must be an absolute path");
	}
	for (size_t i = 0; plan->process.environment[i] != NULL; i++) {
		const char *equals = strchr(plan->process.environment[i], '=');
		struct json_node element = json_element(&environment, i);

		if (equals == NULL || equals == plan->process.environment[i])
			return json_refuse(&element, err, "must be NAME=value");
	}
	return 0;
}

int plan_read_owned_stdio(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "ownedStdio");
	size_t count;

	if (node.value == NULL)
		return 0;
	if (json_read_array(&node, 0, 3, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		uint32_t fd;

		if (json_read_u32(&element, 0, 2, &fd, err) < 0)
			return -1;
		plan->process.owned_stdio[fd] = true;
	}
	return 0;
}

static int read_filter(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"filter", "log", NULL};
	struct json_node node = json_member(process, "seccomp");
	struct json_node filter;
	const char *text;

	if (node.value == NULL)
		return 0;
	if (json_only(&node, fields, err) < 0 || plan_read_flag(&node, "log", &plan->process.filter_log, err) < 0)
		return -1;
	filter = json_member(&node, "filter");
	if (json_read_string(&filter, 0, LIMIT_PLAN_BYTES, &text, err) < 0)
		return -1;
	switch (seccomp_decode(text, &plan->process.filter, &plan->process.filter_count)) {
	case 0:
		break;
	case -2:
		return plan_out_of_memory(err);
	default:
		return json_refuse(&filter, err, "must be base64 of 1 to %u instructions of 8 bytes", LIMIT_FILTER);
	}
	/* The kernel's rule, seccomp(2): else a program could be made to run setuid programs under a filter of its choice. */
	if (!plan->process.no_new_privs && plan->process.drop_capabilities && !plan_keeps_sys_admin(plan))
		return json_refuse(&node, err, "needs noNewPrivs, or capabilities that are kept");
	return 0;
}

static int read_terminal(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"rows", "columns", NULL};
	uint16_t *targets[] = {&plan->process.rows, &plan->process.columns};
	struct json_node node = json_member(process, "terminal");
	struct json_node rows, columns;

	plan->process.terminal = node.value != NULL;
	if (!plan->process.terminal)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	if (!plan->process.new_session)
		return json_refuse(&node, err, "needs a new session");
	if (plan->process.owned_stdio[0] || plan->process.owned_stdio[1] || plan->process.owned_stdio[2])
		return json_refuse(&node, err, "leaves no standard stream to be owned");
	rows = json_member(&node, "rows");
	columns = json_member(&node, "columns");
	if (rows.value == NULL && columns.value == NULL)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		uint32_t value;

		if (json_read_u32(i == 0 ? &rows : &columns, 1, UINT16_MAX, &value, err) < 0)
			return -1;
		*targets[i] = (uint16_t)value;
	}
	return 0;
}

static int read_enter(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"pid", "startTime", "root", "cwd", NULL};
	struct json_node node = json_member(process, "enter");

	if (node.value == NULL)
		return 0;
	if (json_only(&node, fields, err) < 0 || plan_read_pinned(&node, &plan->process.enter, err) < 0 ||
	    plan_read_flag(&node, "root", &plan->process.enter_root, err) < 0 ||
	    plan_read_flag(&node, "cwd", &plan->process.enter_cwd, err) < 0)
		return -1;
	if (plan->new_root || plan->process.chroot != NULL)
		return json_refuse(&node, err, "cannot go with another root");
	return plan->process.enter_cwd && plan->process.cwd != NULL ? json_refuse(&node, err, "cannot go with cwd") : 0;
}

static int read_chroot(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "chroot");

	if (node.value == NULL)
		return 0;
	if (plan_read_path(&node, &plan->process.chroot, err) < 0)
		return -1;
	return plan->new_root ? json_refuse(&node, err, "cannot go with a root of the job's own") : 0;
}

/* The job has to outlive its commands, in a pid namespace whose end is theirs. */
static int read_commands(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "commands");

	if (node.value == NULL)
		return 0;
	if (json_read_bool(&node, &plan->process.commands, err) < 0)
		return -1;
	return plan->process.commands && (!plan->process.self || plan->namespaces[NS_PID].mode != NS_MODE_NEW)
		       ? json_refuse(&node, err, "needs self and a new pid namespace")
		       : 0;
}

int plan_read_process(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"argv",	     "searchPath", "env",	 "cwd",	       "uid",
					     "gid",	     "groups",	   "umask",	 "ownedStdio", "dropCapabilities",
					     "noNewPrivs", "newSession", "asPid1",	 "rlimits",    "nice",
					     "ionice",	   "cpuAffinity", "oomScoreAdj", "seccomp",    "terminal",
					     "capabilities", "keyring",	  "landlock",	 "lockMounts", "chroot",     "self",
					     "enter",	   "commands",
					     NULL};
	struct json_node node = json_member(root, "process");
	struct json_node cwd, mask, as_pid1, self;
	uint32_t value;

	if (json_require(&node, err) < 0 || json_only(&node, fields, err) < 0 || read_command(&node, plan, err) < 0)
		return -1;
	self = json_member(&node, "self");
	if (self.value != NULL && json_read_bool(&self, &plan->process.self, err) < 0)
		return -1;
	if (read_commands(&node, plan, err) < 0)
		return -1;
	cwd = json_member(&node, "cwd");
	if (cwd.value != NULL && plan_read_path(&cwd, &plan->process.cwd, err) < 0)
		return -1;
	/* The caller's own directory is not there any more, or worse: it would still be reachable. */
	if (plan->new_root && plan->process.cwd == NULL)
		return json_refuse(&cwd, err, "required with a root of the job's own");
	if (read_chroot(&node, plan, err) < 0 || read_enter(&node, plan, err) < 0)
		return -1;
	mask = json_member(&node, "umask");
	plan->process.has_umask = mask.value != NULL;
	if (plan->process.has_umask) {
		if (json_read_u32(&mask, 0, 0777, &value, err) < 0)
			return -1;
		plan->process.umask = (mode_t)value;
	}
	if (read_optional_id(&node, "uid", &plan->process.has_uid, &plan->process.uid, err) < 0 ||
	    read_optional_id(&node, "gid", &plan->process.has_gid, &plan->process.gid, err) < 0 ||
	    read_groups(&node, plan, err) < 0 || plan_read_owned_stdio(&node, plan, err) < 0 ||
	    plan_read_process_limits(&node, plan, err) < 0 ||
	    plan_read_flag(&node, "dropCapabilities", &plan->process.drop_capabilities, err) < 0 ||
	    plan_read_flag(&node, "noNewPrivs", &plan->process.no_new_privs, err) < 0 ||
	    plan_read_flag(&node, "newSession", &plan->process.new_session, err) < 0 ||
	    plan_read_flag(&node, "asPid1", &plan->process.as_pid1, err) < 0 ||
	    plan_read_privileges(&node, plan, err) < 0 || read_filter(&node, plan, err) < 0 ||
	    read_terminal(&node, plan, err) < 0)
		return -1;
	as_pid1 = json_member(&node, "asPid1");
	if (plan->process.as_pid1 && plan->namespaces[NS_PID].mode != NS_MODE_NEW)
		return json_refuse(&as_pid1, err, "needs a new pid namespace");
	return 0;
}
