/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a plan says that a process becomes the command itself, and which namespaces are pinned.
 */

#include "bounds.h"
#include "error.h"
#include "plan_memory.h"
#include "plan_read.h"

static int read_pin(const struct json_node *node, struct plan_pin *ret_pin, struct error *err)
{
	static const char *const fields[] = {"kind", "path", "inside", "marker", NULL};
	struct json_node kind_node = json_member(node, "kind");
	struct json_node path = json_member(node, "path");
	struct json_node marker = json_member(node, "marker");
	const char *names[NS_COUNT + 1] = {NULL};
	int kind;

	ret_pin->directory = -1;
	for (int i = 0; i < NS_COUNT; i++)
		names[i] = ns_table[i].name;
	if (json_only(node, fields, err) < 0 || json_read_choice(&kind_node, names, &kind, err) < 0 ||
	    plan_read_target(&path, &ret_pin->path, err) < 0 || plan_read_flag(node, "inside", &ret_pin->inside, err) < 0)
		return -1;
	ret_pin->kind = (enum ns_kind)kind;
	if (marker.value == NULL)
		return 0;
	if (ret_pin->inside)
		return json_refuse(&marker, err, "goes with inside false only");
	return plan_read_target(&marker, &ret_pin->marker, err);
}

int plan_read_pins(const struct json_node *root, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(root, "pins");
	size_t count;

	if (node.value == NULL)
		return 0;
	if (json_read_array(&node, 1, LIMIT_PINS, &count, err) < 0)
		return -1;
	plan->pins = plan_calloc(count, sizeof(*plan->pins));
	if (plan->pins == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);

		if (read_pin(&element, &plan->pins[i], err) < 0)
			return -1;
	}
	plan->pin_count = count;
	return 0;
}

/* Nobody stays to measure, to end, to collect or to relay. */
static const char *needs_supervisor(const struct plan *plan)
{
	if (plan->has_wall || plan->has_cpu)
		return "a limit of time needs a supervisor, and in place none stays";
	if (plan->cgroup_count > 0)
		return "cgroups need a supervisor to remove them, and in place none stays";
	if (plan->collect.count > 0)
		return "results need a supervisor to collect them, and in place none stays";
	if (plan->process.terminal)
		return "a terminal needs a supervisor to relay it, and in place none stays";
	if (plan->hold)
		return "nothing can be held in place";
	if (plan->namespaces[NS_PID].mode == NS_MODE_JOIN || plan->process.enter.pid > 0)
		return "a pid namespace, or a process, is entered by a job only, whose processes hide until they execute";
	return plan->process.as_pid1 ? "there is no init in place; with fork the child is pid 1" : NULL;
}

int plan_read_in_place(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"fork", "killSignal", NULL};
	struct json_node node = json_member(root, "inPlace");
	struct json_node kill_signal = json_member(&node, "killSignal");
	const char *problem = needs_supervisor(plan);

	plan->in_place.wanted = node.value != NULL;
	if (!plan->in_place.wanted)
		return 0;
	if (json_only(&node, fields, err) < 0 || plan_read_flag(&node, "fork", &plan->in_place.fork, err) < 0)
		return -1;
	if (problem != NULL)
		return json_refuse(&node, err, "%s", problem);
	for (size_t i = 0; i < plan->mount_count && !plan->in_place.fork; i++) {
		if (plan->mounts[i].op == MOUNT_PROC)
			return json_refuse(&node, err, "a fresh proc is of the pid namespace of who mounts it: needs fork");
	}
	if (kill_signal.value == NULL)
		return 0;
	if (!plan->in_place.fork)
		return json_refuse(&kill_signal, err, "needs fork");
	return json_read_u32(&kill_signal, 1, 64, &plan->in_place.kill_signal, err);
}
