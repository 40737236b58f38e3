/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector among everything that a job may leave where its results should be. The control of each refusal is the same
 * walk as an ordinary program does it, where that is safe to run: the canary is read, the FIFO blocks.
 */
#include "tap.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "collect.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "stage.h"
#include "wire.h"

#define MOST 4000
#define NOBODY 65534u

static char tree[] = "/tmp/nsjob-collect.XXXXXX";
static int tree_fd;

/* What came of one walk. */
struct found {
	char *path;
	char reason[32]; /* empty: collected */
	size_t size;
	bool same;       /* the content is what write_file() writes */
};
static struct found found[MOST];
static size_t found_count;
static long long walk_millis;

static unsigned char byte_at(size_t position)
{
	return (unsigned char)('a' + position % 23);
}

static void forget(void)
{
	for (size_t i = 0; i < found_count; i++)
		free(found[i].path);
	memset(found, 0, sizeof(found));
	found_count = 0;
}

static void take_event(const unsigned char *packet, size_t size)
{
	json_t *event = json_loadb((const char *)packet + 1, size - 1, 0, NULL);
	const char *path = json_string_value(json_object_get(event, "path"));
	const char *reason = json_string_value(json_object_get(event, "reason"));
	bool cut = found_count > 0 && reason != NULL && path != NULL && strcmp(found[found_count - 1].path, path) == 0;

	if (path == NULL || found_count == MOST)
		tap_bail("not an event: %.*s", (int)size - 1, (const char *)packet + 1);
	/* A second word about a file takes the first one back. */
	if (!cut)
		found[found_count++] = (struct found){.path = strdup(path), .same = true};
	(void)snprintf(found[found_count - 1].reason, sizeof(found[0].reason), "%s", reason != NULL ? reason : "");
	json_decref(event);
}

static void take(const unsigned char *packet, size_t size)
{
	struct found *last = found_count > 0 ? &found[found_count - 1] : NULL;

	if (packet[0] != FRAME_CONTENT) {
		take_event(packet, size);
		return;
	}
	if (last == NULL)
		tap_bail("content of nothing");
	for (size_t i = 1; i < size; i++)
		last->same = last->same && packet[i] == byte_at(last->size + i - 1);
	last->size += size - 1;
}

static void walk(const char *source, int64_t files, int64_t bytes, uint32_t depth)
{
	static unsigned char packet[1 + LIMIT_CONTENT_BYTES];
	struct collect_source asked = {.path = source, .files = files, .bytes = bytes};
	uint64_t begun = clock_nanos();
	ssize_t got;
	int ends[2];
	pid_t pid;

	forget();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || (pid = fork()) < 0)
		tap_bail("socketpair, fork: %s", strerror(errno));
	if (pid == 0) {
		int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)alarm(TAP_CHILD_SECONDS);
		/* As the collector is after its change of ids: its /proc/self belongs to somebody else. */
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		(void)close(ends[0]);
		collect_walk(tree_fd, proc, ends[1], &asked, 0, depth);
		_exit(0);
	}
	(void)close(ends[1]);
	while ((got = recv(ends[0], packet, sizeof(packet), 0)) > 0)
		take(packet, (size_t)got);
	(void)close(ends[0]);
	CHECK_NUMBER(tap_wait(pid), 0, "the walk comes to its end");
	walk_millis = (long long)((clock_nanos() - begun) / 1000000u);
}

static const struct found *about(const char *path)
{
	static const struct found nothing = {.path = NULL, .reason = "(not mentioned)"};

	for (size_t i = 0; i < found_count; i++) {
		if (strcmp(found[i].path, path) == 0)
			return &found[i];
	}
	return &nothing;
}

static void write_file(const char *path, size_t size)
{
	FILE *file;
	int fd = openat(tree_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	file = fd < 0 ? NULL : fdopen(fd, "w");
	for (size_t i = 0; file != NULL && i < size; i++)
		(void)fputc(byte_at(i), file);
	if (file == NULL || fclose(file) != 0)
		tap_bail("%s: %s", path, strerror(errno));
}

static void must(int result, const char *what)
{
	if (result < 0)
		tap_bail("%s: %s", what, strerror(errno));
}

static void bind_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", tree, path);
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)), "bind");
	(void)close(fd);
}

static void test_hostile(void)
{
	char canary[64];
	char byte;
	int fifo;

	must(mkdirat(tree_fd, "out", 0755), "mkdir");
	write_file("canary", 10);
	write_file("out/good", 200000);
	write_file("out/empty", 0);
	write_file("out/new\nline\033[31m", 5);
	write_file("out/bad\377utf8", 5);
	write_file("out/locked", 5);
	must(fchmodat(tree_fd, "out/locked", 0, 0), "chmod");
	must(mkdirat(tree_fd, "out/shut", 0), "mkdir");
	must(symlinkat("/etc/passwd", tree_fd, "out/link"), "symlink");
	must(symlinkat("../canary", tree_fd, "out/relative"), "symlink");
	must(symlinkat("..", tree_fd, "out/up"), "symlink");
	must(linkat(tree_fd, "canary", tree_fd, "out/hard", 0), "link");
	must(mkfifoat(tree_fd, "out/fifo", 0666), "mkfifo");
	bind_socket("out/socket");
	must(symlinkat("out", tree_fd, "swapped"), "symlink");
	walk("/out", 1000, 1 << 20, 8);
	CHECK(about("good")->same && about("good")->size == 200000 && about("good")->reason[0] == '\0', "a good file is whole");
	CHECK_TEXT(about("empty")->reason, "", "an empty file is collected");
	CHECK_TEXT(about("new\nline\033[31m")->reason, "", "control characters travel, for the caller to judge");
	CHECK_TEXT(about("bad?utf8")->reason, "name", "a name that is not UTF-8 is refused, and can be told");
	CHECK_TEXT(about("locked")->reason, "permission", "a file of mode 000");
	CHECK_TEXT(about("shut")->reason, "permission", "a directory of mode 000");
	CHECK_TEXT(about("link")->reason, "symlink", "a link to /etc/passwd");
	CHECK_TEXT(about("relative")->reason, "symlink", "a link to the canary");
	CHECK_TEXT(about("up")->reason, "symlink", "a link to the directory above");
	CHECK_TEXT(about("hard")->reason, "hard-link", "another name of the canary");
	CHECK_TEXT(about("fifo")->reason, "fifo", "a FIFO that nobody writes to");
	CHECK_TEXT(about("socket")->reason, "socket", "a socket");
	CHECK_NUMBER(found_count, 12, "nothing else is mentioned");
	CHECK(walk_millis < 50000, "no name held the walk up");
	walk("/swapped/good", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "symlink", "a link on the way to the source");
	walk("/swapped", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "symlink", "the source itself is a link");
	/* The controls: what an ordinary open would have done. */
	(void)snprintf(canary, sizeof(canary), "%s/out/relative", tree);
	CHECK(access(canary, R_OK) == 0, "control: the link does lead to the canary");
	fifo = openat(tree_fd, "out/fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	CHECK(fifo >= 0 && read(fifo, &byte, 1) < 0 && errno == EAGAIN, "control: reading the FIFO would block");
	(void)close(fifo);
}

static void test_places(void)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int saved = tree_fd;

	walk("/out/good", 10, 1 << 20, 0);
	CHECK(about("")->same && about("")->size == 200000, "one file");
	walk("/nothing", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "missing", "nothing there");
	walk("/out/good/below", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "missing", "a file on the way");
	walk("/out/good", 10, 199999, 8);
	CHECK_TEXT(about("")->reason, "too-large", "a byte too many");
	tree_fd = root;
	walk("/dev/null", 10, 100, 8);
	CHECK_TEXT(about("")->reason, "device", "a device");
	walk("/dev/zero", 10, 100, 8);
	CHECK_TEXT(about("")->reason, "device", "a device without an end");
	walk("/proc/self/status", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "symlink", "a link of /proc");
	walk("/proc/1/status", 10, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "filesystem", "a file of /proc");
	walk("/proc/1/root/etc/passwd", 10, 1 << 20, 8);
	CHECK(strcmp(about("")->reason, "symlink") == 0 || strcmp(about("")->reason, "permission") == 0, "a magic link");
	walk("/sys/kernel", 100, 1 << 20, 8);
	CHECK_TEXT(about("")->reason, "filesystem", "a directory of sysfs");
	tree_fd = saved;
	(void)close(root);
}

static void test_bounds(void)
{
	int fd, at;
	char name[32];

	must(mkdirat(tree_fd, "many", 0755), "mkdir");
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "many/%d", i);
		write_file(name, 0);
	}
	walk("/many", 1000, 100, 8);
	CHECK_NUMBER(found_count, 1001, "so many files and no more");
	CHECK_TEXT(about("")->reason, "too-many", "and that there were more");
	walk("/many", 3000, 100, 8);
	CHECK_NUMBER(found_count, 3000, "exactly as many as allowed");
	must(mkdirat(tree_fd, "huge", 0755), "mkdir");
	fd = openat(tree_fd, "huge/sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	must(ftruncate(fd, (off_t)1 << 40), "ftruncate");
	(void)close(fd);
	write_file("huge/small", 10);
	walk("/huge", 1000, 1 << 20, 8);
	CHECK_TEXT(about("sparse")->reason, "too-large", "a hole of a terabyte");
	CHECK_TEXT(about("small")->reason, "", "what fits beside it is collected");
	must(mkdirat(tree_fd, "deep", 0755), "mkdir");
	at = openat(tree_fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 10000; i++) {
		int below;

		must(mkdirat(at, "d", 0755), "mkdir");
		below = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(at);
		at = below;
	}
	(void)close(at);
	walk("/deep", 100000, 100, 64);
	CHECK_NUMBER(found_count, 1, "ten thousand levels");
	CHECK(strcmp(found[0].reason, "too-deep") == 0 && strlen(found[0].path) == 2 * 65 - 1, "are cut at the 65th: %s", found[0].path);
}

static void begin_launch(struct launch *launch, struct collect_source *source, int64_t millis, int *ret_caller)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		tap_bail("socketpair: %s", strerror(errno));
	launch_init(launch, ends[0]);
	launch->proc_dir = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	launch->collect_root = fcntl(tree_fd, F_DUPFD_CLOEXEC, 3);
	launch->plan.collect.sources = source;
	launch->plan.collect.count = 1;
	launch->plan.collect.depth = 8;
	launch->plan.collect.millis = millis;
	*ret_caller = ends[1];
}

/* A reader that forgets what it gets but the last frame's type; ends with the connection. */
static int read_all(int caller)
{
	unsigned char header[WIRE_HEADER];
	static unsigned char body[LIMIT_EVENT_BYTES];
	bool told = false;

	while (fd_read_full(caller, header, sizeof(header)) == 0) {
		size_t size = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];

		if (size > sizeof(body) || fd_read_full(caller, body, size) < 0)
			return 2;
		body[size < sizeof(body) ? size : sizeof(body) - 1] = '\0';
		told = header[4] == FRAME_SKIPPED && strstr((const char *)body, "\"reason\":\"time\"") != NULL;
	}
	return told ? 0 : 3;
}

static int against_time(struct collect_source *source)
{
	static struct launch launch;
	uint64_t begun = clock_nanos();
	int caller, told;
	pid_t reader;

	begin_launch(&launch, source, 300, &caller);
	reader = fork();
	if (reader == 0) {
		(void)close(launch.connection);
		_exit(read_all(caller));
	}
	(void)close(caller);
	collect_run(&launch, -1);
	(void)close(launch.connection);
	told = tap_wait(reader);
	collect_close(&launch);
	(void)close(launch.proc_dir);
	return told != 0 ? told : clock_nanos() - begun < UINT64_C(5000000000) ? 0 : 4;
}

/* A file system that never answers: mounted, and its daemon is us, who read nothing. */
static int hang(void *argument)
{
	struct collect_source source = {.path = "/hung/file", .files = 10, .bytes = 100};
	char options[96], path[64];
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	(void)argument;
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	(void)snprintf(path, sizeof(path), "%s/hung", tree);
	if (fuse < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	must(mkdirat(tree_fd, "hung", 0755), "mkdir");
	if (mount("fuse", path, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return 77;
	/* The tree as this namespace sees it: descriptors of the other one do not see the mount. */
	tree_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return against_time(&source);
}

static void test_caller_gone(void)
{
	struct collect_source source = {.path = "/huge/sparse", .files = 10, .bytes = INT64_C(1) << 50};
	static struct launch launch;
	uint64_t begun = clock_nanos();
	int caller;

	begin_launch(&launch, &source, 60000, &caller);
	(void)close(caller);
	collect_run(&launch, -1);
	CHECK(clock_nanos() - begun < UINT64_C(5000000000), "a caller that is gone is not worked for");
	collect_close(&launch);
	(void)close(launch.connection);
	(void)close(launch.proc_dir);
}

static int everything(void)
{
	struct collect_source source = {.path = "/huge/sparse", .files = 10, .bytes = INT64_C(1) << 50};

	test_hostile();
	test_places();
	test_bounds();
	CHECK_NUMBER(against_time(&source), 0, "a terabyte of zeros is cut off when the time is up, between two frames");
	test_caller_gone();
	return tap_done();
}

int main(void)
{
	char command[128];
	int code;

	if (mkdtemp(tree) == NULL || (tree_fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		tap_bail("mkdtemp: %s", strerror(errno));
	if (geteuid() == 0) {
		code = tap_child(hang, NULL);
		if (code == 77)
			tap_skip("a file system that does not answer is given up", "no FUSE here");
		else
			CHECK_NUMBER(code, 0, "a file system that does not answer is given up");
		/* Root reads what nobody may. */
		must(fchown(tree_fd, NOBODY, NOBODY), "chown");
		must(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
		must(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
	}
	code = everything();
	(void)snprintf(command, sizeof(command), "chmod 700 %s/out/shut; rm -rf %s", tree, tree);
	return system(command) == 0 ? code : 1;
}
