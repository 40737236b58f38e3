/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "sync.h"

/* A dead process leaves its cgroup a moment after its parent has heard of it. */
#define REMOVE_TRIES 100
#define REMOVE_MILLIS 5

void cgroup_init(struct cgroup_set *set)
{
	*set = (struct cgroup_set){0};
	for (size_t i = 0; i < LIMIT_CGROUPS; i++)
		set->directories[i] = set->doors[i] = -1;
}

/* A kernel text without the end of its last line. */
static ssize_t read_text(int directory, const char *name, char *text, size_t size)
{
	ssize_t length = fd_read_file(directory, name, text, size);

	/* Half a text may end in half a number. */
	if (length == (ssize_t)size - 1) {
		errno = EFBIG;
		return -1;
	}
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return length;
}

/* As one of the lines (a file has one for each disk), or as a number that the kernel has rounded down to pages. */
static bool is_in_force(const char *value, const char *text)
{
	const char *digits = "0123456789";
	size_t length = strlen(value);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, value, length) == 0 && (line[length] == '\0' || line[length] == '\n'))
			return true;
	}
	return text[0] != '\0' && strspn(value, digits) == length && strspn(text, digits) == strlen(text) &&
	       strtoull(text, NULL, 10) <= strtoull(value, NULL, 10);
}

static int set_value(int directory, const struct plan_cgroup *cgroup, const struct cgroup_write *wanted, struct emitter *values,
		     struct error *err)
{
	char path[LIMIT_PATH + 256];
	char text[LIMIT_CGROUP_TEXT];

	(void)snprintf(path, sizeof(path), "%s/%s", cgroup->directory, wanted->name);
	if (fd_write_file(directory, wanted->name, wanted->value, strlen(wanted->value)) < 0)
		return error_set(err, "write", errno, path, "the kernel refuses %s = %s", wanted->name, wanted->value);
	if (read_text(directory, wanted->name, text, sizeof(text)) < 0)
		return error_set(err, "read", errno, path, "cannot read a limit back");
	if (!is_in_force(wanted->value, text))
		return error_set(err, "", EPROTO, path, "%s should be %s, but is %.100s", wanted->name, wanted->value, text);
	emit_text(values, wanted->name, text);
	return 0;
}

static int make_one(struct launch *launch, size_t index, struct error *err)
{
	const struct plan_cgroup *cgroup = &launch->plan.cgroups[index];
	struct cgroup_set *set = &launch->cgroups;

	emit_open_object(&set->values, NULL);
	emit_text(&set->values, "directory", cgroup->directory);
	emit_open_object(&set->values, "values");
	if (!cgroup->enter && mkdir(cgroup->directory, 0755) < 0)
		return error_set(err, "mkdir", errno, cgroup->directory, "cannot make a cgroup for the job");
	set->made = index + 1;
	set->directories[index] = open(cgroup->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (set->directories[index] < 0)
		return error_set(err, "open", errno, cgroup->directory, "cannot open the job's cgroup");
	for (size_t i = 0; i < cgroup->write_count; i++) {
		if (set_value(set->directories[index], cgroup, &cgroup->writes[i], &set->values, err) < 0)
			return -1;
	}
	emit_close_object(&set->values);
	emit_close_object(&set->values);
	set->doors[index] = openat(set->directories[index], cgroup->version == 1 ? "tasks" : "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (set->doors[index] < 0)
		return error_set(err, "open", errno, cgroup->directory, "cannot open the way into the job's cgroup");
	return 0;
}

void cgroup_decide(struct launch *launch)
{
	struct stat proc;

	/* The owner of /proc is root of the machine: with another's id, a root of a user namespace may move only its own processes. */
	launch->cgroups.late =
		launch->plan.cgroup_count > 0 && geteuid() == 0 && fstat(launch->proc_dir, &proc) == 0 && proc.st_uid == 0;
	for (size_t i = 0; i < launch->plan.cgroup_count; i++)
		launch->cgroups.late = launch->cgroups.late && launch->plan.cgroups[i].version == 1;
}

int cgroup_make(struct launch *launch, struct error *err)
{
	emit_begin_part(&launch->cgroups.values);
	emit_open_array(&launch->cgroups.values, NULL);
	for (size_t i = 0; i < launch->plan.cgroup_count; i++) {
		if (make_one(launch, i, err) < 0)
			return -1;
	}
	emit_close_array(&launch->cgroups.values);
	return 0;
}

static int index_of_unified(const struct launch *launch)
{
	for (size_t i = 0; i < launch->cgroups.made; i++) {
		if (launch->plan.cgroups[i].version == 2)
			return (int)i;
	}
	return -1;
}

int cgroup_unified(const struct launch *launch)
{
	int index = index_of_unified(launch);

	return index < 0 ? -1 : launch->cgroups.directories[index];
}

/*
 * "0" is the writer itself: unlike a pid it takes no lock over all forks of the machine, for which the kernel waits an RCU
 * grace period (9 to 15 ms when launches are apart). The permission is the opener's, the supervisor's.
 */
static int pass(int door, const struct plan_cgroup *cgroup, struct error *err)
{
	if (write(door, "0", 1) != 1)
		return error_set(err, "write", errno, cgroup->directory, "init cannot enter the job's cgroup");
	return 0;
}

static int enter_late(const struct launch *launch, struct error *err)
{
	for (size_t i = 0; i < launch->plan.cgroup_count; i++) {
		_cleanup_close_ int door = -1;
		struct sync_message message;

		if (sync_expect(launch->init_sync_peer, SYNC_DOOR, "supervisor", &message, &door, err) < 0 ||
		    pass(door, &launch->plan.cgroups[i], err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_enter(const struct launch *launch, struct error *err)
{
	if (launch->cgroups.late)
		return enter_late(launch, err);
	for (size_t i = 0; i < launch->cgroups.made; i++) {
		if (launch->plan.cgroups[i].version == 2 && clone_was_into_cgroup())
			continue;
		if (pass(launch->cgroups.doors[i], &launch->plan.cgroups[i], err) < 0)
			return -1;
	}
	return 0;
}

void cgroup_send_doors(struct launch *launch)
{
	for (size_t i = 0; launch->cgroups.late && i < launch->cgroups.made; i++)
		(void)sync_send(launch->init_sync, SYNC_DOOR, launch->cgroups.doors[i], error_scratch());
}

void cgroup_close_doors(struct cgroup_set *set)
{
	for (size_t i = 0; i < set->made; i++)
		fd_close(&set->doors[i]);
}

static const char *last_part(const struct plan_cgroup *cgroup)
{
	return strrchr(cgroup->directory, '/');
}

/* "4:memory:/parent/nsjob-70-4711-1": a line for each hierarchy, and the last part is no other job's. */
int cgroup_verify(const struct launch *launch, struct error *err)
{
	char text[LIMIT_CGROUP_TEXT * 2];

	if (launch->cgroups.made == 0)
		return 0;
	if (read_text(launch->job_dir, "cgroup", text, sizeof(text)) < 0)
		return error_set(err, "read", errno, "/proc/PID/cgroup", "cannot see which cgroups the job is in");
	for (size_t i = 0; i < launch->cgroups.made; i++) {
		const char *name = last_part(&launch->plan.cgroups[i]);
		size_t length = strlen(name);
		size_t due = 0;
		size_t found = 0;

		for (size_t k = 0; k < launch->cgroups.made; k++)
			due += strcmp(last_part(&launch->plan.cgroups[k]), name) == 0;
		for (const char *at = strstr(text, name); at != NULL; at = strstr(at + length, name))
			found += at[length] == '\n' || at[length] == '\0';
		if (found < due)
			return error_set(err, "", EPROTO, launch->plan.cgroups[i].directory, "the job is in %zu of its %zu cgroups", found,
					 due);
	}
	return 0;
}

int cgroup_cpu_nanos(const struct launch *launch, uint64_t *ret_nanos)
{
	const struct plan *plan = &launch->plan;
	char text[LIMIT_CGROUP_TEXT];
	size_t length;

	if (plan->cpu_file == NULL || plan->cpu_cgroup >= launch->cgroups.made ||
	    read_text(launch->cgroups.directories[plan->cpu_cgroup], plan->cpu_file, text, sizeof(text)) < 0)
		return -1;
	length = strlen(plan->cpu_key);
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (length == 0 || (strncmp(line, plan->cpu_key, length) == 0 && line[length] == ' ')) {
			*ret_nanos = strtoull(line + length, NULL, 10) * (uint64_t)plan->cpu_unit_nanos;
			return 0;
		}
	}
	return -1;
}

void cgroup_hurry(struct launch *launch)
{
	if (launch->cgroups.hurried)
		return;
	launch->cgroups.hurried = true;
	for (size_t i = 0; i < launch->cgroups.made; i++) {
		const struct plan_cgroup *cgroup = &launch->plan.cgroups[i];

		/* Refused: then it takes as long as it takes. */
		for (size_t k = 0; k < cgroup->at_kill_count; k++)
			(void)fd_write_file(launch->cgroups.directories[i], cgroup->at_kill[k].name, cgroup->at_kill[k].value,
					    strlen(cgroup->at_kill[k].value));
	}
}

void cgroup_kill(const struct launch *launch)
{
	int index = index_of_unified(launch);

	if (index >= 0 && !launch->plan.cgroups[index].enter)
		(void)fd_write_file(launch->cgroups.directories[index], "cgroup.kill", "1", 1);
}

/* By itself, for its buffer: pages of the stack that only those touch who have cgroups. */
static __attribute__((noinline)) void put_figure(struct emitter *all, int directory, const char *name)
{
	char text[LIMIT_CGROUP_TEXT];

	if (read_text(directory, name, text, sizeof(text)) >= 0)
		emit_text(all, name, text);
}

struct emitter cgroup_figures(const struct launch *launch)
{
	struct emitter all;

	emit_begin_part(&all);
	emit_open_array(&all, NULL);
	for (size_t i = 0; i < launch->cgroups.made; i++) {
		const struct plan_cgroup *cgroup = &launch->plan.cgroups[i];

		if (cgroup->enter)
			continue;
		emit_open_object(&all, NULL);
		emit_text(&all, "directory", cgroup->directory);
		emit_open_object(&all, "values");
		for (const char *const *name = cgroup->reads; *name != NULL; name++)
			put_figure(&all, launch->cgroups.directories[i], *name);
		emit_close_object(&all);
		emit_close_object(&all);
	}
	emit_close_array(&all);
	return all;
}

void cgroup_remove(struct launch *launch)
{
	struct cgroup_set *set = &launch->cgroups;
	int tries = 0;

	while (set->made > 0) {
		const struct plan_cgroup *cgroup = &launch->plan.cgroups[set->made - 1];

		if (!cgroup->enter && rmdir(cgroup->directory) < 0 && errno == EBUSY && tries++ < REMOVE_TRIES) {
			(void)poll(NULL, 0, REMOVE_MILLIS);
			continue;
		}
		/* Still busy: whoever is in it would not die. The caller's next sweep removes it. */
		set->made--;
		fd_close(&set->directories[set->made]);
		fd_close(&set->doors[set->made]);
	}
	emit_release(&set->values);
}
