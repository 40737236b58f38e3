/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id maps of a plan: ranges, the block they may be relative to, the tools that write them.
 */

#include "error.h"
#include "idmap.h"
#include "json.h"
#include "bounds.h"
#include "plan_memory.h"
#include "plan_read.h"

static bool ranges_overlap(uint32_t first, uint32_t first_count, uint32_t second, uint32_t second_count)
{
	return first < (uint64_t)second + second_count && second < (uint64_t)first + first_count;
}

static int read_range(const struct json_node *node, bool relative, struct id_range *ret_range, struct error *err)
{
	static const char *const fields[] = {"inside", "outside", "count", NULL};
	uint64_t end = relative ? 65536u : (uint64_t)UID_MAX_VALID + 1;
	struct json_node inside, outside, count;

	if (json_only(node, fields, err) < 0)
		return -1;
	inside = json_member(node, "inside");
	outside = json_member(node, "outside");
	count = json_member(node, "count");
	if (json_read_u32(&inside, 0, UID_MAX_VALID, &ret_range->inside, err) < 0 ||
	    json_read_u32(&outside, 0, UID_MAX_VALID, &ret_range->outside, err) < 0 ||
	    json_read_u32(&count, 1, UID_MAX_VALID, &ret_range->count, err) < 0)
		return -1;
	if ((uint64_t)ret_range->inside + ret_range->count > (uint64_t)UID_MAX_VALID + 1)
		return json_refuse(&count, err, "runs past the last id inside");
	if (ret_range->outside + (uint64_t)ret_range->count > end)
		return json_refuse(&count, err, relative ? "runs past the block" : "runs past the last id outside");
	return 0;
}

static int read_map(const struct json_node *maps, const char *key, bool relative, struct id_map *ret_map,
		    struct error *err)
{
	struct json_node node = json_member(maps, key);
	size_t count;

	if (json_read_array(&node, 0, LIMIT_MAP_LINES, &count, err) < 0)
		return -1;
	ret_map->ranges = plan_calloc(count + 1, sizeof(*ret_map->ranges));
	if (ret_map->ranges == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		struct id_range *range = &ret_map->ranges[i];

		if (read_range(&element, relative, range, err) < 0)
			return -1;
		for (size_t j = 0; j < i; j++) {
			const struct id_range *other = &ret_map->ranges[j];

			if (ranges_overlap(range->inside, range->count, other->inside, other->count) ||
			    ranges_overlap(range->outside, range->count, other->outside, other->count))
				return json_refuse(&element, err, "overlaps entry %zu", j);
		}
	}
	ret_map->count = count;
	return 0;
}

static int read_block(const struct json_node *node, struct id_block *ret_block, struct error *err)
{
	static const char *const fields[] = {"directory", "bases", NULL};
	struct json_node directory, bases;
	size_t count;

	if (json_only(node, fields, err) < 0)
		return -1;
	directory = json_member(node, "directory");
	bases = json_member(node, "bases");
	if (plan_read_path(&directory, &ret_block->directory, err) < 0 ||
	    json_read_array(&bases, 1, LIMIT_BASES, &count, err) < 0)
		return -1;
	ret_block->bases = plan_calloc(count, sizeof(*ret_block->bases));
	if (ret_block->bases == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&bases, i);

		/* Base 0 would map the host's own root. */
		if (json_read_u32(&element, 65536, UID_MAX_VALID - 65535, &ret_block->bases[i], err) < 0)
			return -1;
	}
	ret_block->base_count = count;
	return 0;
}

int plan_read_maps(const struct json_node *root, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"uid", "gid", "setgroups", "block", "newuidmap", "newgidmap", NULL};
	static const char *const setgroups[] = {"deny", "allow", NULL};
	struct json_node node = json_member(root, "idMaps");
	struct json_node choice, block, newuidmap, newgidmap;
	int allowed;

	plan->has_maps = node.value != NULL;
	if (plan->has_maps != (plan->namespaces[NS_USER].mode == NS_MODE_NEW))
		return json_refuse(&node, err, plan->has_maps ? "needs a new user namespace"
							      : "required with a new user namespace");
	if (!plan->has_maps)
		return 0;
	if (json_only(&node, fields, err) < 0)
		return -1;
	block = json_member(&node, "block");
	if (block.value != NULL && read_block(&block, &plan->block, err) < 0)
		return -1;
	choice = json_member(&node, "setgroups");
	if (read_map(&node, "uid", block.value != NULL, &plan->uids, err) < 0 ||
	    read_map(&node, "gid", block.value != NULL, &plan->gids, err) < 0 ||
	    json_read_choice(&choice, setgroups, &allowed, err) < 0)
		return -1;
	plan->setgroups_allowed = allowed == 1;
	newuidmap = json_member(&node, "newuidmap");
	newgidmap = json_member(&node, "newgidmap");
	if ((newuidmap.value != NULL) != (newgidmap.value != NULL))
		return json_refuse(newuidmap.value != NULL ? &newgidmap : &newuidmap, err, "both or neither");
	if (newuidmap.value == NULL)
		return 0;
	if (block.value != NULL)
		return json_refuse(&newuidmap, err, "does not go with a block");
	return plan_read_path(&newuidmap, &plan->newuidmap, err) < 0 ? -1 : plan_read_path(&newgidmap, &plan->newgidmap, err);
}

/* In one line of the map: ends that fit tell nothing of what lies between them. */
static bool find_range(const struct id_map *ids, uint32_t first, uint32_t count, uint32_t *ret_outside)
{
	for (size_t i = 0; i < ids->count; i++) {
		const struct id_range *range = &ids->ranges[i];

		if (first >= range->inside && (uint64_t)first + count <= (uint64_t)range->inside + range->count) {
			*ret_outside = range->outside + (first - range->inside);
			return true;
		}
	}
	return false;
}

/* Disk to inside, as the document has it, becomes disk to outside. */
static int read_disk_range(const struct json_node *map, const char *key, const struct id_map *ids, struct id_range *ret_range,
			   struct error *err)
{
	static const char *const fields[] = {"disk", "inside", "count", NULL};
	struct json_node node = json_member(map, key);
	struct json_node disk, inside, count;
	uint32_t first;

	if (json_require(&node, err) < 0 || json_only(&node, fields, err) < 0)
		return -1;
	disk = json_member(&node, "disk");
	inside = json_member(&node, "inside");
	count = json_member(&node, "count");
	if (json_read_u32(&disk, 0, UID_MAX_VALID, &ret_range->inside, err) < 0 ||
	    json_read_u32(&inside, 0, UID_MAX_VALID, &first, err) < 0 ||
	    json_read_u32(&count, 1, UID_MAX_VALID, &ret_range->count, err) < 0)
		return -1;
	if ((uint64_t)ret_range->inside + ret_range->count > (uint64_t)UID_MAX_VALID + 1)
		return json_refuse(&count, err, "runs past the last id on disk");
	if (!find_range(ids, first, ret_range->count, &ret_range->outside))
		return json_refuse(&inside, err, "is not mapped in one piece");
	return 0;
}

int plan_read_disk_map(const struct json_node *node, const struct plan *plan, struct disk_map **ret_map, struct error *err)
{
	static const char *const fields[] = {"required", "uid", "gid", NULL};

	if (!plan->has_maps)
		return json_refuse(node, err, "needs a new user namespace");
	*ret_map = plan_calloc(1, sizeof(**ret_map));
	if (*ret_map == NULL)
		return plan_out_of_memory(err);
	if (json_only(node, fields, err) < 0 || plan_read_flag(node, "required", &(*ret_map)->required, err) < 0 ||
	    read_disk_range(node, "uid", &plan->uids, &(*ret_map)->uids, err) < 0)
		return -1;
	return read_disk_range(node, "gid", &plan->gids, &(*ret_map)->gids, err);
}
