/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <string.h>
#include <time.h>

#include "fault.h"
#include "pages.h"

/* STAGE_CONNECT to begin with. */
static _written_ enum stage current;
static _written_ uint64_t entered_at;
static _written_ uint64_t spent[STAGE_COUNT];

const char *stage_name(enum stage stage)
{
	static const char *const names[STAGE_COUNT] = {
#define STAGE(id, name, what) [STAGE_##id] = name,
#include "stages.def"
#undef STAGE
	};
	return stage < STAGE_COUNT ? names[stage] : "unknown";
}

const char *stage_what(enum stage stage)
{
	static const char *const texts[STAGE_COUNT] = {
#define STAGE(id, name, what) [STAGE_##id] = what,
#include "stages.def"
#undef STAGE
	};
	return stage < STAGE_COUNT ? texts[stage] : "";
}

enum stage stage_current(void)
{
	return current;
}

uint64_t clock_nanos(void)
{
	struct timespec now = {0};

	/* Cannot fail for CLOCK_MONOTONIC, clock_gettime(2); served by the vDSO. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void close_running_stage(void)
{
	uint64_t now = clock_nanos();

	if (entered_at != 0)
		spent[current] += now - entered_at;
	entered_at = now;
}

int stage_enter(enum stage stage, struct error *err)
{
	close_running_stage();
	current = stage;
	return fault_point(stage, err);
}

void stage_times(uint64_t ret_nanos[STAGE_COUNT])
{
	if (entered_at != 0)
		close_running_stage();
	memcpy(ret_nanos, spent, sizeof(spent));
}

void stage_pause(void)
{
	close_running_stage();
	entered_at = 0;
}

void stage_restart(void)
{
	memset(spent, 0, sizeof(spent));
	entered_at = clock_nanos();
}
