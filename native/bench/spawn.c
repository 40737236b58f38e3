/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn HOW PROGRAM ARGUMENT...: a program, not isolated or isolating itself (HOW: vfork, posix_spawn or fork). What is
 * started by vfork is the least that anybody can pay for a process.
 */
#include "bench.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>


extern char **environ;

static int by_vfork(struct way *way)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(way->arguments[1], way->arguments + 1, environ);
		_exit(127);
	}
	return bench_await(way, pid);
}

static int by_fork(struct way *way)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(way->arguments[1], way->arguments + 1, environ);
		_exit(127);
	}
	return bench_await(way, pid);
}

static int by_posix_spawn(struct way *way)
{
	pid_t pid = -1;

	errno = posix_spawn(&pid, way->arguments[1], NULL, NULL, way->arguments + 1, environ);
	return bench_await(way, errno == 0 ? pid : -1);
}

static const struct {
	const char *how;
	int (*run)(struct way *way);
} table[] = {{"vfork", by_vfork}, {"fork", by_fork}, {"posix_spawn", by_posix_spawn}};

bool spawn_make(struct way *way)
{
	way->refused = "spawn HOW PROGRAM ARGUMENT...";
	if (way->arguments[0] == NULL || way->arguments[1] == NULL)
		return false;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].how, way->arguments[0]) == 0)
			way->run = table[i].run;
	}
	return way->run != NULL;
}
