/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's fields one by one: smallest and largest values, longest texts and lists, and what needs what.
 */
#include "bounds.h"
#include "plan_text.h"

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
		{"limits.cpuMillis", "1", true}, {"limits.cpuMillis", "0", false}, {"limits.cpuMillis", "2592000000", true},
		{"limits.cpuMillis", "2592000001", false}, {"limits.cpuMillis", "null", false},
		{"process.rlimits[0].resource", "15", true}, {"process.rlimits[0].resource", "16", false},
		{"process.rlimits[0].resource", "-1", false}, {"process.rlimits[1].resource", "7", false},
		{"process.rlimits[0].hard", "9223372036854775807", true}, {"process.rlimits[0].hard", "-1", true},
		{"process.rlimits[0].hard", "-2", false}, {"process.rlimits[0].soft", "512", true},
		{"process.rlimits[0].soft", "513", false}, {"process.rlimits[0].soft", "-1", false},
		{"process.rlimits[1].soft", "-1", true}, {"process.nice", "-20", true}, {"process.nice", "-21", false},
		{"process.nice", "19", true}, {"process.nice", "20", false}, {"process.ionice.class", "1", true},
		{"process.ionice.class", "0", false}, {"process.ionice.class", "4", false}, {"process.ionice.level", "7", true},
		{"process.ionice.level", "8", false}, {"process.cpuAffinity", "[]", false}, {"process.cpuAffinity[0]", "1023", true},
		{"process.cpuAffinity[0]", "1024", false}, {"process.cpuAffinity[0]", "-1", false},
		{"process.oomScoreAdj", "1000", true}, {"process.oomScoreAdj", "1001", false},
		{"process.oomScoreAdj", "-1000", true}, {"process.oomScoreAdj", "-1001", false},
		{"limits.graceMillis", "0", true}, {"limits.graceMillis", "-1", false}, {"limits.graceMillis", "2592000000", true},
		{"limits.graceMillis", "2592000001", false}, {"limits.graceMillis", "9223372036854775807", false},
		{"collect.millis", "1", true}, {"collect.millis", "0", false}, {"collect.millis", "2592000001", false},
		{"collect.depth", "0", true}, {"collect.depth", "128", true}, {"collect.depth", "129", false},
		{"collect.sources", "[]", false}, {"collect.sources[0].path", "'/'", false},
		{"collect.sources[0].path", "'/a/../b'", false}, {"collect.sources[0].path", "'a'", false},
		{"collect.sources[0].files", "0", false}, {"collect.sources[0].files", "1000000", true},
		{"collect.sources[0].files", "1000001", false}, {"collect.sources[0].bytes", "0", true},
		{"collect.sources[0].bytes", "-1", false}, {"collect.sources[0].bytes", "1152921504606846976", true},
		{"collect.sources[0].bytes", "1152921504606846977", false},
		{"process.uid", "0", true}, {"process.uid", "4294967294", true}, {"process.uid", "4294967295", false},
		{"process.uid", "4294967296", false}, {"process.uid", "-1", false},
		{"process.gid", "4294967294", true}, {"process.gid", "4294967295", false},
		{"process.groups[1]", "4294967294", true}, {"process.groups[1]", "4294967295", false},
		{"init.uid", "4294967294", true}, {"init.uid", "4294967295", false}, {"init.gid", "-1", false},
		{"process.umask", "0", true}, {"process.umask", "511", true}, {"process.umask", "512", false},
		{"process.capabilities", "[]", true}, {"process.capabilities", "[63]", true},
		{"process.keyring", "'new'", true}, {"process.keyring", "'old'", false},
		{"process.landlock.minimumAbi", "0", false}, {"maxUserNamespaces", "0", true},
		{"process.seccomp.filter", "''", false}, {"process.seccomp.filter", "'BgAAAAAA/38='", true},
		{"process.seccomp.filter", "'BgAAAAAA/38'", false}, {"process.seccomp.filter", "'BgAAAAAA/39='", false},
		{"process.seccomp.filter", "'BgAAAAAA_38='", false}, {"process.seccomp.filter", "'BgAAAAAA/w=='", false},
		{"process.seccomp.filter", "'BgAAAAAA/38=BgAAAAAA/38='", false}, {"process.noNewPrivs", "true", true},
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
		{"mounts[0].op", "'bound'", false}, {"mounts[1].target", "'proc'", false},
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

int main(void)
{
	test_boundaries();
	test_sizes();
	test_overlaps();
	test_needs();
	return tap_done();
}
