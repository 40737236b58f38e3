/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <dirent.h>
#include <jansson.h>
#include <sys/mount.h>

#include "error.h"
#include "json.h"
#include "bounds.h"
#include "plan.h"

/* Both hold all that can go together; ' stands for ". */
static const char new_text[] =
	"{'protocol':1,'job':'all','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'new'},'pid':{'mode':'new'},"
	"'net':{'mode':'new'},'ipc':{'mode':'new'},'uts':{'mode':'new'},'cgroup':{'mode':'new'},'time':{'mode':'new'}},"
	"'timeOffsets':{'monotonic':{'seconds':-7,'nanos':3},'boottime':{'seconds':86400,'nanos':4}},"
	"'idMaps':{'uid':[{'inside':0,'outside':1,'count':2},{'inside':1000,'outside':1000,'count':3}],"
	"'gid':[{'inside':5,'outside':6,'count':7}],'setgroups':'allow',"
	"'block':{'directory':'/run/nsjob/ids','bases':[524288,655360]}},"
	"'dropGroups':true,'init':{'uid':8,'gid':9},"
	"'mounts':[{'op':'propagation','target':'/','value':'slave','recursive':true},{'op':'proc','target':'/proc'}],"
	"'hostname':'box','domainname':'example','loopback':true,"
	"'process':{'argv':['id','','-u'],'searchPath':['/usr/bin','/bin'],'env':['A=b','C='],'cwd':'/tmp','uid':1000,"
	"'gid':1001,'groups':[4,24],'umask':18,'dropCapabilities':true,'noNewPrivs':true,'newSession':true,"
	"'ownedStdio':[2,1],'asPid1':true},"
	"'limits':{'setupMillis':10000,'wallMillis':60000,'graceMillis':50},'hold':true}";
static const char join_text[] =
	"{'protocol':1,'job':'join','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'inherit'},'pid':{'mode':'inherit'},"
	"'net':{'mode':'join','path':'/proc/7/ns/net'},'ipc':{'mode':'inherit'},"
	"'uts':{'mode':'join','pid':7,'startTime':1234},'cgroup':{'mode':'inherit'},'time':{'mode':'inherit'}},"
	"'idMaps':{'uid':[{'inside':0,'outside':100000,'count':65536}],'gid':[],'setgroups':'deny',"
	"'newuidmap':'/usr/bin/newuidmap','newgidmap':'/usr/bin/newgidmap'},"
	"'dropGroups':false,'mounts':[],'loopback':false,"
	"'process':{'argv':['/bin/true'],'searchPath':[],'env':[],'dropCapabilities':false,'noNewPrivs':false,"
	"'newSession':false,'asPid1':false},'limits':{'setupMillis':1,'graceMillis':0},'hold':false}";

static json_t *load(const char *text)
{
	char *copy = strdup(text);
	json_t *document;
	json_error_t where;

	if (copy == NULL)
		tap_bail("out of memory");
	for (char *c = copy; *c != '\0'; c++) {
		if (*c == '\'')
			*c = '"';
	}
	document = json_loads(copy, JSON_DECODE_ANY, &where);
	if (document == NULL)
		tap_bail("the test's own text is not JSON: %s near %.60s", where.text, copy + where.position);
	free(copy);
	return document;
}

static int parse(json_t *document, struct plan *plan, struct error *err)
{
	char *text = json_dumps(document, JSON_COMPACT);
	int result;

	if (text == NULL)
		tap_bail("cannot write the test's own document");
	result = plan_parse(text, strlen(text), plan, err);
	free(text);
	return result;
}

static bool taken(json_t *document)
{
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		return false;
	plan_release(&plan);
	return true;
}

/* True when it is refused, about exactly this field, and nothing was written to the result. */
static bool refused(json_t *document, const char *subject, char *found, size_t size)
{
	struct plan plan, before;
	struct error err = {.subject = "untouched"};

	memset(&plan, 0x5a, sizeof(plan));
	before = plan;
	if (parse(document, &plan, &err) == 0) {
		plan_release(&plan);
		(void)snprintf(found, size, "taken");
		return false;
	}
	(void)snprintf(found, size, "refused at \"%s\": %s", err.subject, err.message);
	return strcmp(err.subject, subject) == 0 && err.errnum == 0 && err.syscall[0] == '\0' &&
	       memcmp(&plan, &before, sizeof(plan)) == 0;
}

/* ---- every node of a document in turn ---- */

enum what { WITHOUT, OTHER_TYPE, MORE_FIELDS };

struct walk {
	json_t *root;
	enum what what;
	int changes, good;
};

static const char *const optional[] = {
	"timeOffsets",   "timeOffsets.monotonic", "timeOffsets.boottime", "init",	    "hostname",
	"domainname",    "process.cwd",		  "process.uid",	  "process.gid",    "process.groups",
	"process.umask", "process.ownedStdio",	  "limits.wallMillis",	  "idMaps.block",   NULL};

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
	bool optional_gone = walk->what == WITHOUT && is_optional(path);
	bool good = optional_gone ? taken(walk->root) : refused(walk->root, subject, found, sizeof(found));

	walk->changes++;
	walk->good += good;
	if (!good)
		CHECK(false, "%s %s: %s", path, change, optional_gone ? "refused" : found);
}

static void put_back(json_t *container, const char *key, size_t index, json_t *value)
{
	if (key != NULL ? json_object_set(container, key, value) < 0 : json_array_set(container, index, value) < 0)
		tap_bail("out of memory");
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
		struct walk walk = {.root = load(text), .what = what};

		if (!taken(walk.root))
			tap_bail("the plan \"%s\" is not valid before it is changed", name);
		visit(&walk, walk.root, "");
		CHECK(walk.changes > 10 && walk.good == walk.changes, "plan \"%s\", %s: %d of %d as they should be", name,
		      whats[what], walk.good, walk.changes);
		CHECK(taken(walk.root), "and the plan is whole again");
		json_decref(walk.root);
	}
}

/* ---- one field, one value ---- */

static json_t *step_into(json_t *node, const char **path, const char **ret_key, size_t *ret_index, char *key, size_t size)
{
	size_t length = strcspn(*path, ".[");

	if (**path == '[') {
		*ret_key = NULL;
		*ret_index = (size_t)strtoul(*path + 1, NULL, 10);
		*path += strcspn(*path, "]") + 1;
		if (**path == '.')
			(*path)++;
		return json_array_get(node, *ret_index);
	}
	(void)snprintf(key, size, "%.*s", (int)length, *path);
	*ret_key = key;
	*path += length;
	if (**path == '.')
		(*path)++;
	return json_object_get(node, key);
}

/* Sets the field at the path; takes the value. */
static void set_field(json_t *root, const char *path, json_t *value)
{
	json_t *node = root;

	for (;;) {
		char name[64];
		const char *key;
		size_t index;
		json_t *next = step_into(node, &path, &key, &index, name, sizeof(name));

		if (*path == '\0') {
			put_back(node, key, index, value);
			json_decref(value);
			return;
		}
		if (next == NULL)
			tap_bail("no %s in the test's own plan", name);
		node = next;
	}
}

static void expect(const char *text, const char *path, json_t *value, const char *subject, const char *what)
{
	json_t *document = load(text);
	char found[800] = "refused";
	bool good;

	set_field(document, path, value);
	good = subject == NULL ? taken(document) : refused(document, subject, found, sizeof(found));
	CHECK(good, "%s = %.60s is %s", path, what, subject == NULL ? "taken" : "refused");
	if (!good)
		tap_print("# %s", found);
	json_decref(document);
}

static void test_boundaries(void)
{
	static const struct {
		const char *path, *value;
		bool good;
	} cases[] = {
		{"protocol", "0", false}, {"protocol", "2", false},
		{"limits.setupMillis", "1", true}, {"limits.setupMillis", "0", false}, {"limits.setupMillis", "2592000000", true},
		{"limits.setupMillis", "2592000001", false}, {"limits.setupMillis", "-1", false},
		{"limits.wallMillis", "1", true}, {"limits.wallMillis", "0", false}, {"limits.wallMillis", "2592000000", true},
		{"limits.wallMillis", "2592000001", false}, {"limits.wallMillis", "null", false},
		{"limits.graceMillis", "0", true}, {"limits.graceMillis", "-1", false}, {"limits.graceMillis", "2592000000", true},
		{"limits.graceMillis", "2592000001", false}, {"limits.graceMillis", "9223372036854775807", false},
		{"process.uid", "0", true}, {"process.uid", "4294967294", true}, {"process.uid", "4294967295", false},
		{"process.uid", "4294967296", false}, {"process.uid", "-1", false},
		{"process.gid", "4294967294", true}, {"process.gid", "4294967295", false},
		{"process.groups[1]", "4294967294", true}, {"process.groups[1]", "4294967295", false},
		{"init.uid", "4294967294", true}, {"init.uid", "4294967295", false}, {"init.gid", "-1", false},
		{"process.umask", "0", true}, {"process.umask", "511", true}, {"process.umask", "512", false},
		{"process.ownedStdio[0]", "0", true}, {"process.ownedStdio[0]", "3", false}, {"process.ownedStdio[0]", "-1", false},
		{"timeOffsets.monotonic.seconds", "3153600000", true}, {"timeOffsets.monotonic.seconds", "3153600001", false},
		{"timeOffsets.monotonic.seconds", "-3153600000", true}, {"timeOffsets.monotonic.seconds", "-3153600001", false},
		{"timeOffsets.boottime.nanos", "0", true}, {"timeOffsets.boottime.nanos", "999999999", true},
		{"timeOffsets.boottime.nanos", "1000000000", false}, {"timeOffsets.boottime.nanos", "-1", false},
		{"idMaps.block.bases[0]", "65536", true}, {"idMaps.block.bases[0]", "65535", false},
		{"idMaps.block.bases[0]", "0", false}, {"idMaps.block.bases[1]", "4294901759", true},
		{"idMaps.block.bases[1]", "4294901760", false},
		{"idMaps.gid[0].count", "65530", true}, {"idMaps.gid[0].count", "65531", false},
		{"idMaps.gid[0].count", "0", false}, {"idMaps.gid[0].inside", "4294967288", true},
		{"idMaps.gid[0].inside", "4294967295", false},
		{"job", "'a'", true}, {"job", "'A-._9'", true}, {"job", "''", false}, {"job", "'-a'", false}, {"job", "'.a'", false},
		{"job", "'_a'", false}, {"job", "'a b'", false}, {"job", "'a/b'", false}, {"job", "'a\\n'", false},
		{"job", "'\xc3\xa4'", false},
		{"hostname", "''", false}, {"hostname", "'\xc3\xa4'", true}, {"domainname", "''", false},
		{"process.cwd", "''", false}, {"process.cwd", "'tmp'", false}, {"process.cwd", "'/'", true},
		{"process.argv[0]", "''", false}, {"process.argv[2]", "''", true}, {"process.searchPath[1]", "''", false},
		{"process.searchPath[0]", "'.'", false},
		{"process.env[0]", "'A'", false}, {"process.env[0]", "'=b'", false}, {"process.env[0]", "''", false},
		{"process.env[0]", "'A=b=c'", true}, {"process.env[0]", "'A=\xe2\x82\xac'", true},
		{"mounts[0].value", "'private'", true}, {"mounts[0].value", "'shared'", true},
		{"mounts[0].value", "'unchanged'", true}, {"mounts[0].value", "'Private'", false},
		{"mounts[0].op", "'bind'", false}, {"mounts[1].target", "'proc'", false},
		{"idMaps.setgroups", "'maybe'", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(new_text, cases[i].path, load(cases[i].value), cases[i].good ? NULL : cases[i].path, cases[i].value);
	expect(new_text, "idMaps.gid[0].inside", json_integer(4294967289), "idMaps.gid[0].count", "past the last id with its count");
	expect(new_text, "idMaps.gid[0].outside", json_integer(65530), "idMaps.gid[0].count", "past the block with its count");
	expect(join_text, "namespaces.uts.pid", json_integer(INT32_MAX), NULL, "the largest pid");
	expect(join_text, "namespaces.uts.pid", json_integer(INT64_C(2147483648)), "namespaces.uts.pid", "a pid too large");
	expect(join_text, "namespaces.uts.pid", json_integer(0), "namespaces.uts.pid", "0");
	expect(join_text, "namespaces.uts.startTime", json_integer(INT64_MAX), NULL, "the largest start time");
	expect(join_text, "namespaces.uts.startTime", json_integer(0), "namespaces.uts.startTime", "0");
	expect(join_text, "idMaps.uid[0].outside", json_integer(4294901759), NULL, "the last range of 65536");
	expect(join_text, "idMaps.uid[0].outside", json_integer(4294901760), "idMaps.uid[0].count", "one more");
	expect(join_text, "idMaps.uid[0].count", json_integer(4294867295), NULL, "all from 100000 up");
}

static json_t *repeat(size_t count, const char *text)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, load(text));
	return array;
}

static json_t *long_text(size_t length, const char *start)
{
	char *text = malloc(length + 1);
	json_t *value;

	if (text == NULL)
		tap_bail("out of memory");
	memset(text, 'x', length);
	memcpy(text, start, strlen(start));
	text[length] = '\0';
	value = json_string(text);
	free(text);
	return value;
}

static json_t *lines(size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, json_pack("{s:i,s:i,s:i}", "inside", (int)i * 2, "outside", 65535 - (int)i * 2,
							     "count", 1));
	return array;
}

static void test_sizes(void)
{
	static const struct {
		const char *path, *element;
		size_t most, least;
	} arrays[] = {
		{"process.argv", "'x'", LIMIT_STRINGS, 1},	{"process.env", "'A=b'", LIMIT_STRINGS, 0},
		{"process.searchPath", "'/'", LIMIT_STRINGS, 0}, {"process.groups", "7", LIMIT_GROUPS, 0},
		{"process.ownedStdio", "1", 3, 0},		{"mounts", "{'op':'proc','target':'/proc'}", LIMIT_MOUNTS, 0},
		{"idMaps.block.bases", "65536", LIMIT_BASES, 1},
	};
	static const struct {
		const char *path, *start;
		size_t most;
	} texts[] = {
		{"job", "x", LIMIT_JOB_ID}, {"hostname", "x", LIMIT_HOSTNAME}, {"domainname", "x", LIMIT_HOSTNAME},
		{"process.cwd", "/", LIMIT_PATH - 1}, {"mounts[1].target", "/", LIMIT_PATH - 1},
		{"idMaps.block.directory", "/", LIMIT_PATH - 1},
	};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		const char *path = arrays[i].path;

		expect(new_text, path, repeat(arrays[i].least, arrays[i].element), NULL, "the fewest entries");
		expect(new_text, path, repeat(arrays[i].most, arrays[i].element), NULL, "the most entries");
		expect(new_text, path, repeat(arrays[i].most + 1, arrays[i].element), path, "one entry too many");
		if (arrays[i].least > 0)
			expect(new_text, path, json_array(), path, "no entry");
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		expect(new_text, texts[i].path, long_text(texts[i].most, texts[i].start), NULL, "the longest text");
		expect(new_text, texts[i].path, long_text(texts[i].most + 1, texts[i].start), texts[i].path, "a byte too long");
	}
	expect(new_text, "idMaps.uid", lines(LIMIT_MAP_LINES), NULL, "340 lines");
	expect(new_text, "idMaps.uid", lines(LIMIT_MAP_LINES + 1), "idMaps.uid", "341 lines");
	expect(new_text, "idMaps.uid", json_array(), NULL, "no line");
}

static void test_overlaps(void)
{
	static const struct {
		const char *ranges;
		bool good;
	} cases[] = {
		{"[{'inside':0,'outside':10,'count':5},{'inside':5,'outside':15,'count':5}]", true},
		{"[{'inside':5,'outside':15,'count':5},{'inside':0,'outside':10,'count':5}]", true},
		{"[{'inside':0,'outside':10,'count':6},{'inside':5,'outside':20,'count':5}]", false},
		{"[{'inside':5,'outside':20,'count':5},{'inside':0,'outside':10,'count':6}]", false},
		{"[{'inside':0,'outside':10,'count':6},{'inside':9,'outside':15,'count':5}]", false},
		{"[{'inside':0,'outside':0,'count':9},{'inside':4,'outside':20,'count':1}]", false},
		{"[{'inside':4,'outside':20,'count':1},{'inside':0,'outside':0,'count':9}]", false},
		{"[{'inside':3,'outside':3,'count':1},{'inside':3,'outside':4,'count':1}]", false},
		{"[{'inside':4294967294,'outside':3,'count':1},{'inside':0,'outside':4,'count':1}]", true},
		{"[{'inside':4294967294,'outside':3,'count':1},{'inside':4294967294,'outside':4,'count':1}]", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(new_text, "idMaps.uid", load(cases[i].ranges), cases[i].good ? NULL : "idMaps.uid[1]", cases[i].ranges);
}

static void test_needs(void)
{
	static const struct {
		const char *path, *mode, *subject;
	} cases[] = {
		{"namespaces.user", "{'mode':'inherit'}", "idMaps"},
		{"namespaces.user", "{'mode':'join','path':'/x'}", "idMaps"},
		{"namespaces.mnt", "{'mode':'inherit'}", "mounts"},
		{"namespaces.pid", "{'mode':'inherit'}", "mounts[1]"},
		{"namespaces.pid", "{'mode':'join','path':'/x'}", "mounts[1]"},
		{"namespaces.uts", "{'mode':'inherit'}", "hostname"},
		{"namespaces.net", "{'mode':'inherit'}", "loopback"},
		{"namespaces.time", "{'mode':'inherit'}", "timeOffsets"},
		{"namespaces.time", "{'mode':'join','path':'/x'}", "timeOffsets"},
		{"namespaces.net", "{'mode':'new','pid':7}", "namespaces.net.pid"},
		{"namespaces.net", "{'mode':'inherit','startTime':7}", "namespaces.net.startTime"},
		{"namespaces.net", "{'mode':'join','path':'/x','startTime':7}", "namespaces.net.startTime"},
		{"namespaces.net", "{'mode':'join','path':'/x','pid':7,'startTime':7}", "namespaces.net"},
		{"idMaps.setgroups", "'deny'", "process.groups"},
		{"idMaps.newuidmap", "'/usr/bin/newuidmap'", "idMaps.newgidmap"},
		{"mounts", "[{'op':'proc','target':'/proc','value':'slave'}]", "mounts[0].value"},
	};
	json_t *document;
	char found[800];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(new_text, cases[i].path, load(cases[i].mode), cases[i].subject, cases[i].mode);
	expect(new_text, "namespaces.mnt", load("{'mode':'join','path':'/x'}"), NULL, "joined, with mounts");
	document = load(new_text);
	set_field(document, "namespaces.pid", load("{'mode':'inherit'}"));
	set_field(document, "mounts", json_array());
	CHECK(refused(document, "process.asPid1", found, sizeof(found)), "asPid1 needs a new pid namespace: %s", found);
	json_decref(document);
	document = load(new_text);
	set_field(document, "idMaps.newuidmap", load("'/x'"));
	set_field(document, "idMaps.newgidmap", load("'/x'"));
	CHECK(refused(document, "idMaps.newuidmap", found, sizeof(found)), "newuidmap does not go with a block: %s", found);
	json_decref(document);
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
	CHECK(!plan.process.owned_stdio[0] && plan.process.owned_stdio[1] && plan.process.owned_stdio[2], "owned streams");
	CHECK(plan.process.drop_capabilities && plan.process.no_new_privs && plan.process.new_session && plan.process.as_pid1,
	      "flags");
	CHECK(plan.setup_millis == 10000 && plan.has_wall && plan.wall_millis == 60000 && plan.grace_millis == 50 && plan.hold,
	      "limits and hold");
	plan_release(&plan);
	plan_release(&plan);
	CHECK(plan.document == NULL && plan.process.argv == NULL, "a plan may be released twice");
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
		      !plan.setgroups_allowed && strcmp(plan.newgidmap, "/usr/bin/newgidmap") == 0, "the rest");
	plan_release(&plan);
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
	test_every_field(new_text, "all");
	test_every_field(join_text, "join");
	test_boundaries();
	test_sizes();
	test_overlaps();
	test_needs();
	test_contents();
	test_absent();
	return tap_done();
}
