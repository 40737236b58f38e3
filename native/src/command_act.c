/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor does about one command of an open sandbox: supervise_act.c for what shares its init with others.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "fd.h"
#include "hint.h"
#include "launch.h"
#include "proc.h"
#include "reap.h"
#include "report.h"
#include "sys.h"
#include "tree.h"

/* How long a killed main process' end may take to be told before the rest is killed without waiting for the record. */
#define RECORD_MILLIS 100

void command_arm(struct runner *runner, int64_t millis)
{
	runner->deadline = clock_nanos() + (uint64_t)millis * 1000000u;
}

void command_await_word(struct runner *runner)
{
	runner->word_at = clock_nanos() + RECORD_MILLIS * UINT64_C(1000000);
}

void command_blame(struct runner *runner, const char *cause)
{
	if (runner->cause == NULL)
		runner->cause = cause;
}

void command_never_ran(struct runner *runner, const char *syscall, int errnum, const char *message)
{
	if (runner->failure.message[0] != '\0')
		return;
	(void)error_set(&runner->failure, syscall, errnum, "", "%s", message);
	runner->failure.stage = STAGE_EXEC;
}

void command_signal(const struct runner *runner, int number, bool to_group)
{
	if (runner->job_pidfd < 0)
		return;
	/* It has a session, and so a group, of its own. */
	if (to_group && sys_pidfd_send_signal(runner->job_pidfd, number, PIDFD_SIGNAL_PROCESS_GROUP) == 0)
		return;
	(void)sys_pidfd_send_signal(runner->job_pidfd, number, 0);
}

static void tell(struct runner *runner, enum frame_type type, struct emitter body)
{
	struct error ignored;

	(void)wire_send(runner->connection, type, body, &ignored);
}

static void kill_all(struct runner *runner)
{
	int alive;

	if (runner->clean)
		return;
	command_signal(runner, SIGKILL, false);
	/* A runner that is dead has a pid that may be another's. */
	alive = runner->pidfd < 0 ? 1 : proc_ended(runner->pidfd) ? -1 : tree_kill(runner->launch->proc_dir, runner->pid);
	runner->sweeps++;
	/* It may have been stopped by one of those. */
	if (runner->pidfd >= 0 && runner->sweeps > 1)
		(void)sys_pidfd_send_signal(runner->pidfd, runner->sweeps >= REAP_SWEEPS || alive < 0 ? SIGKILL : SIGCONT, 0);
	command_arm(runner, REAP_SWEEP_MILLIS);
}

void command_look_at_cpu(struct runner *runner)
{
	uint64_t limit = (uint64_t)runner->command.plan.cpu_millis * 1000000u;
	uint64_t before = clock_nanos();
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t used = 0;
	uint64_t now;

	/* Without the runner itself, which waited for other commands before. */
	if (runner->job_pid <= 0 || cputime_look(&runner->cpu, runner->launch->proc_dir, runner->job_pid, &used) < 0)
		used = limit - 1;
	now = clock_nanos();
	if (used < limit) {
		runner->cpu_look_at = now + cputime_pause(limit - used, processors > 0 ? (unsigned int)processors : 1, now - before);
		return;
	}
	runner->cpu_look_at = 0;
	command_blame(runner, "cpu");
	command_happen(runner, EVENT_CPU);
}

static void tell_start(struct runner *runner)
{
	uint64_t nanos[STAGE_COUNT] = {0};

	runner->started_at = clock_nanos() - runner->age_nanos;
	nanos[STAGE_EXEC] = runner->started_at - runner->executed_at;
	tell(runner, FRAME_RUNNING, report_running(runner->job_pid, runner->inside, runner->pid, nanos));
}

static void start(struct runner *runner)
{
	const struct plan *plan = &runner->command.plan;

	tell_start(runner);
	runner->deadline = 0;
	if (plan->has_wall)
		runner->deadline = runner->started_at + (uint64_t)plan->wall_millis * 1000000u;
	if (plan->has_cpu)
		runner->cpu_look_at = runner->started_at + cputime_pause((uint64_t)plan->cpu_millis * 1000000u, 1, 0);
	for (int number = 1; number <= 64; number++) {
		uint64_t bit = UINT64_C(1) << (number - 1);

		if ((runner->pending_signals & bit) != 0)
			command_signal(runner, number, (runner->pending_to_group & bit) != 0);
	}
	if (runner->pending_end)
		command_happen(runner, EVENT_CANCEL);
}

static void kill_main(struct runner *runner)
{
	command_signal(runner, SIGKILL, false);
	command_arm(runner, RECORD_MILLIS);
}

static void terminate(struct runner *runner)
{
	if (runner->grace_millis == 0) {
		runner->state = STATE_KILLING;
		kill_main(runner);
		return;
	}
	command_signal(runner, SIGTERM, true);
	command_signal(runner, SIGCONT, true); /* a stopped command cannot act on TERM */
	command_arm(runner, runner->grace_millis);
}

static void tell_end(struct runner *runner, const char *lost)
{
	runner->ended_at = clock_nanos();
	/* One that never ran has no end: its caller is told why. */
	if (runner->started_at == 0)
		return;
	runner->told = true;
	tell(runner, FRAME_EXITED, report_exited(runner->has_record ? &runner->record : NULL, lost, runner->cause,
						 runner->ended_at - runner->started_at));
}

/* The last word, and the runner is free for another command. */
static void finish(struct runner *runner)
{
	if (runner->told) {
		tell(runner, FRAME_USAGE, report_usage(&runner->usage, clock_nanos() - runner->started_at, 0, NULL));
	} else {
		/* Also to one who has wanted its end: only so he knows that nothing of it has run. */
		command_never_ran(runner, "", ECANCELED, "the command was ended before it could execute the program");
		hint_add(&runner->failure, NULL);
		tell(runner, FRAME_ERROR, report_error(&runner->failure));
	}
	wire_flush();
	fd_close(&runner->connection);
	fd_close(&runner->job_pidfd);
	wire_drop_fds(&runner->reader);
	cputime_release(&runner->cpu);
	plan_release(&runner->command.plan);
	runner->busy = false;
	runner->deadline = runner->cpu_look_at = runner->word_at = 0;
}

static void carry_out(struct runner *runner, enum supervise_command command)
{
	switch (command) {
	case COMMAND_NONE:
	case COMMAND_EXECUTE:
		break;
	case COMMAND_START:
		start(runner);
		break;
	case COMMAND_TERMINATE:
		terminate(runner);
		break;
	case COMMAND_KILL_MAIN:
		kill_main(runner);
		break;
	case COMMAND_FAIL:
	case COMMAND_KILL_ALL:
		kill_all(runner);
		break;
	case COMMAND_TELL_END:
		tell_end(runner, NULL);
		kill_all(runner);
		break;
	case COMMAND_TELL_LOST:
		tell_end(runner, runner->cause == NULL ? "init" : NULL);
		break;
	}
}

void command_happen(struct runner *runner, enum supervise_event event)
{
	struct supervise_step step;

	if (!runner->busy)
		return;
	/* It is being ended already, and has run all the same. */
	if (event == EVENT_EXECUTED && runner->state == STATE_KILLING && runner->started_at == 0)
		tell_start(runner);
	step = supervise_decide(runner->state, event);
	runner->state = step.next;
	carry_out(runner, step.command);
	if (runner->busy && runner->state == STATE_GONE)
		finish(runner);
}
