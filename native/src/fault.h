/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test-only fault injection. With -DNSJOB_FAULTS the environment variable NSJOB_FAULT names a stage and an action,
 * "STAGE=die" (SIGKILL on itself), "STAGE=stall" (sleep for ever) or "STAGE=errno:N" (the stage fails with errno N).
 * "command:STAGE=…" is about the commands of an open sandbox, and not about the job that holds it.
 * "off=NAME,NAME" leaves defences out that no plan can switch off: so a test shows what would get through without them.
 * In every other build this is nothing at all: the release helper reads no such variable.
 */
#ifndef NSJOB_FAULT_H
#define NSJOB_FAULT_H

#include <stdbool.h>

#include "stage.h"

struct error;

#ifdef NSJOB_FAULTS
void fault_init(void);
int fault_point(enum stage stage, struct error *err);
bool fault_off(const char *defence);
/* What happens from now on is about a command, or is not any more. */
void fault_command(bool on);
#else
static inline void fault_init(void)
{
}

static inline int fault_point(enum stage stage, struct error *err)
{
	(void)stage;
	(void)err;
	return 0;
}

static inline bool fault_off(const char *defence)
{
	(void)defence;
	return false;
}

static inline void fault_command(bool on)
{
	(void)on;
}
#endif

#endif
