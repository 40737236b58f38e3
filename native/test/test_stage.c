/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <poll.h>

#include "error.h"
#include "stage.h"

#define MILLI UINT64_C(1000000)

static void test_names(void)
{
	bool unique = true;
	bool formed = true;
	bool told = true;

	for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
		const char *name = stage_name(stage);

		for (enum stage other = 0; other < stage; other++)
			unique = unique && strcmp(name, stage_name(other)) != 0;
		formed = formed && name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name);
		told = told && stage_what(stage)[0] != '\0';
	}
	CHECK(unique, "every stage has a name of its own");
	CHECK(formed, "names are lower case words with hyphens");
	CHECK(told, "every stage says what it does");
	CHECK_TEXT(stage_name(STAGE_COUNT), "unknown", "a stage that is none has a name too");
	CHECK_TEXT(stage_what(STAGE_COUNT), "", "and does nothing");
	CHECK_TEXT(stage_name((enum stage)4711), "unknown", "whatever a damaged message says");
}

static void work(int millis)
{
	uint64_t until = clock_nanos() + (uint64_t)millis * MILLI;

	while (clock_nanos() < until)
		(void)poll(NULL, 0, 1);
}

static void test_times(void)
{
	struct error err;
	uint64_t nanos[STAGE_COUNT];
	uint64_t again[STAGE_COUNT];
	uint64_t begin = clock_nanos();
	uint64_t sum = 0;
	uint64_t whole;
	bool others = true;

	stage_restart();
	(void)stage_enter(STAGE_CLONE, &err);
	work(20);
	(void)stage_enter(STAGE_MOUNT, &err);
	work(5);
	(void)stage_enter(STAGE_CLONE, &err);
	work(20);
	CHECK_NUMBER(stage_current(), STAGE_CLONE, "the stage entered last is current");
	stage_pause();
	work(50);
	(void)stage_enter(STAGE_EXEC, &err);
	stage_times(nanos);
	whole = clock_nanos() - begin;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		sum += nanos[stage];
		if (stage != STAGE_CLONE && stage != STAGE_MOUNT && stage != STAGE_EXEC && stage != STAGE_CONNECT)
			others = others && nanos[stage] == 0;
	}
	CHECK(nanos[STAGE_CLONE] >= 40 * MILLI, "a stage entered twice adds up");
	CHECK(nanos[STAGE_MOUNT] >= 5 * MILLI, "a stage counts until the next");
	CHECK(others, "stages never entered have no time");
	CHECK(sum <= whole - 50 * MILLI, "a pause belongs to nobody");
	stage_pause();
	stage_times(nanos);
	work(2);
	stage_times(again);
	CHECK(memcmp(nanos, again, sizeof(nanos)) == 0, "while paused the figures stand still");
	begin = clock_nanos();
	stage_restart();
	stage_times(nanos);
	whole = clock_nanos() - begin;
	sum = 0;
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		sum += nanos[stage];
	CHECK(sum <= whole, "a restart forgets the parent's figures");
}

#ifdef NSJOB_FAULTS
#include "fault.h"

static int die_in_clone(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)setenv("NSJOB_FAULT", "clone=die", 1);
	fault_init();
	if (stage_enter(STAGE_MOUNT, &err) < 0)
		return 1;
	(void)stage_enter(STAGE_CLONE, &err);
	return 2;
}

static int fail_in_mount(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)setenv("NSJOB_FAULT", "mount=errno:28", 1);
	fault_init();
	if (getenv("NSJOB_FAULT") != NULL || stage_enter(STAGE_CLONE, &err) < 0)
		return 1;
	if (stage_enter(STAGE_MOUNT, &err) == 0)
		return 2;
	return err.stage == STAGE_MOUNT && err.errnum == 28 && stage_current() == STAGE_MOUNT ? 0 : 3;
}

static int stall_in_mount(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)setenv("NSJOB_FAULT", "mount=stall", 1);
	fault_init();
	(void)alarm(1);
	(void)stage_enter(STAGE_MOUNT, &err);
	return 1;
}

static int fault_elsewhere(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)setenv("NSJOB_FAULT", "moun=die", 1); /* a prefix of a stage is no stage */
	fault_init();
	for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
		if (stage_enter(stage, &err) < 0)
			return 1;
	}
	return 0;
}

static void test_faults(void)
{
	CHECK_NUMBER(tap_child(die_in_clone, NULL), 128 + SIGKILL, "an injected death is a SIGKILL at that stage");
	CHECK_NUMBER(tap_child(fail_in_mount, NULL), 0, "an injected failure has the stage and the errno");
	CHECK_NUMBER(tap_child(stall_in_mount, NULL), 128 + SIGALRM, "an injected stall lasts");
	CHECK_NUMBER(tap_child(fault_elsewhere, NULL), 0, "a stage that does not exist injects nothing");
}
#else
static int ignores_faults(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)setenv("NSJOB_FAULT", "clone=die", 1);
	return stage_enter(STAGE_CLONE, &err) == 0 && getenv("NSJOB_FAULT") != NULL ? 0 : 1;
}

static void test_faults(void)
{
	CHECK_NUMBER(tap_child(ignores_faults, NULL), 0, "a release build knows no fault injection");
}
#endif

int main(void)
{
	test_names();
	test_times();
	test_faults();
	return tap_done();
}
