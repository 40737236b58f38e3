/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's parser as a whole: the fixtures that Java reads too, every field missing, mistyped and joined by another, and
 * what a plan becomes in memory. Values are test_plan_values.c's.
 */
#include <dirent.h>
#include <sys/mount.h>

#include "bounds.h"
#include "plan_text.h"

/* ---- every node of a document in turn ---- */

enum what { WITHOUT, OTHER_TYPE, MORE_FIELDS };

struct walk {
	json_t *root;
	enum what what;
	int changes, good;
	const char *needed; /* optional elsewhere */
};

static const char *const optional[] = {
	"timeOffsets",   "timeOffsets.monotonic", "timeOffsets.boottime", "init",	    "hostname",
	"domainname",    "process.cwd",		  "process.uid",	  "process.gid",    "process.groups",
	"process.umask", "process.ownedStdio",	  "process.rlimits", "process.nice",
	"process.ionice", "process.cpuAffinity",  "process.oomScoreAdj",  "limits.cpuMillis", "limits.wallMillis",	  "idMaps.block", "process.seccomp",
	"collect", "process.terminal", "process.capabilities", "process.keyring", "process.landlock", "process.lockMounts", "process.chroot", "process.self", "process.enter", "cgroups", "cgroups[0].enter", "maxUserNamespaces", "inPlace", "inPlace.killSignal", "pins", "pins[0].marker", NULL};

static bool is_optional(const char *path)
{
	for (size_t i = 0; optional[i] != NULL; i++) {
		if (strcmp(optional[i], path) == 0)
			return true;
	}
	return false;
}

static void judge(struct walk *walk, const char *path, const char *subject, const char *change)
{
	char found[800];
	bool optional_gone = walk->what == WITHOUT && is_optional(path) &&
			     (walk->needed == NULL || strcmp(walk->needed, path) != 0);
	bool good = optional_gone ? taken(walk->root) : refused(walk->root, subject, found, sizeof(found));

	walk->changes++;
	walk->good += good;
	if (!good)
		CHECK(false, "%s %s: %s", path, change, optional_gone ? "refused" : found);
}

static void try_types(struct walk *walk, json_t *container, const char *key, size_t index, const char *path)
{
	static const char *const others[] = {"null", "true", "7", "1.5", "'new'", "[]", "{}"};
	json_t *value = json_incref(key != NULL ? json_object_get(container, key) : json_array_get(container, index));

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		json_t *other = load(others[i]);

		if (json_typeof(other) != json_typeof(value) && !(json_is_boolean(other) && json_is_boolean(value))) {
			put_back(container, key, index, other);
			judge(walk, path, path, others[i]);
			put_back(container, key, index, value);
		}
		json_decref(other);
	}
	json_decref(value);
}

static void try_without(struct walk *walk, json_t *container, const char *key, const char *path, const char *parent)
{
	json_t *value = json_incref(json_object_get(container, key));
	/* A join with no target left is the fault of the whole. */
	bool is_target = strcmp(key, "path") == 0 || strcmp(key, "pid") == 0;

	(void)json_object_del(container, key);
	judge(walk, path, is_target && strncmp(parent, "namespaces.", 11) == 0 ? parent : path, "missing");
	put_back(container, key, 0, value);
	json_decref(value);
}

static void try_more(struct walk *walk, json_t *object, const char *path)
{
	char subject[256];

	(void)snprintf(subject, sizeof(subject), "%s%sextra", path, path[0] != '\0' ? "." : "");
	(void)json_object_set_new(object, "extra", json_null());
	judge(walk, path, subject, "with an extra field");
	(void)json_object_del(object, "extra");
}

static void visit(struct walk *walk, json_t *node, const char *path);

static void visit_object(struct walk *walk, json_t *object, const char *path)
{
	json_t *copy = json_copy(object); /* the walk changes the object under the iterator */
	const char *key;
	json_t *ignored;

	if (walk->what == MORE_FIELDS)
		try_more(walk, object, path);
	json_object_foreach(copy, key, ignored) {
		char below[256];

		(void)snprintf(below, sizeof(below), "%s%s%s", path, path[0] != '\0' ? "." : "", key);
		if (walk->what == WITHOUT)
			try_without(walk, object, key, below, path);
		else if (walk->what == OTHER_TYPE)
			try_types(walk, object, key, 0, below);
		visit(walk, json_object_get(object, key), below);
	}
	json_decref(copy);
}

static void visit(struct walk *walk, json_t *node, const char *path)
{
	if (json_is_object(node)) {
		visit_object(walk, node, path);
		return;
	}
	for (size_t i = 0; i < json_array_size(node); i++) {
		char below[256];

		(void)snprintf(below, sizeof(below), "%s[%zu]", path, i);
		if (walk->what == OTHER_TYPE)
			try_types(walk, node, NULL, i, below);
		visit(walk, json_array_get(node, i), below);
	}
}

static void test_every_field(const char *text, const char *name)
{
	static const char *const whats[] = {"without each field in turn", "each field with each other type",
					    "each object with a field more"};

	for (enum what what = WITHOUT; what <= MORE_FIELDS; what++) {
		struct walk walk = {.root = load(text), .what = what, .needed = text == root_text ? "process.cwd" : NULL};

		if (!taken(walk.root))
			tap_bail("the plan \"%s\" is not valid before it is changed", name);
		visit(&walk, walk.root, "");
		CHECK(walk.changes > 10 && walk.good == walk.changes, "plan \"%s\", %s: %d of %d as they should be", name,
		      whats[what], walk.good, walk.changes);
		CHECK(taken(walk.root), "and the plan is whole again");
		json_decref(walk.root);
	}
}

/* ---- what becomes of it ---- */

static void test_contents(void)
{
	json_t *document = load(new_text);
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		tap_bail("%s: %s", err.subject, err.message);
	json_decref(document); /* the plan owns all it refers to */
	CHECK_TEXT(plan.job, "all", "job");
	for (int kind = 0; kind < NS_COUNT; kind++)
		CHECK_NUMBER(plan.namespaces[kind].mode, NS_MODE_NEW, ns_table[kind].name);
	CHECK(plan.has_offsets && plan.monotonic.seconds == -7 && plan.monotonic.nanos == 3 && plan.boottime.seconds == 86400 &&
		      plan.boottime.nanos == 4, "time offsets");
	CHECK(plan.has_maps && plan.uids.count == 2 && plan.uids.ranges[1].inside == 1000 && plan.uids.ranges[1].count == 3 &&
		      plan.gids.count == 1 && plan.gids.ranges[0].outside == 6, "id maps");
	CHECK(plan.setgroups_allowed && plan.drop_groups, "setgroups and dropGroups");
	CHECK(plan.block.base_count == 2 && plan.block.bases[1] == 655360 && strcmp(plan.block.directory, "/run/nsjob/ids") == 0,
	      "block");
	CHECK(plan.has_init_ids && plan.init_uid == 8 && plan.init_gid == 9, "init's ids");
	CHECK(plan.mount_count == 2 && plan.mounts[0].op == MOUNT_PROPAGATION && plan.mounts[0].propagation == MS_SLAVE &&
		      plan.mounts[0].recursive && plan.mounts[1].op == MOUNT_PROC &&
		      strcmp(plan.mounts[1].target, "/proc") == 0, "mounts in order");
	CHECK(strcmp(plan.hostname, "box") == 0 && strcmp(plan.domainname, "example") == 0 && plan.loopback, "names, loopback");
	CHECK(strcmp(plan.process.argv[0], "id") == 0 && plan.process.argv[1][0] == '\0' &&
		      strcmp(plan.process.argv[2], "-u") == 0 && plan.process.argv[3] == NULL, "argv, NULL at its end");
	CHECK(strcmp(plan.process.search_path[1], "/bin") == 0 && plan.process.search_path[2] == NULL, "search path");
	CHECK(strcmp(plan.process.environment[1], "C=") == 0 && plan.process.environment[2] == NULL, "environment");
	CHECK(plan.process.has_uid && plan.process.uid == 1000 && plan.process.has_gid && plan.process.gid == 1001 &&
		      plan.process.has_groups && plan.process.group_count == 2 && plan.process.groups[1] == 24, "job's ids");
	CHECK(plan.process.has_umask && plan.process.umask == 18 && strcmp(plan.process.cwd, "/tmp") == 0, "umask and cwd");
	CHECK(plan.process.filter != NULL && plan.process.filter_count == 1 && plan.process.filter_log, "the filter");
	CHECK(!plan.process.owned_stdio[0] && plan.process.owned_stdio[1] && plan.process.owned_stdio[2], "owned streams");
	CHECK(plan.process.drop_capabilities && plan.process.no_new_privs && plan.process.new_session && plan.process.as_pid1,
	      "flags");
	CHECK(plan.process.rlimit_count == 2 && plan.process.rlimits[0].resource == 7 && plan.process.rlimits[0].soft == 256 &&
		      plan.process.rlimits[0].hard == 512 && plan.process.rlimits[1].soft == 0 &&
		      plan.process.rlimits[1].hard == RLIM_INFINITY, "resource limits");
	CHECK(plan.process.has_nice && plan.process.nice == 5 && plan.process.has_ionice && plan.process.io_class == 2 &&
		      plan.process.io_level == 6 && plan.process.has_oom_score && plan.process.oom_score == -7, "priorities");
	CHECK(plan.process.has_affinity && CPU_COUNT(&plan.process.affinity) == 2 && CPU_ISSET(3, &plan.process.affinity),
	      "processors");
	CHECK(plan.process.capabilities == ((1u << 10) | (1u << 21)) && plan.process.keyring == KEYRING_TRY && !plan.process.lock_mounts &&
		      plan.has_max_user_namespaces && plan.max_user_namespaces == 1, "privileges");
	CHECK(plan.process.landlock.wanted && plan.process.landlock.required && plan.process.landlock.minimum_abi == 2 &&
		      plan.process.landlock.handled == 7 && plan.process.landlock.scoped == 3 &&
		      plan.process.landlock.rule_count == 1 && plan.process.landlock.rules[0].access == 5, "Landlock");
	CHECK(plan.has_cpu && plan.cpu_millis == 30000, "processor time");
	CHECK(plan.collect.count == 1 && plan.collect.millis == 900 && plan.collect.depth == 9 &&
		      strcmp(plan.collect.sources[0].path, "/out") == 0 && plan.collect.sources[0].files == 10 &&
		      plan.collect.sources[0].bytes == 20, "results");
	CHECK(plan.setup_millis == 10000 && plan.has_wall && plan.wall_millis == 60000 && plan.grace_millis == 50 && plan.hold,
	      "limits and hold");
	plan_release(&plan);
	plan_release(&plan);
	CHECK(plan.document == NULL && plan.process.argv == NULL, "a plan may be released twice");
}

static void test_mounts(void)
{
	json_t *document = load(root_text);
	const struct mount_step *step;
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		tap_bail("%s: %s", err.subject, err.message);
	json_decref(document);
	CHECK(plan.new_root && plan.mount_count == 14, "a root of its own, in 14 steps");
	CHECK(plan.process.terminal && plan.process.rows == 24 && plan.process.columns == 80, "a terminal");
	for (size_t i = 0; i < plan.mount_count; i++)
		CHECK_NUMBER(plan.mounts[i].op,
			     ((const int[]){MOUNT_PROPAGATION, MOUNT_ROOT, MOUNT_BIND, MOUNT_PROC, MOUNT_DEV, MOUNT_SYSFS,
					    MOUNT_MQUEUE, MOUNT_DIRECTORY, MOUNT_SYMLINK, MOUNT_FILE, MOUNT_TMPFS,
					    MOUNT_MASK, MOUNT_READ_ONLY, MOUNT_PIVOT})[i],
			     "each step is what its name says");
	step = &plan.mounts[1];
	CHECK(step->size == 1048576 && step->inodes == 64 && step->mode == 0755 && step->target == NULL, "root");
	step = &plan.mounts[2];
	CHECK(strcmp(step->source, "/usr") == 0 && strcmp(step->target, "/usr") == 0 && step->recursive && step->read_only &&
		      step->no_suid && !step->no_dev && step->no_exec && step->optional, "bind");
	step = &plan.mounts[9];
	CHECK(step->content_size == 3 && memcmp(step->content, "\0\377\n", 3) == 0 && step->mode == 0444, "file, its bytes");
	CHECK_TEXT(plan.mounts[8].text, "usr/bin", "symlink");
	step = &plan.mounts[11];
	CHECK(strcmp(step->paths[1], "/proc/keys") == 0 && step->paths[2] == NULL && step->target == NULL, "mask");
	CHECK(plan.mounts[13].read_only, "pivot");
	plan_release(&plan);
}

static void test_absent(void)
{
	json_t *document = load(join_text);
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		tap_bail("%s: %s", err.subject, err.message);
	json_decref(document);
	CHECK(!plan.has_offsets && !plan.has_init_ids && plan.hostname == NULL && plan.process.cwd == NULL &&
		      !plan.process.has_uid && !plan.process.has_groups && !plan.process.has_umask && !plan.has_wall &&
		      plan.block.directory == NULL, "absent is absent, not 0");
	CHECK(plan.namespaces[NS_NET].path != NULL && plan.namespaces[NS_NET].pid == 0 &&
		      plan.namespaces[NS_UTS].path == NULL && plan.namespaces[NS_UTS].pid == 7 &&
		      plan.namespaces[NS_UTS].start_time == 1234, "join by path and by pid");
	CHECK(plan.namespaces[NS_MNT].mode == NS_MODE_INHERIT && plan.uids.count == 1 && plan.gids.count == 0 &&
		      !plan.setgroups_allowed && strcmp(plan.newgidmap, "/usr/bin/newgidmap") == 0 &&
		      strcmp(plan.process.chroot, "/srv") == 0 && plan.process.self, "the rest");
	plan_release(&plan);
}

static bool guarded(const char *text, const char *key, json_t *value)
{
	json_t *document = load(text);
	struct plan plan;
	struct error err;
	bool result;

	if (key != NULL)
		(void)json_object_set_new(json_object_get(document, "process"), key, value);
	if (parse(document, &plan, &err) < 0)
		tap_bail("%s: %s", err.subject, err.message);
	json_decref(document);
	result = plan_is_guarded(&plan);
	plan_release(&plan);
	return result;
}

static void test_enter(void)
{
	json_t *document = load(enter_text);
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		tap_bail("%s: %s", err.subject, err.message);
	json_decref(document);
	CHECK(plan.process.enter.pid == 7 && plan.process.enter.start_time == 9 && plan.process.enter_root &&
		      plan.process.enter_cwd && plan.cgroups[0].enter && plan_has_other_root(&plan), "a process to enter");
	plan_release(&plan);
	CHECK(guarded(enter_text, NULL, NULL), "who joins a pid namespace hides until exec");
	CHECK(!guarded(enter_text, "oomScoreAdj", json_integer(1)), "but for what it could not do then");
	CHECK(!guarded(join_text, NULL, NULL) && !guarded(new_text, NULL, NULL), "nobody sees others");
}

/* ---- the fixtures that Java reads too ---- */

static const char *plans_directory(void)
{
	const char *directory = getenv("NSJOB_PLANS");

	return directory != NULL ? directory : "../test-fixtures/plans";
}

static char *read_whole(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(2 * LIMIT_PLAN_BYTES);

	if (file == NULL || text == NULL)
		tap_bail("cannot read %s: %s", path, strerror(errno));
	*ret_size = fread(text, 1, 2 * LIMIT_PLAN_BYTES, file);
	(void)fclose(file);
	return text;
}

static void check_fixture(const char *path, const char *name, const char *subject)
{
	size_t size;
	char *text = read_whole(path, &size);
	struct plan plan;
	struct error err;
	int result = plan_parse(text, size, &plan, &err);

	if (subject == NULL) {
		CHECK(result == 0, "valid/%s is taken", name);
		if (result < 0)
			tap_print("# refused at \"%s\": %s", err.subject, err.message);
	} else {
		CHECK(result < 0 && strcmp(err.subject, subject) == 0, "invalid/%s is refused at \"%s\"", name, subject);
		if (result == 0)
			tap_print("# taken");
		else if (strcmp(err.subject, subject) != 0)
			tap_print("# refused at \"%s\": %s", err.subject, err.message);
	}
	if (result == 0)
		plan_release(&plan);
	free(text);
}

static void test_fixtures(const char *kind)
{
	bool valid = strcmp(kind, "valid") == 0;
	char path[4096];
	json_error_t where;
	json_t *index;
	const char *name;
	json_t *value;
	DIR *directory;
	struct dirent *entry;
	size_t files = 0;

	(void)snprintf(path, sizeof(path), "%s/%s/index.json", plans_directory(), kind);
	index = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (index == NULL)
		tap_bail("%s: %s", path, where.text);
	json_object_foreach(index, name, value) {
		(void)snprintf(path, sizeof(path), "%s/%s/%s", plans_directory(), kind, name);
		check_fixture(path, name, valid ? NULL : json_string_value(value));
	}
	(void)snprintf(path, sizeof(path), "%s/%s", plans_directory(), kind);
	directory = opendir(path);
	if (directory == NULL)
		tap_bail("%s: %s", path, strerror(errno));
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "index.json") == 0)
			continue;
		files++;
		if (json_object_get(index, entry->d_name) == NULL)
			CHECK(false, "%s/%s is not in index.json", kind, entry->d_name);
	}
	(void)closedir(directory);
	CHECK(files > 5 && files == json_object_size(index), "%s: as many files as lines in index.json, %zu", kind, files);
	json_decref(index);
}

int main(void)
{
	test_fixtures("valid");
	test_fixtures("invalid");
	test_enter();
	test_every_field(new_text, "all");
	test_every_field(join_text, "join");
	test_every_field(enter_text, "enter");
	test_every_field(root_text, "root");
	test_contents();
	test_mounts();
	test_absent();
	return tap_done();
}
