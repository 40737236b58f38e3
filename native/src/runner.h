/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of an open sandbox, from within. The job's process, all confined, forks the starter just before it executes; the starter
 * forks runners; a runner starts one command after another, each as a child that lacks nothing but its exec. None of them ever
 * executes: not dumpable, they are closed to the commands, which have their ids.
 *
 * A runner has two sockets. On one it gets orders and tells news, struct runner_news, with a struct error behind it where it failed.
 * By the other its children whisper: just before its exec each sends its pid as it knows it, and the kernel adds the one that the
 * supervisor knows. That is read together with the news, and wakes nobody.
 */
#ifndef NSJOB_RUNNER_H
#define NSJOB_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "bounds.h"
#include "error.h"
#include "plan.h"
#include "sync.h"

struct launch;

/* One message from the supervisor, with the three streams; the strings follow, each with its NUL. */
struct runner_order {
	uint32_t argument_count, search_count, variable_count;
	uint32_t has_cwd;
	uint32_t brief; /* nobody waits for the news of its start */
	uint32_t limit_count;
	uint32_t size; /* of the strings */
	struct plan_rlimit limits[LIMIT_RESOURCES];
};

enum runner_word {
	RUNNER_STARTED = 1, /* carries the command's pidfd; its pid has been whispered */
	RUNNER_DOUBTFUL,    /* likewise, but it was killed so soon that it may not have executed; it is reaped when the supervisor sends a byte */
	RUNNER_FAILED,      /* it did not execute; nothing is left of it */
	RUNNER_BRIEF,       /* it was started and has ended; its pid has been whispered */
	RUNNER_ENDED,       /* the main process did */
	RUNNER_CLEAN,       /* all else that it left did, too */
};

struct runner_news {
	uint32_t word;
	uint32_t clean;     /* RUNNER_BRIEF, RUNNER_ENDED: it left nothing */
	int32_t inside;     /* RUNNER_STARTED, RUNNER_BRIEF: its pid in there */
	struct exit_record record;
	uint64_t age_nanos;  /* RUNNER_STARTED, RUNNER_BRIEF: how long ago it executed */
	struct rusage usage; /* RUNNER_BRIEF, RUNNER_ENDED, RUNNER_CLEAN: of all that were waited for so far */
};

/* Runs in: the job's process, behind everything that holds it. */
void runner_start_starter(struct launch *launch);

#endif
