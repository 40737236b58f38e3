/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of an open sandbox, from within. The job's process, all confined, forks the starter just before it executes; the starter
 * forks runners; a runner starts one command after another, each as a child that lacks nothing but its exec. None of them ever
 * executes: not dumpable, they are closed to the commands, which have their ids.
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
	uint32_t limit_count;
	uint32_t size; /* of the strings */
	struct plan_rlimit limits[LIMIT_RESOURCES];
};

enum runner_word {
	RUNNER_STARTED = 1, /* carries the command's pidfd; it is not reaped before the supervisor sends a byte */
	RUNNER_DOUBTFUL,    /* likewise; it was killed so soon that it may not have executed */
	RUNNER_FAILED,      /* it did not execute; nothing is left of it */
	RUNNER_ENDED,       /* the main process did */
	RUNNER_CLEAN,       /* all else that it left did, too */
};

struct runner_news {
	uint32_t word;
	uint32_t clean;     /* RUNNER_ENDED: it left nothing */
	int32_t inside;     /* RUNNER_STARTED: its pid in there */
	struct exit_record record;
	struct rusage usage; /* RUNNER_ENDED, RUNNER_CLEAN: of all that were waited for so far */
	struct error error;  /* RUNNER_FAILED: last, sent only with that */
};

/* Runs in: the job's process, behind everything that holds it. */
void runner_start_starter(struct launch *launch);

#endif
