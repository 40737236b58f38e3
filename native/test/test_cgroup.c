/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On directories of an ordinary disk: what is refused, what is read, what is removed. Real cgroups are the matter of the
 * library's tests, which need them anyway.
 */
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "error.h"
#include "fd.h"
#include "launch.h"

static struct launch launch;
static char top[64], directory[128];
static const struct cgroup_write limit = {"pids.max", "65"};
static struct plan_cgroup cgroup;

static void set_up(void)
{
	(void)snprintf(top, sizeof(top), "/tmp/nsjob-test.XXXXXX");
	if (mkdtemp(top) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	(void)snprintf(directory, sizeof(directory), "%s/nsjob-70-4711-1", top);
	launch_init(&launch, -1);
	cgroup = (struct plan_cgroup){.version = 1, .directory = directory, .writes = {limit}, .reads = {"pids.peak", "pids.gone"}};
	launch.plan.cgroups = &cgroup;
	launch.plan.cgroup_count = 1;
}

static void put(const char *name, const char *text)
{
	char path[192];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("%s: %s", path, strerror(errno));
	fd_close(&fd);
}

/* As if it had been made, with files. */
static void pretend(void)
{
	if (mkdir(directory, 0700) < 0)
		tap_bail("mkdir: %s", strerror(errno));
	launch.cgroups.directories[0] = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	launch.cgroups.made = 1;
}

static void tear_down(void)
{
	static const char *const names[] = {"pids.peak", "cpu.stat", "cpuacct.usage", "cgroup"};
	char path[192];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
	cgroup_remove(&launch);
	(void)rmdir(directory);
	CHECK(rmdir(top) == 0, "nothing is left");
}

static void test_what_fails_is_removed(void)
{
	struct error err;

	set_up();
	CHECK(cgroup_make(&launch, &err) < 0 && err.errnum == ENOENT, "without its door it is no cgroup");
	CHECK(access(directory, F_OK) == 0, "it was made");
	cgroup_remove(&launch);
	CHECK(access(directory, F_OK) < 0 && launch.cgroups.made == 0, "and is removed again");
	cgroup.write_count = 1;
	CHECK(cgroup_make(&launch, &err) < 0 && strstr(err.message, "refuses pids.max = 65") != NULL, "a limit that cannot be set fails");
	CHECK(strstr(err.subject, "/nsjob-70-4711-1/pids.max") != NULL, "naming its file");
	tear_down();
}

static void test_somebody_elses_is_left_alone(void)
{
	struct error err;

	set_up();
	(void)mkdir(directory, 0700);
	CHECK(cgroup_make(&launch, &err) < 0 && err.errnum == EEXIST, "a directory that is there is refused");
	CHECK_TEXT(err.syscall, "mkdir", "by mkdir");
	cgroup_remove(&launch);
	CHECK(access(directory, F_OK) == 0, "and not removed");
	tear_down();
}

static void test_processor_time(void)
{
	uint64_t nanos = 7;

	set_up();
	pretend();
	CHECK(cgroup_cpu_nanos(&launch, &nanos) < 0 && nanos == 7, "a plan without a source: only /proc knows");
	launch.plan.cpu_file = "cpuacct.usage";
	launch.plan.cpu_key = "";
	launch.plan.cpu_unit_nanos = 1;
	CHECK(cgroup_cpu_nanos(&launch, &nanos) < 0, "no such file");
	put("cpuacct.usage", "123456789\n");
	CHECK(cgroup_cpu_nanos(&launch, &nanos) == 0 && nanos == 123456789, "version 1: nanoseconds alone");
	put("cpu.stat", "nr_usage_usec 9\nusage_usec 5000\nuser_usec 3000\n");
	launch.plan.cpu_file = "cpu.stat";
	launch.plan.cpu_key = "usage_usec";
	launch.plan.cpu_unit_nanos = 1000;
	CHECK(cgroup_cpu_nanos(&launch, &nanos) == 0 && nanos == 5000000, "version 2: microseconds after their key");
	launch.plan.cpu_key = "usage";
	CHECK(cgroup_cpu_nanos(&launch, &nanos) < 0, "half a key is none");
	launch.plan.cpu_cgroup = 1;
	CHECK(cgroup_cpu_nanos(&launch, &nanos) < 0, "nor is a cgroup that was not made");
	tear_down();
}

static bool shows(const struct emitter *all, const char *values)
{
	char expected[LIMIT_PATH + 128];

	(void)snprintf(expected, sizeof(expected), "[{\"directory\":\"%s\",\"values\":%s}]", launch.plan.cgroups[0].directory, values);
	return all->length - EMIT_AHEAD == strlen(expected) && memcmp(all->memory + EMIT_AHEAD, expected, strlen(expected)) == 0;
}

static void test_figures(void)
{
	char digits[LIMIT_CGROUP_TEXT + 2] = "";
	struct emitter all;

	set_up();
	pretend();
	put("pids.peak", "12\n");
	all = cgroup_figures(&launch);
	CHECK(shows(&all, "{\"pids.peak\":\"12\"}"), "the text of a file; what cannot be read is left out");
	emit_release(&all);
	memset(digits, '1', sizeof(digits) - 1);
	put("pids.peak", digits);
	all = cgroup_figures(&launch);
	CHECK(shows(&all, "{}"), "and so is what is longer than we read: half a number");
	emit_release(&all);
	tear_down();
}

static void test_membership(void)
{
	struct plan_cgroup two[2];
	struct error err;

	set_up();
	pretend();
	launch.job_dir = openat(launch.cgroups.directories[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("cgroup", "8:pids:/a/nsjob-70-4711-1\n4:memory:/nsjob-70-4711-12\n0::/\n");
	CHECK(cgroup_verify(&launch, &err) == 0, "the job is in its cgroup");
	put("cgroup", "8:pids:/a/nsjob-70-4711-12\n4:memory:/nsjob-70-4711-1/x\n0::/\n");
	CHECK(cgroup_verify(&launch, &err) < 0, "a longer name, or a cgroup below, is another one");
	two[0] = two[1] = cgroup;
	launch.plan.cgroups = two;
	launch.cgroups.made = 2;
	put("cgroup", "8:pids:/a/nsjob-70-4711-1\n4:memory:/\n0::/\n");
	CHECK(cgroup_verify(&launch, &err) < 0 && strstr(err.message, "1 of its 2") != NULL, "in one of two is not enough");
	put("cgroup", "8:pids:/a/nsjob-70-4711-1\n4:memory:/nsjob-70-4711-1\n0::/\n");
	CHECK(cgroup_verify(&launch, &err) == 0, "in both is");
	launch.plan.cgroups = &cgroup;
	launch.cgroups.made = 1;
	fd_close(&launch.job_dir);
	tear_down();
}

static void test_kill(void)
{
	const struct cgroup_write hurry = {"pids.peak", "hurry"};
	char text[16];

	set_up();
	pretend();
	put("pids.peak", "");
	cgroup.at_kill[0] = hurry;
	cgroup.at_kill_count = 1;
	cgroup_hurry(&launch);
	CHECK(fd_read_file(launch.cgroups.directories[0], "pids.peak", text, sizeof(text)) == 5, "written before the kill");
	put("pids.peak", "");
	cgroup_hurry(&launch);
	CHECK(fd_read_file(launch.cgroups.directories[0], "pids.peak", text, sizeof(text)) == 0, "once");
	CHECK(cgroup_unified(&launch) < 0, "version 1 has no cgroup.kill");
	cgroup.version = 2;
	CHECK(cgroup_unified(&launch) == launch.cgroups.directories[0], "version 2 has");
	cgroup.at_kill_count = 0;
	tear_down();
}

int main(void)
{
	test_what_fails_is_removed();
	test_somebody_elses_is_left_alone();
	test_processor_time();
	test_figures();
	test_membership();
	test_kill();
	return tap_done();
}
