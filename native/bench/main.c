/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C side of `make bench`: starts programs in one way or another and says how long each took. It is told what to do on
 * standard input, line by line, by the coordinator (java/bench), which so interleaves what is measured here with what is
 * measured in a JVM. Fields are separated by tabs:
 *
 *   way NAME KIND ARGUMENT...     KIND is spawn, floor, setns or drive, see there
 *   run NAME COUNT                COUNT times; the answer is the nanoseconds of each
 *   loop NAME WORKERS MILLIS      by WORKERS processes at once; the answer is the number of runs and the nanoseconds taken
 *
 * Each line has one answer: "ok ..." or "refused REASON".
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WAYS 64
#define MAX_RUNS 100000

static struct way ways[MAX_WAYS];
static size_t way_count;

static const struct {
	const char *kind;
	bool (*make)(struct way *way);
} kinds[] = {{"spawn", spawn_make}, {"floor", floor_make}, {"setns", setns_make}, {"drive", drive_make}};

uint64_t bench_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int bench_refuse(struct way *way, const char *reason)
{
	way->refused = reason;
	return -1;
}

int bench_await(struct way *way, pid_t pid)
{
	int status;

	if (pid < 0)
		return bench_refuse(way, strerror(errno));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return bench_refuse(way, strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_ALLOWED)
		return bench_refuse(way, "a step on the way is not allowed here");
	return bench_refuse(way, "the program did not end with 0");
}

static struct way *find(const char *name)
{
	for (size_t i = 0; i < way_count; i++) {
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	}
	return NULL;
}

static void answer(FILE *out, const char *word, const char *reason)
{
	(void)fprintf(out, "%s%s%s\n", word, reason[0] != '\0' ? " " : "", reason);
}

/* The names live as long as the process: a few dozen lines in all. */
static void define(FILE *out, char **fields, size_t count)
{
	struct way *way = &ways[way_count];

	if (count < 3 || way_count == MAX_WAYS) {
		answer(out, "refused", "no such way");
		return;
	}
	*way = (struct way){.name = strdup(fields[1])};
	for (size_t i = 3; i < count; i++)
		way->arguments[i - 3] = strdup(fields[i]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, fields[2]) != 0)
			continue;
		if (!kinds[i].make(way)) {
			answer(out, "refused", way->refused != NULL ? way->refused : "no reason");
			return;
		}
		way_count++;
		answer(out, "ok", "");
		return;
	}
	answer(out, "refused", "no such kind");
}

static void run(FILE *out, struct way *way, long count)
{
	static uint64_t nanos[MAX_RUNS];

	if (count < 1 || count > MAX_RUNS) {
		answer(out, "refused", "no such count");
		return;
	}
	way->refused = NULL;
	for (long i = 0; i < count; i++) {
		uint64_t begin = bench_now();

		if (way->run(way) < 0) {
			answer(out, "refused", way->refused);
			return;
		}
		nanos[i] = bench_now() - begin;
	}
	(void)fputs("ok", out);
	for (long i = 0; i < count; i++)
		(void)fprintf(out, " %llu", (unsigned long long)nanos[i]);
	(void)fputc('\n', out);
}

static void loop(FILE *out, struct way *way, int workers, int millis)
{
	uint64_t begin = bench_now();
	long count = loop_run(way, workers, millis);

	if (count < 0)
		answer(out, "refused", way->refused != NULL ? way->refused : "a worker failed");
	else
		(void)fprintf(out, "ok %ld %llu\n", count, (unsigned long long)(bench_now() - begin));
}

static void obey(FILE *out, char *line)
{
	char *fields[MAX_ARGUMENTS + 3];
	size_t count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *field = line; field != NULL && count < sizeof(fields) / sizeof(fields[0]); count++) {
		fields[count] = field;
		field = strchr(field, '\t');
		if (field != NULL)
			*field++ = '\0';
	}
	if (strcmp(fields[0], "way") == 0)
		define(out, fields, count);
	else if (count < 3 || find(fields[1]) == NULL)
		answer(out, "refused", "no such way");
	else if (strcmp(fields[0], "run") == 0)
		run(out, find(fields[1]), strtol(fields[2], NULL, 10));
	else if (strcmp(fields[0], "loop") == 0 && count == 4)
		loop(out, find(fields[1]), (int)strtol(fields[2], NULL, 10), (int)strtol(fields[3], NULL, 10));
	else
		answer(out, "refused", "no such command");
	(void)fflush(out);
}

/* What is started has /dev/null; the conversation is nobody else's. */
static FILE *apart(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (copy < 0 || null < 0 || dup2(null, fd) < 0 || close(null) < 0)
		return NULL;
	return fdopen(copy, mode);
}

int main(void)
{
	FILE *in = apart(0, "r");
	FILE *out = apart(1, "w");
	char *line = NULL;
	size_t size = 0;

	if (in == NULL || out == NULL) {
		perror("bench-worker");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	while (getline(&line, &size, in) > 0)
		obey(out, line);
	free(line);
	return 0;
}
