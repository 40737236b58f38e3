/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between runner.c and runner_attempt.c only: one command's beginning, as far as its runner and the child that becomes it share
 * their memory.
 */
#ifndef NSJOB_RUNNER_ATTEMPT_H
#define NSJOB_RUNNER_ATTEMPT_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"
#include "runner.h"

/* What such a child needs, and what it leaves there. */
struct attempt {
	struct runner_order order;
	pid_t runner;
	int whisper;
	int streams[3];
	char **arguments, **search, **variables;
	const char *cwd;
	bool ready;     /* its next call but one is its exec */
	bool whispered; /* the supervisor can learn its pid */
	bool failed;
	struct error error;
};

/* Waits for the next command: false when the supervisor is gone, or spoke nonsense. */
bool attempt_receive(int sync, struct attempt *attempt);

/* Like clone(2), until the child has executed or ended. Closes the streams here. */
pid_t attempt_start(struct attempt *attempt, int *ret_pidfd);

/* Notes errno in the error. -1 */
int attempt_fail(struct error *error, enum stage stage, const char *syscall, const char *subject, const char *message);

#endif
