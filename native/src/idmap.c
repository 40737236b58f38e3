/* SPDX-License-Identifier: Apache-2.0 */
#include "idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fault.h"
#include "fd.h"
#include "run.h"
#include "text.h"

/* "4294967294 4294967294 4294967294\n" */
#define LINE_MAX_LENGTH 36u

char *idmap_text(const struct id_map *map, uint32_t base)
{
	size_t size = map->count * LINE_MAX_LENGTH + 1;
	size_t length = 0;
	char *text = malloc(size);

	if (text == NULL)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < map->count; i++)
		length += (size_t)snprintf(text + length, size - length, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
					   map->ranges[i].inside, map->ranges[i].outside + base, map->ranges[i].count);
	return text;
}

char *idmap_same(const struct id_map *map)
{
	struct id_map same = {.ranges = calloc(map->count + 1, sizeof(*map->ranges)), .count = map->count};
	char *text;

	if (same.ranges == NULL)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		same.ranges[i] = (struct id_range){map->ranges[i].inside, map->ranges[i].inside, map->ranges[i].count};
	text = idmap_text(&same, 0);
	free(same.ranges);
	return text;
}

char **idmap_arguments(const char *program, pid_t pid, const struct id_map *map, char **ret_strings)
{
	/* Built for any number of lines: a fixed argv loses maps without a word. */
	size_t count = 2 + map->count * 3;
	char **arguments = calloc(count + 1, sizeof(*arguments));
	char *strings = calloc(count, 12);
	size_t used = 0;

	if (arguments == NULL || strings == NULL) {
		free(arguments);
		free(strings);
		return NULL;
	}
	arguments[used++] = (char *)(uintptr_t)program;
	arguments[used] = strings;
	(void)snprintf(strings, 12, "%d", (int)pid);
	used++;
	for (size_t i = 0; i < map->count; i++) {
		const uint32_t numbers[] = {map->ranges[i].inside, map->ranges[i].outside, map->ranges[i].count};

		for (size_t j = 0; j < 3; j++, used++) {
			arguments[used] = strings + (used - 1) * 12;
			(void)snprintf(arguments[used], 12, "%" PRIu32, numbers[j]);
		}
	}
	*ret_strings = strings;
	return arguments;
}

bool idmap_outside(const struct id_map *map, uint32_t inside, uint32_t *ret_outside)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		if (inside >= range->inside && inside - range->inside < range->count) {
			*ret_outside = range->outside + (inside - range->inside);
			return true;
		}
	}
	return false;
}

bool idmap_inside(const struct id_map *map, uint32_t outside, uint32_t *ret_inside)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		if (outside >= range->outside && outside - range->outside < range->count) {
			*ret_inside = range->inside + (outside - range->outside);
			return true;
		}
	}
	return false;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (const char *c = text; *c != '\0'; c++)
		count += *c == '\n' || c[1] == '\0';
	return count;
}

int idmap_read(int process_dir, const char *file, struct id_map *ret_map, struct error *err)
{
	/* Nearly every map is a line or two. */
	char few[8 * LINE_MAX_LENGTH];
	_cleanup_free_ char *many = NULL;
	_cleanup_free_ struct id_range *ranges = NULL;
	const char *text = few;
	ssize_t length = fd_read_file(process_dir, file, few, sizeof(few));
	size_t count = 0;
	size_t lines;

	if (length == (ssize_t)sizeof(few) - 1) {
		text = many = malloc(LIMIT_MAP_LINES * LINE_MAX_LENGTH + 1);
		if (many == NULL)
			return error_set(err, "malloc", ENOMEM, "", "out of memory");
		length = fd_read_file(process_dir, file, many, LIMIT_MAP_LINES * LINE_MAX_LENGTH + 1);
	}
	if (length < 0)
		return error_set(err, "read", errno, file, "cannot read the map back");
	lines = count_lines(text) < LIMIT_MAP_LINES ? count_lines(text) : LIMIT_MAP_LINES;
	ranges = calloc(lines + 1, sizeof(*ranges));
	if (ranges == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory");
	for (const char *line = text; count < lines; count++) {
		struct id_range *range = &ranges[count];

		if (!text_uint32(&line, &range->inside) || !text_uint32(&line, &range->outside) || !text_uint32(&line, &range->count))
			return error_set(err, "", EPROTO, file, "not in the form user_namespaces(7) describes");
		line = strchr(line, '\n');
		if (line == NULL)
			break;
		line++;
	}
	ret_map->ranges = ranges;
	ret_map->count = count;
	ranges = NULL;
	return 0;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct id_range *a = left;
	const struct id_range *b = right;

	return (a->inside > b->inside) - (a->inside < b->inside);
}

/* The kernel sorts maps of more than five lines: compared as sets. Ranges do not overlap, so the order is total. */
static int compare_maps(const struct id_map *asked, uint32_t base, const struct id_map *shown, const char *file, struct error *err)
{
	_cleanup_free_ struct id_range *wanted = calloc(asked->count + 1, sizeof(*wanted));
	_cleanup_free_ struct id_range *ranges = calloc(asked->count + 1, sizeof(*ranges));

	if (wanted == NULL || ranges == NULL)
		return error_set(err, "calloc", ENOMEM, "", "out of memory");
	if (shown->count != asked->count)
		return error_set(err, "", EPROTO, file, "the kernel shows another map than the one written");
	if (asked->count == 0)
		return 0;
	memcpy(wanted, asked->ranges, asked->count * sizeof(*wanted));
	memcpy(ranges, shown->ranges, asked->count * sizeof(*ranges));
	qsort(wanted, asked->count, sizeof(*wanted), compare_ranges);
	qsort(ranges, asked->count, sizeof(*ranges), compare_ranges);
	for (size_t i = 0; i < asked->count; i++) {
		if (ranges[i].inside != wanted[i].inside ||
		    ranges[i].outside != wanted[i].outside + base || ranges[i].count != wanted[i].count)
			return error_set(err, "", EPROTO, file, "the kernel shows another map than the one written");
	}
	return 0;
}

int idmap_compare(const struct plan *plan, uint32_t base, const struct id_map *uids, const struct id_map *gids, struct error *err)
{
	return compare_maps(&plan->gids, base, gids, "gid_map", err) < 0 ? -1
									 : compare_maps(&plan->uids, base, uids, "uid_map", err);
}

static bool covers(const struct id_map *map, uint32_t base, uint32_t id)
{
	for (size_t i = 0; i < map->count; i++) {
		uint32_t first = map->ranges[i].outside + base;

		if (id >= first && id - first < map->ranges[i].count)
			return true;
	}
	return false;
}

/* From idmap_learn_own(), else empty: a map is written once, and ours is that of all whom we fork outside of namespaces. */
static struct id_map own_uids, own_gids;

/*
 * The host's root must stay outside: with uid 0 outside, file permissions alone open core_pattern and its like for
 * writing, no capability is asked. Where our own uid 0 is somebody else outside, it is not the host's root; and where
 * another of our ids is the 0 outside, that one is.
 */
static int refuse_host_root(const struct id_map *map, uint32_t base, bool users, struct error *err)
{
	struct id_map own = users ? own_uids : own_gids;
	_cleanup_free_ struct id_range *read = NULL;

	if (own.count == 0) {
		if (idmap_read(AT_FDCWD, users ? "/proc/self/uid_map" : "/proc/self/gid_map", &own, err) < 0)
			return -1;
		read = own.ranges;
	}
	for (size_t i = 0; i < own.count; i++) {
		if (own.ranges[i].outside == 0 && !fault_off("host-root") && covers(map, base, own.ranges[i].inside))
			return error_set(err, "", EPERM, users ? "uid_map" : "gid_map", "the host's id 0 is never mapped into a job");
	}
	return 0;
}

void idmap_learn_own(void)
{
	struct id_map uids = {0};
	struct id_map gids = {0};

	if (idmap_read(AT_FDCWD, "/proc/self/uid_map", &uids, error_scratch()) == 0)
		own_uids = uids;
	if (idmap_read(AT_FDCWD, "/proc/self/gid_map", &gids, error_scratch()) == 0)
		own_gids = gids;
}

static int write_directly(const struct id_map *map, uint32_t base, int process_dir, const char *file, struct error *err)
{
	_cleanup_free_ char *text = idmap_text(map, base);

	if (text == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory");
	if (map->count > 0 && fd_write_file(process_dir, file, text, strlen(text)) < 0)
		return error_set(err, "write", errno, file, "cannot write the map \"%.*s%s\"",
				 (int)strcspn(text, "\n"), text, map->count > 1 ? " ..." : "");
	return 0;
}

static int write_by_tool(const char *program, const struct id_map *map, pid_t pid, struct error *err)
{
	char *raw_strings = NULL;
	_cleanup_free_ char **arguments = NULL;
	_cleanup_free_ char *strings = NULL;
	char output[LIMIT_TOOL_OUTPUT];
	int status;

	if (map->count == 0)
		return 0;
	arguments = idmap_arguments(program, pid, map, &raw_strings);
	strings = raw_strings;
	if (arguments == NULL)
		return error_set(err, "calloc", ENOMEM, "", "out of memory");
	if (run_tool(arguments, &status, output, sizeof(output), err) < 0)
		return -1;
	if (status != 0)
		return error_set(err, "", EPERM, program, "refused the map: %s", output[0] != '\0' ? output : "no reason given");
	return 0;
}

int idmap_set(const struct plan *plan, uint32_t base, pid_t pid, int process_dir, struct error *err)
{
	/* Gone only on kernels before 3.19, which cannot run anything here. */
	if (!plan->setgroups_allowed && fd_write_file(process_dir, "setgroups", "deny", 4) < 0)
		return error_set(err, "write", errno, "setgroups", "cannot deny setgroups");
	if (refuse_host_root(&plan->gids, base, false, err) < 0 || refuse_host_root(&plan->uids, base, true, err) < 0)
		return -1;
	if (plan->newuidmap != NULL) {
		if (write_by_tool(plan->newgidmap, &plan->gids, pid, err) < 0 ||
		    write_by_tool(plan->newuidmap, &plan->uids, pid, err) < 0)
			return -1;
	} else if (write_directly(&plan->gids, base, process_dir, "gid_map", err) < 0 ||
		   write_directly(&plan->uids, base, process_dir, "uid_map", err) < 0) {
		return -1;
	}
	return 0;
}

int idmap_check(const struct plan *plan, uint32_t base, int process_dir, struct error *err)
{
	struct id_map uids = {0};
	struct id_map gids = {0};
	int result = -1;

	if (idmap_read(process_dir, "gid_map", &gids, err) == 0 && idmap_read(process_dir, "uid_map", &uids, err) == 0)
		result = idmap_compare(plan, base, &uids, &gids, err);
	free(uids.ranges);
	free(gids.ranges);
	return result;
}

int idmap_write(const struct plan *plan, uint32_t base, pid_t pid, int process_dir, struct error *err)
{
	return idmap_set(plan, base, pid, process_dir, err) < 0 ? -1 : idmap_check(plan, base, process_dir, err);
}
