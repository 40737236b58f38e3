/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of one command in an open sandbox: what is not the sandbox's.
 */
#include <stdlib.h>

#include "bounds.h"
#include "error.h"
#include "plan_read.h"

static int read_counts(const struct json_node *root, struct command_plan *command, struct error *err)
{
	static const char *const fields[] = {"argv", "searchPath", "env", "cwd", NULL};
	struct json_node node = json_member(root, "strings");
	struct json_node argv = json_member(&node, "argv");
	struct json_node search = json_member(&node, "searchPath");
	struct json_node env = json_member(&node, "env");

	if (json_require(&node, err) < 0 || json_only(&node, fields, err) < 0 ||
	    json_read_u32(&argv, 1, LIMIT_STRINGS, &command->argument_count, err) < 0 ||
	    json_read_u32(&search, 0, LIMIT_STRINGS, &command->search_count, err) < 0 ||
	    json_read_u32(&env, 0, LIMIT_STRINGS, &command->variable_count, err) < 0)
		return -1;
	return plan_read_flag(&node, "cwd", &command->has_cwd, err);
}

int command_plan_parse(const char *text, size_t size, struct command_plan *ret_plan, struct error *err)
{
	static const char *const fields[] = {"protocol", "strings", "rlimits", "ownedStdio", "limits", "brief", NULL};
	struct json_node root = {NULL, NULL, 0, NULL};
	struct json_node protocol, brief;
	struct plan *plan = &ret_plan->plan;
	uint32_t version;

	*ret_plan = (struct command_plan){0};
	if (json_parse_object(text, size, &plan->document, err) < 0)
		return -1;
	root.value = plan->document;
	protocol = json_member(&root, "protocol");
	brief = json_member(&root, "brief");
	if (json_read_u32(&protocol, PROTOCOL_VERSION, PROTOCOL_VERSION, &version, err) == 0 &&
	    json_only(&root, fields, err) == 0 && read_counts(&root, ret_plan, err) == 0 &&
	    plan_read_process_limits(&root, plan, err) == 0 && plan_read_owned_stdio(&root, plan, err) == 0 &&
	    plan_read_limits(&root, plan, err) == 0 &&
	    (brief.value == NULL || json_read_bool(&brief, &ret_plan->brief, err) == 0))
		return 0;
	plan_release(plan);
	return -1;
}
