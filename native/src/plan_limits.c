/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a plan's process bounds it: resource limits, priorities, processors.
 */

#include "bounds.h"
#include "error.h"
#include "plan_memory.h"
#include "plan_read.h"

/* -1 is "unlimited": RLIM_INFINITY itself does not fit a JSON integer that every reader takes. */
static int read_value(const struct json_node *object, const char *key, rlim_t *ret_value, struct error *err)
{
	struct json_node node = json_member(object, key);
	int64_t value;

	if (json_read_int(&node, -1, INT64_MAX, &value, err) < 0)
		return -1;
	*ret_value = value < 0 ? RLIM_INFINITY : (rlim_t)value;
	return 0;
}

static int read_rlimit(const struct json_node *node, struct plan_rlimit *ret_limit, struct error *err)
{
	static const char *const fields[] = {"resource", "soft", "hard", NULL};
	struct json_node resource = json_member(node, "resource");
	struct json_node soft = json_member(node, "soft");

	if (json_only(node, fields, err) < 0 ||
	    json_read_u32(&resource, 0, LIMIT_RESOURCES - 1, &ret_limit->resource, err) < 0 ||
	    read_value(node, "soft", &ret_limit->soft, err) < 0 || read_value(node, "hard", &ret_limit->hard, err) < 0)
		return -1;
	if (ret_limit->soft > ret_limit->hard)
		return json_refuse(&soft, err, "must not be above the hard limit");
	return 0;
}

static int read_rlimits(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "rlimits");
	uint32_t seen = 0;
	size_t count;

	if (node.value == NULL)
		return 0;
	if (json_read_array(&node, 0, LIMIT_RESOURCES, &count, err) < 0)
		return -1;
	plan->process.rlimits = plan_calloc(count + 1, sizeof(*plan->process.rlimits));
	if (plan->process.rlimits == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		struct json_node resource;

		if (read_rlimit(&element, &plan->process.rlimits[i], err) < 0)
			return -1;
		resource = json_member(&element, "resource");
		if ((seen & 1u << plan->process.rlimits[i].resource) != 0)
			return json_refuse(&resource, err, "is there twice");
		seen |= 1u << plan->process.rlimits[i].resource;
	}
	plan->process.rlimit_count = count;
	return 0;
}

static int read_optional_int(const struct json_node *process, const char *key, int least, int most, bool *ret_has, int *ret_value,
			     struct error *err)
{
	struct json_node node = json_member(process, key);
	int64_t value;

	*ret_has = node.value != NULL;
	if (!*ret_has)
		return 0;
	if (json_read_int(&node, least, most, &value, err) < 0)
		return -1;
	*ret_value = (int)value;
	return 0;
}

static int read_ionice(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"class", "level", NULL};
	struct json_node node = json_member(process, "ionice");
	struct json_node class, level;
	int64_t value;

	plan->process.has_ionice = node.value != NULL;
	if (!plan->process.has_ionice)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	class = json_member(&node, "class");
	level = json_member(&node, "level");
	if (json_read_int(&class, 1, 3, &value, err) < 0)
		return -1;
	plan->process.io_class = (int)value;
	if (json_read_int(&level, 0, 7, &value, err) < 0)
		return -1;
	plan->process.io_level = (int)value;
	return 0;
}

static int read_affinity(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "cpuAffinity");
	size_t count;

	plan->process.has_affinity = node.value != NULL;
	if (!plan->process.has_affinity)
		return 0;
	if (json_read_array(&node, 1, CPU_SETSIZE, &count, err) < 0)
		return -1;
	CPU_ZERO(&plan->process.affinity);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		uint32_t cpu;

		if (json_read_u32(&element, 0, CPU_SETSIZE - 1, &cpu, err) < 0)
			return -1;
		CPU_SET(cpu, &plan->process.affinity);
	}
	return 0;
}

int plan_read_process_limits(const struct json_node *process, struct plan *plan, struct error *err)
{
	if (read_rlimits(process, plan, err) < 0 ||
	    read_optional_int(process, "nice", -20, 19, &plan->process.has_nice, &plan->process.nice, err) < 0 ||
	    read_ionice(process, plan, err) < 0 || read_affinity(process, plan, err) < 0)
		return -1;
	return read_optional_int(process, "oomScoreAdj", -1000, 1000, &plan->process.has_oom_score, &plan->process.oom_score, err);
}
