/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel alone costs: the fewest system calls that start a program in namespaces, without JSON, checks, report
 * or Java. Nothing that isolates so can be faster; what nsjob takes above it is nsjob's.
 *
 *   floor PROGRAM [RUNS [GAP_MILLIS]]      PROGRAM is run as "PROGRAM 0" and must exit with 0
 *
 * The ways are interleaved in random order, so that a noisy moment hits all alike. A gap shows what back-to-back runs
 * hide: the kernel's grace periods.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIVE (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)
/* Made by the first process inside, as the helper has to: cgroups are entered before, clock offsets written between. */
#define LATER (CLONE_NEWCGROUP | CLONE_NEWTIME)
#define WARM_UP 5
/* Exit status of a process that could not build its surroundings; the program's own is 0. */
#define NOT_ALLOWED 126

struct way {
	const char *name;
	pid_t (*start)(const struct way *way);
	uint64_t cloned;
	int unshared;
	bool has_init;
	/* results */
	uint64_t *nanos;
	const char *refused; /* why it is not measured, NULL: it is */
};

static char *const *program;
static char *const no_environment[] = {NULL};

static pid_t start_by_vfork(const struct way *way)
{
	pid_t pid = vfork();

	(void)way;
	if (pid == 0) {
		(void)execve(program[0], program, no_environment);
		_exit(127);
	}
	return pid;
}

static pid_t start_by_fork(const struct way *way)
{
	pid_t pid = fork();

	(void)way;
	if (pid == 0) {
		(void)execve(program[0], program, no_environment);
		_exit(127);
	}
	return pid;
}

static int write_file(pid_t pid, const char *file, const char *text)
{
	char path[64];
	int fd, result;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	(void)close(fd);
	return result;
}

/* As the helper: root maps a block of unprivileged ids, everybody else the one own id. */
static int write_maps(pid_t pid)
{
	char uids[64] = "0 524288 65536";
	char gids[64] = "0 524288 65536";

	if (geteuid() != 0) {
		(void)snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
		(void)snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	}
	return write_file(pid, "setgroups", "deny") < 0 || write_file(pid, "gid_map", gids) < 0 ? -1 : write_file(pid, "uid_map", uids);
}

static _Noreturn void exec_below(bool has_init)
{
	int status = 0;
	pid_t pid = has_init ? fork() : 0;

	if (pid == 0)
		(void)execve(program[0], program, no_environment);
	if (pid <= 0)
		_exit(127);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : NOT_ALLOWED);
}

static _Noreturn void build_and_exec(const struct way *way, int go)
{
	char byte;

	/* End of file: the maps could not be written. */
	if (read(go, &byte, 1) != 1 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		_exit(NOT_ALLOWED);
	if (way->unshared != 0 && unshare(way->unshared) < 0)
		_exit(NOT_ALLOWED);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		_exit(NOT_ALLOWED);
	exec_below(way->has_init);
}

static pid_t start_in_namespaces(const struct way *way)
{
	struct clone_args arguments = {.flags = way->cloned, .exit_signal = SIGCHLD};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (pid == 0) {
		(void)close(ends[1]);
		build_and_exec(way, ends[0]);
	}
	if (pid > 0 && write_maps(pid) == 0 && write(ends[1], "", 1) != 1)
		perror("floor: write");
	(void)close(ends[0]);
	(void)close(ends[1]);
	return pid;
}

static struct way ways[] = {
	{.name = "vfork + exec", .start = start_by_vfork},
	{.name = "fork + exec", .start = start_by_fork},
	{.name = "five kinds, maps, proc", .start = start_in_namespaces, .cloned = FIVE},
	{.name = "five kinds, maps, proc, init", .start = start_in_namespaces, .cloned = FIVE, .has_init = true},
	{.name = "all eight, maps, proc", .start = start_in_namespaces, .cloned = FIVE | CLONE_NEWNET, .unshared = LATER},
	{.name = "all eight, maps, proc, init", .start = start_in_namespaces, .cloned = FIVE | CLONE_NEWNET, .unshared = LATER,
	 .has_init = true},
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static uint64_t now_nanos(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* From before the clone until waitpid returned. */
static uint64_t run_once(struct way *way)
{
	uint64_t begin = now_nanos();
	int status = 0;
	pid_t pid = way->start(way);
	uint64_t took;

	if (pid < 0) {
		way->refused = strerror(errno);
		return 0;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			break;
	}
	took = now_nanos() - begin;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_ALLOWED)
		way->refused = "a step on the way is not allowed here";
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		way->refused = "the program did not exit with 0";
	return took;
}

static void shuffle(size_t order[WAYS])
{
	for (size_t i = WAYS - 1; i > 0; i--) {
		size_t other = (size_t)random() % (i + 1);
		size_t kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

static void measure(size_t runs, int gap_millis)
{
	size_t order[WAYS];

	for (size_t i = 0; i < WAYS; i++)
		order[i] = i;
	for (size_t run = 0; run < runs + WARM_UP; run++) {
		shuffle(order);
		for (size_t i = 0; i < WAYS; i++) {
			struct way *way = &ways[order[i]];
			uint64_t took;

			if (way->refused != NULL)
				continue;
			if (gap_millis > 0)
				(void)poll(NULL, 0, gap_millis);
			took = run_once(way);
			if (run >= WARM_UP)
				way->nanos[run - WARM_UP] = took;
		}
	}
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void print_table(size_t runs, int gap_millis)
{
	double floor_micros = 0;

	(void)printf("%zu runs each, interleaved, %d ms apart, as %s\n\n", runs, gap_millis, geteuid() == 0 ? "root" : "an ordinary user");
	(void)printf("%-30s %10s %10s %8s\n", "way", "median us", "p99 us", "ratio");
	for (size_t i = 0; i < WAYS; i++) {
		struct way *way = &ways[i];
		double median, last;

		if (way->refused != NULL) {
			(void)printf("%-30s not measured: %s\n", way->name, way->refused);
			continue;
		}
		qsort(way->nanos, runs, sizeof(way->nanos[0]), compare);
		median = (double)way->nanos[runs / 2] / 1000;
		last = (double)way->nanos[runs * 99 / 100] / 1000;
		if (i == 0)
			floor_micros = median;
		(void)printf("%-30s %10.0f %10.0f %8.2f\n", way->name, median, last, median / floor_micros);
	}
}

int main(int argc, char **argv)
{
	char zero[] = "0";
	char *arguments[] = {argc > 1 ? argv[1] : NULL, zero, NULL};
	long runs = argc > 2 ? strtol(argv[2], NULL, 10) : 300;
	long gap = argc > 3 ? strtol(argv[3], NULL, 10) : 0;

	if (argc < 2 || argc > 4 || runs < 1 || runs > 1000000 || gap < 0 || gap > 10000) {
		(void)fprintf(stderr, "usage: floor PROGRAM [RUNS [GAP_MILLIS]]\n");
		return 2;
	}
	program = arguments;
	for (size_t i = 0; i < WAYS; i++) {
		ways[i].nanos = calloc((size_t)runs, sizeof(ways[i].nanos[0]));
		if (ways[i].nanos == NULL)
			return 2;
	}
	measure((size_t)runs, (int)gap);
	print_table((size_t)runs, (int)gap);
	/* The two without namespaces are possible everywhere: else PROGRAM is at fault, and the figures mean nothing. */
	if (ways[0].refused != NULL || ways[1].refused != NULL) {
		(void)fprintf(stderr, "floor: %s 0 did not exit with 0\n", argv[1]);
		return 1;
	}
	return 0;
}
