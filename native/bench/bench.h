/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the worker share: see main.c.
 */
#ifndef NSJOB_BENCH_H
#define NSJOB_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit status of a process that could not build its surroundings; the program's own is 0. */
#define NOT_ALLOWED 126

#define MAX_ARGUMENTS 250

/* One way to start a program and see its end: 0, or -1 with a reason in `refused`. */
struct way {
	const char *name;
	int (*run)(struct way *way);
	void *state;
	char *arguments[MAX_ARGUMENTS + 1]; /* of the line that made it; NULL-terminated */
	int worker;                         /* which of several loops at once this is, 0 for the only one */
	const char *refused;
};

uint64_t bench_now(void);

/* Waits for one child; -1 and a reason unless it ended with 0. */
int bench_await(struct way *way, pid_t pid);

int bench_refuse(struct way *way, const char *reason);

/* Each makes a way of its line's arguments, or returns NULL with a reason in `refused`. */
bool spawn_make(struct way *way);
bool floor_make(struct way *way);
bool setns_make(struct way *way);
bool drive_make(struct way *way);

/* How often a way can be run in a while, by several processes at once; -1 when one of them failed. */
long loop_run(struct way *way, int workers, int millis);

#endif
