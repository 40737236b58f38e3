/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "supervise_table.h"

static const char *const state_names[STATE_COUNT] = {
	[STATE_HELD] = "held",	       [STATE_EXECUTING] = "executing", [STATE_RUNNING] = "running",
	[STATE_TERMINATING] = "terminating", [STATE_KILLING] = "killing", [STATE_ENDING] = "ending",
	[STATE_FAILING] = "failing",   [STATE_GONE] = "gone"};
static const char *const event_names[EVENT_COUNT] = {
	[EVENT_RELEASE] = "release",	   [EVENT_CANCEL] = "cancel",	    [EVENT_CANCEL_NOW] = "cancel now",
	[EVENT_PEER_GONE] = "peer gone",   [EVENT_TIMER] = "timer",	    [EVENT_EXECUTED] = "executed", [EVENT_CPU] = "cpu",
	[EVENT_EXEC_FAILED] = "exec failed", [EVENT_MAIN_ENDED] = "main ended", [EVENT_INIT_GONE] = "init gone"};

/* The state that a command belongs to: it does not make sense when another follows. */
static bool fits(enum supervise_command command, enum supervise_state next)
{
	switch (command) {
	case COMMAND_NONE:
		return true;
	case COMMAND_EXECUTE:
		return next == STATE_EXECUTING;
	case COMMAND_START:
		return next == STATE_RUNNING;
	case COMMAND_TERMINATE:
		return next == STATE_TERMINATING;
	case COMMAND_KILL_MAIN:
		return next == STATE_KILLING;
	case COMMAND_KILL_ALL:
		return next == STATE_KILLING || next == STATE_ENDING || next == STATE_FAILING;
	case COMMAND_TELL_END:
		return next == STATE_ENDING;
	case COMMAND_TELL_LOST:
		return next == STATE_GONE;
	case COMMAND_FAIL:
		return next == STATE_FAILING || next == STATE_GONE;
	}
	return false;
}

static void test_every_cell(void)
{
	for (int state = 0; state < STATE_COUNT; state++) {
		for (int event = 0; event < EVENT_COUNT; event++) {
			struct supervise_step step = supervise_decide((enum supervise_state)state, (enum supervise_event)event);

			CHECK((unsigned int)step.next < STATE_COUNT && fits(step.command, step.next), "%s, %s: to %s with command %d",
			      state_names[state], event_names[event], state_names[step.next], (int)step.command);
		}
	}
}

static void test_rules(void)
{
	static const enum supervise_event ends[] = {EVENT_CANCEL, EVENT_CANCEL_NOW, EVENT_PEER_GONE};

	for (int event = 0; event < EVENT_COUNT; event++) {
		struct supervise_step step = supervise_decide(STATE_GONE, (enum supervise_event)event);

		CHECK(step.next == STATE_GONE && step.command == COMMAND_NONE, "no way back from gone by %s", event_names[event]);
	}
	for (int state = STATE_HELD; state < STATE_GONE; state++) {
		struct supervise_step step = supervise_decide((enum supervise_state)state, EVENT_INIT_GONE);

		CHECK_NUMBER(step.next, STATE_GONE, "init's death ends every state");
		step = supervise_decide((enum supervise_state)state, EVENT_TIMER);
		CHECK((step.command != COMMAND_NONE) == (state != STATE_HELD), "%s: the timer %s", state_names[state],
		      state == STATE_HELD ? "means nothing" : "is answered");
	}
	for (int state = STATE_HELD; state < STATE_COUNT; state++) {
		struct supervise_step step = supervise_decide((enum supervise_state)state, EVENT_CPU);

		CHECK(state == STATE_RUNNING ? step.next == STATE_TERMINATING && step.command == COMMAND_TERMINATE
					     : step.next == (enum supervise_state)state && step.command == COMMAND_NONE,
		      "%s: the processor time %s", state_names[state],
		      state == STATE_RUNNING ? "ends the job as the wall clock does" : "is nobody's concern");
	}
	/* Whoever wants the job to end gets there from everywhere: never back to a state in which it runs undisturbed. */
	for (int state = STATE_HELD; state < STATE_GONE; state++) {
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			struct supervise_step step = supervise_decide((enum supervise_state)state, ends[i]);

			CHECK(step.next >= STATE_TERMINATING, "%s, %s: goes or stays on the way to the end", state_names[state],
			      event_names[ends[i]]);
			CHECK(step.next >= (enum supervise_state)state, "and never softens");
		}
	}
	CHECK_NUMBER(supervise_decide(STATE_TERMINATING, EVENT_CANCEL_NOW).command, COMMAND_KILL_MAIN, "cancel now cuts a grace short");
	CHECK_NUMBER(supervise_decide(STATE_TERMINATING, EVENT_PEER_GONE).command, COMMAND_KILL_MAIN, "so does the caller's end");
	CHECK_NUMBER(supervise_decide(STATE_TERMINATING, EVENT_CANCEL).command, COMMAND_NONE, "a second cancel sends no second TERM");
}

/* ---- all that can happen, from the start, in any order ---- */

struct past {
	enum supervise_state state;
	int started, told, failed, executed; /* how often, 2 = more than once */
};

static bool seen[STATE_COUNT][3][3][3][3];
static int bad_paths, finished_paths;

static int more(int count)
{
	return count < 2 ? count + 1 : 2;
}

static void judge_end(const struct past *past)
{
	/* Exactly one last word: `exited` or `error`; and no `started` after which only an error comes. */
	bool good = past->told + past->failed == 1 && (past->started == 0 || past->told == 1);

	finished_paths++;
	if (!good) {
		bad_paths++;
		tap_print("# gone with started %d, exited %d, error %d", past->started, past->told, past->failed);
	}
}

static void explore(struct past past)
{
	bool *here = &seen[past.state][past.started][past.told][past.failed][past.executed];

	if (*here)
		return;
	*here = true;
	if (past.state == STATE_GONE) {
		judge_end(&past);
		return;
	}
	for (int event = 0; event < EVENT_COUNT; event++) {
		struct supervise_step step = supervise_decide(past.state, (enum supervise_event)event);
		struct past next = past;

		next.state = step.next;
		next.executed = step.command == COMMAND_EXECUTE ? more(past.executed) : past.executed;
		next.started = step.command == COMMAND_START ? more(past.started) : past.started;
		next.told = step.command == COMMAND_TELL_END || step.command == COMMAND_TELL_LOST ? more(past.told) : past.told;
		next.failed = step.command == COMMAND_FAIL ? more(past.failed) : past.failed;
		if (next.started > 1 || next.executed > 1 || (next.started == 1 && past.started == 0 && past.executed == 0)) {
			bad_paths++;
			tap_print("# %s, %s: started or executed twice", state_names[past.state], event_names[event]);
			continue;
		}
		explore(next);
	}
}

static void test_all_paths(void)
{
	explore((struct past){.state = STATE_HELD});
	CHECK(finished_paths >= 3, "paths to gone: told, started and told, failed");
	CHECK_NUMBER(bad_paths, 0, "every path has one exec, one start and one last word at most, and one last word at its end");
}

/* ---- scenarios ---- */

struct expected {
	enum supervise_event event;
	enum supervise_state next;
	enum supervise_command command;
};

static void walk(const char *name, const struct expected steps[], size_t count)
{
	enum supervise_state state = STATE_HELD;
	bool good = true;

	for (size_t i = 0; i < count && good; i++) {
		struct supervise_step step = supervise_decide(state, steps[i].event);

		good = step.next == steps[i].next && step.command == steps[i].command;
		if (!good)
			tap_print("# %s: step %zu, %s at %s: went to %s with %d", name, i, event_names[steps[i].event],
				  state_names[state], state_names[step.next], (int)step.command);
		state = step.next;
	}
	CHECK(good && state == STATE_GONE, "%s", name);
}

#define WALK(name, ...) \
	do { \
		static const struct expected steps[] = {__VA_ARGS__}; \
		walk(name, steps, sizeof(steps) / sizeof(steps[0])); \
	} while (0)
#define STEP(event, next, command) {EVENT_##event, STATE_##next, COMMAND_##command}

static void test_scenarios(void)
{
	WALK("a job runs and ends", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(MAIN_ENDED, ENDING, TELL_END), STEP(INIT_GONE, GONE, NONE));
	WALK("a background process outlives the main one", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(MAIN_ENDED, ENDING, TELL_END), STEP(TIMER, ENDING, KILL_ALL), STEP(TIMER, ENDING, KILL_ALL),
	     STEP(INIT_GONE, GONE, NONE));
	WALK("held, then cancelled", STEP(TIMER, HELD, NONE), STEP(CANCEL, KILLING, KILL_ALL), STEP(TIMER, KILLING, KILL_ALL),
	     STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("held, then the caller goes", STEP(PEER_GONE, KILLING, KILL_ALL), STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("held, cancelled, released too late", STEP(CANCEL_NOW, KILLING, KILL_ALL), STEP(RELEASE, KILLING, NONE),
	     STEP(EXEC_FAILED, KILLING, NONE), STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("released twice", STEP(RELEASE, EXECUTING, EXECUTE), STEP(RELEASE, EXECUTING, NONE), STEP(EXECUTED, RUNNING, START),
	     STEP(RELEASE, RUNNING, NONE), STEP(MAIN_ENDED, ENDING, TELL_END), STEP(INIT_GONE, GONE, NONE));
	WALK("the program cannot be executed", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXEC_FAILED, FAILING, FAIL),
	     STEP(TIMER, FAILING, KILL_ALL), STEP(INIT_GONE, GONE, NONE));
	WALK("exec hangs", STEP(RELEASE, EXECUTING, EXECUTE), STEP(TIMER, FAILING, FAIL), STEP(EXECUTED, FAILING, NONE),
	     STEP(MAIN_ENDED, FAILING, NONE), STEP(INIT_GONE, GONE, NONE));
	WALK("cancelled between release and exec", STEP(RELEASE, EXECUTING, EXECUTE), STEP(CANCEL, KILLING, KILL_ALL),
	     STEP(EXECUTED, KILLING, NONE), STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("the wall clock, the grace, the end", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(TIMER, TERMINATING, TERMINATE), STEP(TIMER, KILLING, KILL_MAIN), STEP(MAIN_ENDED, ENDING, TELL_END),
	     STEP(INIT_GONE, GONE, NONE));
	WALK("the wall clock, and the job obeys TERM", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(TIMER, TERMINATING, TERMINATE), STEP(MAIN_ENDED, ENDING, TELL_END), STEP(INIT_GONE, GONE, NONE));
	WALK("the processor time, the grace, the end", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(CPU, TERMINATING, TERMINATE), STEP(CPU, TERMINATING, NONE), STEP(TIMER, KILLING, KILL_MAIN),
	     STEP(MAIN_ENDED, ENDING, TELL_END), STEP(INIT_GONE, GONE, NONE));
	WALK("cancel now", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START), STEP(CANCEL_NOW, KILLING, KILL_MAIN),
	     STEP(MAIN_ENDED, ENDING, TELL_END), STEP(INIT_GONE, GONE, NONE));
	WALK("cancel with grace, then cancel now", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(CANCEL, TERMINATING, TERMINATE), STEP(CANCEL_NOW, KILLING, KILL_MAIN), STEP(MAIN_ENDED, ENDING, TELL_END),
	     STEP(INIT_GONE, GONE, NONE));
	WALK("init cannot tell the end of a killed job", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(CANCEL_NOW, KILLING, KILL_MAIN), STEP(TIMER, KILLING, KILL_ALL), STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("init is lost while held", STEP(INIT_GONE, GONE, FAIL));
	WALK("init is lost before exec", STEP(RELEASE, EXECUTING, EXECUTE), STEP(INIT_GONE, GONE, FAIL));
	WALK("init is lost under the job", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("init is lost during the grace", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(CANCEL, TERMINATING, TERMINATE), STEP(INIT_GONE, GONE, TELL_LOST));
	WALK("init is lost while a failure is cleaned up", STEP(EXEC_FAILED, FAILING, FAIL), STEP(INIT_GONE, GONE, NONE));
	WALK("the caller goes while the rest is killed", STEP(RELEASE, EXECUTING, EXECUTE), STEP(EXECUTED, RUNNING, START),
	     STEP(MAIN_ENDED, ENDING, TELL_END), STEP(PEER_GONE, ENDING, NONE), STEP(CANCEL_NOW, ENDING, NONE),
	     STEP(INIT_GONE, GONE, NONE));
}

int main(void)
{
	test_every_cell();
	test_rules();
	test_all_paths();
	test_scenarios();
	return tap_done();
}
