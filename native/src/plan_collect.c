/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a plan says which results are collected.
 */

#include "bounds.h"
#include "error.h"
#include "plan_memory.h"
#include "plan_read.h"

static int read_source(const struct json_node *node, struct collect_source *ret_source, struct error *err)
{
	static const char *const fields[] = {"path", "files", "bytes", NULL};
	struct json_node path = json_member(node, "path");
	struct json_node files = json_member(node, "files");
	struct json_node bytes = json_member(node, "bytes");

	if (json_only(node, fields, err) < 0 || plan_read_target(&path, &ret_source->path, err) < 0 ||
	    json_read_int(&files, 1, LIMIT_COLLECT_FILES, &ret_source->files, err) < 0)
		return -1;
	return json_read_int(&bytes, 0, LIMIT_COLLECT_BYTES, &ret_source->bytes, err);
}

int plan_read_collect(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"millis", "depth", "sources", NULL};
	struct json_node node = json_member(root, "collect");
	struct json_node millis = json_member(&node, "millis");
	struct json_node depth = json_member(&node, "depth");
	struct json_node sources = json_member(&node, "sources");
	size_t count;

	if (node.value == NULL)
		return 0;
	if (json_only(&node, fields, err) < 0 || json_read_int(&millis, 1, LIMIT_MILLIS, &plan->collect.millis, err) < 0 ||
	    json_read_u32(&depth, 0, LIMIT_COLLECT_DEPTH, &plan->collect.depth, err) < 0 ||
	    json_read_array(&sources, 1, LIMIT_COLLECT, &count, err) < 0)
		return -1;
	plan->collect.sources = plan_calloc(count, sizeof(*plan->collect.sources));
	if (plan->collect.sources == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&sources, i);

		if (read_source(&element, &plan->collect.sources[i], err) < 0)
			return -1;
	}
	plan->collect.count = count;
	return 0;
}
