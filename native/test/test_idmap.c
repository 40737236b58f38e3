/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "bounds.h"
#include "proc.h"
#include "sys.h"

static struct id_map make_map(size_t count)
{
	struct id_map map = {.ranges = calloc(count + 1, sizeof(struct id_range)), .count = count};

	if (map.ranges == NULL)
		tap_bail("out of memory");
	for (size_t i = 0; i < count; i++)
		map.ranges[i] = (struct id_range){(uint32_t)i * 10, (uint32_t)(count - i) * 20, (uint32_t)(i % 10) + 1};
	return map;
}

static void test_text(void)
{
	static const size_t counts[] = {0, 1, 5, LIMIT_MAP_LINES};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct id_map map = make_map(counts[i]);
		char *text = idmap_text(&map, 524288);
		char *expected = calloc(counts[i] + 1, 40);
		size_t length = 0;

		if (expected == NULL)
			tap_bail("out of memory");
		for (size_t j = 0; j < counts[i]; j++)
			length += (size_t)sprintf(expected + length, "%u %u %u\n", map.ranges[j].inside,
						  map.ranges[j].outside + 524288, map.ranges[j].count);
		CHECK(text != NULL && strcmp(text, expected) == 0, "text of %zu lines, relative to a base", counts[i]);
		free(expected);
		free(text);
		free(map.ranges);
	}
}

static void test_widest_text(void)
{
	struct id_map map = make_map(LIMIT_MAP_LINES);
	char *text;
	bool good = true;

	for (size_t i = 0; i < map.count; i++)
		map.ranges[i] = (struct id_range){4294967294u, 4294967294u, 4294967294u};
	text = idmap_text(&map, 0);
	for (size_t i = 0; text != NULL && i < map.count; i++)
		good = good && strncmp(text + i * 33, "4294967294 4294967294 4294967294\n", 33) == 0;
	CHECK(text != NULL && good && strlen(text) == map.count * 33, "340 lines of the widest numbers are all there");
	free(text);
	free(map.ranges);
}

static void test_arguments(void)
{
	static const size_t counts[] = {0, 1, 5, LIMIT_MAP_LINES};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct id_map map = make_map(counts[i]);
		char *strings = NULL;
		char **argv = idmap_arguments("/usr/bin/newuidmap", 4194304, &map, &strings);
		size_t count = 0;
		bool good = argv != NULL;

		while (good && argv[count] != NULL)
			count++;
		CHECK_NUMBER(count, 2 + 3 * counts[i], "argv of newuidmap has every number of every line, then NULL");
		for (size_t j = 0; good && j < counts[i]; j++)
			good = strtoul(argv[2 + 3 * j], NULL, 10) == map.ranges[j].inside &&
			       strtoul(argv[3 + 3 * j], NULL, 10) == map.ranges[j].outside &&
			       strtoul(argv[4 + 3 * j], NULL, 10) == map.ranges[j].count;
		CHECK(good && strcmp(argv[0], "/usr/bin/newuidmap") == 0 && strcmp(argv[1], "4194304") == 0,
		      "with %zu lines: the program, the pid, the lines in order", counts[i]);
		free(argv);
		free(strings);
		free(map.ranges);
	}
}

static void test_translation(void)
{
	static struct id_range ranges[] = {{0, 1000, 1}, {1, 100000, 65535}, {4294967294u, 7, 1}, {70000, 4294967290u, 5}};
	static const struct id_map map = {ranges, 4};
	static const struct id_map empty = {ranges, 0};
	static const struct {
		uint32_t inside, outside;
	} pairs[] = {{0, 1000}, {1, 100000}, {65535, 165534}, {4294967294u, 7}, {70000, 4294967290u}, {70004, 4294967294u}};
	static const uint32_t not_inside[] = {65536, 69999, 70005, 4294967293u, 4294967295u};
	static const uint32_t not_outside[] = {0, 6, 8, 999, 1001, 99999, 165535, 4294967289u, 4294967295u};
	uint32_t id;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		id = 1;
		CHECK(idmap_outside(&map, pairs[i].inside, &id) && id == pairs[i].outside, "inside %u is outside %u",
		      pairs[i].inside, pairs[i].outside);
		id = 1;
		CHECK(idmap_inside(&map, pairs[i].outside, &id) && id == pairs[i].inside, "and back");
	}
	for (size_t i = 0; i < sizeof(not_inside) / sizeof(not_inside[0]); i++)
		CHECK(!idmap_outside(&map, not_inside[i], &id), "inside %u is not mapped", not_inside[i]);
	for (size_t i = 0; i < sizeof(not_outside) / sizeof(not_outside[0]); i++)
		CHECK(!idmap_inside(&map, not_outside[i], &id), "outside %u is not mapped", not_outside[i]);
	CHECK(!idmap_outside(&empty, 0, &id) && !idmap_inside(&empty, 1000, &id), "an empty map maps nothing");
}

/* ---- a directory that plays /proc/PID ---- */

static char fake_path[64];

static int make_fake(const char *uid_map, const char *gid_map)
{
	const char *names[] = {"uid_map", "gid_map", "setgroups"};
	const char *texts[] = {uid_map, gid_map, "allow\n"};
	int directory;

	(void)snprintf(fake_path, sizeof(fake_path), "/tmp/nsjob-test.XXXXXX");
	if (mkdtemp(fake_path) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	directory = open(fake_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 3; i++) {
		_cleanup_close_ int fd = openat(directory, names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0 || write(fd, texts[i], strlen(texts[i])) < 0)
			tap_bail("%s: %s", names[i], strerror(errno));
	}
	return directory;
}

static void remove_fake(int directory)
{
	(void)unlinkat(directory, "uid_map", 0);
	(void)unlinkat(directory, "gid_map", 0);
	(void)unlinkat(directory, "setgroups", 0);
	(void)close(directory);
	(void)rmdir(fake_path);
}

static void test_read(void)
{
	static const struct {
		const char *text;
		int count; /* -1: refused */
	} cases[] = {
		{"", 0},
		{"         0     524288      65536\n", 1},
		{"         0       1000          1\n         1     100000      65535\n", 2},
		{"         0          0 4294967295\n", 1},
		{"0 1\n", -1},
		{"x y z\n", -1},
		{"         0     524288      65536\nx\n", -1},
	};
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int directory = make_fake(cases[i].text, "");
		struct id_map map = {0};
		int result = idmap_read(directory, "uid_map", &map, &err);

		CHECK(cases[i].count < 0 ? result < 0 && err.errnum == EPROTO
					 : result == 0 && map.count == (size_t)cases[i].count,
		      "reading \"%.40s\": %d ranges", cases[i].text, cases[i].count);
		if (cases[i].count == 2)
			CHECK(map.ranges[1].inside == 1 && map.ranges[1].outside == 100000 && map.ranges[1].count == 65535,
			      "with their numbers");
		free(map.ranges);
		remove_fake(directory);
	}
	CHECK(idmap_read(AT_FDCWD, "/nonexistent/uid_map", &(struct id_map){0}, &err) < 0 && err.errnum == ENOENT,
	      "a map that cannot be read is an error");
}

static void test_read_most(void)
{
	size_t size = LIMIT_MAP_LINES * 33 + 1;
	char *text = malloc(size);
	struct id_map map = {0};
	struct error err;
	int directory;

	if (text == NULL)
		tap_bail("out of memory");
	for (size_t i = 0; i < LIMIT_MAP_LINES; i++)
		(void)snprintf(text + i * 33, size - i * 33, "%10u %10u %10u\n", 4294967000u - (unsigned int)i, (unsigned int)i, 1u);
	directory = make_fake(text, "");
	CHECK(idmap_read(directory, "uid_map", &map, &err) == 0 && map.count == LIMIT_MAP_LINES &&
		      map.ranges[LIMIT_MAP_LINES - 1].outside == LIMIT_MAP_LINES - 1, "340 lines as the kernel pads them");
	free(map.ranges);
	free(text);
	remove_fake(directory);
}

static void test_write(void)
{
	static struct id_range uids[] = {{5, 7, 1}, {0, 3, 2}};
	static struct id_range gids[] = {{0, 9, 1}};
	struct plan plan = {.has_maps = true, .uids = {uids, 2}, .gids = {gids, 1}};
	int directory = make_fake("", "");
	char text[128];
	struct error err;

	CHECK(idmap_write(&plan, 65536, getpid(), directory, &err) == 0, "maps are written and read back");
	CHECK(fd_read_file(directory, "uid_map", text, sizeof(text)) > 0 && strcmp(text, "5 65543 1\n0 65539 2\n") == 0,
	      "uid_map, with the base");
	CHECK(fd_read_file(directory, "gid_map", text, sizeof(text)) > 0 && strcmp(text, "0 65545 1\n") == 0, "gid_map");
	CHECK(fd_read_file(directory, "setgroups", text, sizeof(text)) > 0 && strncmp(text, "deny", 4) == 0, "setgroups is denied");
	remove_fake(directory);
	directory = make_fake("", "");
	plan.setgroups_allowed = true;
	CHECK(idmap_write(&plan, 0, getpid(), directory, &err) == 0 &&
		      fd_read_file(directory, "setgroups", text, sizeof(text)) > 0 && strcmp(text, "allow\n") == 0,
	      "setgroups that is allowed is left alone");
	remove_fake(directory);
	/* What stays behind the text that we write is what "the kernel" shows besides. */
	directory = make_fake("          \n          \n77 77 77\n", "");
	CHECK(idmap_write(&plan, 0, getpid(), directory, &err) < 0, "a map that reads back differently is refused");
	remove_fake(directory);
	directory = make_fake("0 3 2\n5 7 1\n9 9 9\n", "");
	CHECK(idmap_write(&plan, 0, getpid(), directory, &err) < 0 && err.errnum == EPROTO && strcmp(err.subject, "uid_map") == 0,
	      "so is one with a line more");
	remove_fake(directory);
	directory = make_fake("", "0 0 1\n");
	plan.gids.count = 0;
	CHECK(idmap_write(&plan, 0, getpid(), directory, &err) < 0 && err.errnum == EPROTO && strcmp(err.subject, "gid_map") == 0,
	      "and one that should be empty and is not");
	remove_fake(directory);
}

/* Does our own id 0 stand for 0 one level up? Then it must never be mapped. */
static bool is_host_root_visible(void)
{
	struct id_map own = {0};
	struct error err;
	uint32_t outside = 1;
	_cleanup_close_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (idmap_read(self, "uid_map", &own, &err) < 0)
		tap_bail("%s", err.message);
	if (!idmap_outside(&own, 0, &outside))
		outside = 1;
	free(own.ranges);
	return outside == 0;
}

static void test_host_root(void)
{
	static struct id_range harmless[] = {{0, 1000, 1}};
	static struct id_range root_first[] = {{0, 0, 1}};
	static struct id_range root_hidden[] = {{0, 1000, 1}, {100, 0, 1000}};
	static const struct {
		struct id_map uids, gids;
		const char *subject;
	} cases[] = {
		{{root_first, 1}, {harmless, 1}, "uid_map"},
		{{harmless, 1}, {root_first, 1}, "gid_map"},
		{{root_hidden, 2}, {harmless, 1}, "uid_map"},
		{{harmless, 1}, {root_hidden, 2}, "gid_map"},
	};
	struct error err;

	if (!is_host_root_visible()) {
		tap_skip("the host's root is refused", "this user namespace does not hold it");
		return;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan plan = {.has_maps = true, .uids = cases[i].uids, .gids = cases[i].gids};
		int directory = make_fake("", "");
		char text[64];

		CHECK(idmap_write(&plan, 0, getpid(), directory, &err) < 0 && err.errnum == EPERM &&
			      strcmp(err.subject, cases[i].subject) == 0, "the host's id 0 is never mapped: %s", cases[i].subject);
		CHECK(fd_read_file(directory, "uid_map", text, sizeof(text)) == 0 &&
			      fd_read_file(directory, "gid_map", text, sizeof(text)) == 0, "and nothing was written before");
		CHECK(idmap_write(&plan, 65536, getpid(), directory, &err) == 0, "relative to a block it is another id");
		remove_fake(directory);
	}
}

/* ---- the kernel's own files ---- */

static int wait_for_end(int fd)
{
	char byte;

	(void)alarm(TAP_CHILD_SECONDS);
	return read(fd, &byte, 1) == 0 ? 0 : 1;
}

static void test_kernel(void)
{
	struct id_range uid = {0, geteuid(), 1};
	struct id_range gid = {0, getegid(), 1};
	struct plan plan = {.has_maps = true, .uids = {&uid, 1}, .gids = {&gid, 1}};
	_cleanup_close_ int pidfd = -1;
	_cleanup_close_ int directory = -1;
	struct error err;
	int ends[2];
	pid_t pid;
	int result;

	if (geteuid() == 0)
		uid.outside = gid.outside = 100000; /* root's own is refused above */
	if (pipe2(ends, O_CLOEXEC) < 0)
		tap_bail("pipe2: %s", strerror(errno));
	pid = clone_process(CLONE_NEWUSER, &pidfd);
	if (pid == 0) {
		(void)close(ends[1]);
		_exit(wait_for_end(ends[0]));
	}
	if (pid < 0) {
		tap_skip("the kernel's own uid_map", "no user namespace here: %s", strerror(errno));
		return;
	}
	directory = proc_open(pid, pidfd, &err);
	result = idmap_write(&plan, 0, pid, directory, &err);
	CHECK(result == 0, "a real child's maps are written");
	if (result < 0)
		tap_print("# %s: %s: %s", err.subject, err.message, strerror(err.errnum));
	CHECK(idmap_write(&plan, 0, pid, directory, &err) < 0 && err.errnum == EPERM, "maps are written once");
	(void)close(ends[1]);
	(void)close(ends[0]);
	(void)tap_wait(pid);
	CHECK(idmap_write(&plan, 0, pid, directory, &err) < 0, "a child that is gone has no maps");
}

int main(void)
{
	test_text();
	test_widest_text();
	test_arguments();
	test_translation();
	test_read();
	test_read_most();
	test_write();
	test_host_root();
	test_kernel();
	return tap_done();
}
