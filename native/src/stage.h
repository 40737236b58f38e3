/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a launch this process is, and how long each stage took.
 * Runs in: supervisor, joiner, init, job. Each process counts for itself and sends its figures over sync.h.
 */
#ifndef NSJOB_STAGE_H
#define NSJOB_STAGE_H

#include <stdint.h>

struct error;

enum stage {
#define STAGE(id, name, what) STAGE_##id,
#include "stages.def"
#undef STAGE
	STAGE_COUNT
};

const char *stage_name(enum stage stage);
const char *stage_what(enum stage stage);

/* Stage this process is in: error_set() stamps it on every error. */
enum stage stage_current(void);

/*
 * Leaves the current stage and enters another; 0, or -1 with an error only where a test injected one
 * (fault builds, environment NSJOB_FAULT). Entering a stage twice adds up its time.
 */
int stage_enter(enum stage stage, struct error *err);

/* Nanoseconds per stage spent by this process, 0 for stages it never entered. Closes the running stage. */
void stage_times(uint64_t ret_nanos[STAGE_COUNT]);

/* Stops the clock while this process waits for another; the next stage_enter() starts it again. */
void stage_pause(void);

/* Forgets the parent's figures after a fork. */
void stage_restart(void);

uint64_t clock_nanos(void);

#endif
