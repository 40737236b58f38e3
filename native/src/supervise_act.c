/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor does, once supervise_table.c has decided: executes, tells, signals and kills. Every process of the job
 * is reached by its pidfd or, without a pid namespace, through /proc with its start time.
 */
#include <signal.h>
#include <unistd.h>

#include "cgroup.h"
#include "commands.h"
#include "fd.h"
#include "launch.h"
#include "pins.h"
#include "reap.h"
#include "report.h"
#include "supervision.h"
#include "sys.h"
#include "tree.h"

/* How long a killed main process' end may take to be told before init is killed without waiting for the record. */
#define RECORD_MILLIS 100

static void arm(struct supervision *supervision, int64_t millis)
{
	supervision->deadline = clock_nanos() + (uint64_t)millis * 1000000u;
}

void supervise_blame(struct supervision *supervision, const char *cause)
{
	if (supervision->cause == NULL)
		supervision->cause = cause;
	commands_blame(supervision->commands, cause);
}

/* The job's process is in STAGE_EXEC, we are not: it is where the failure belongs. */
void supervise_never_ran(struct supervision *supervision, const char *syscall, int errnum, const char *message)
{
	if (supervision->failure.message[0] != '\0')
		return; /* the first reason is the true one: what we kill for it ends too */
	(void)error_set(&supervision->failure, syscall, errnum, supervision->launch->plan.process.argv[0], "%s", message);
	supervision->failure.stage = STAGE_EXEC;
}

/* A caller that is gone gets nothing, and that is found out by reading. */
void supervise_tell(struct supervision *supervision, enum frame_type type, struct emitter body)
{
	(void)wire_send(supervision->launch->connection, type, body, error_scratch());
}

void supervise_signal(const struct supervision *supervision, int number, bool to_group)
{
	const struct launch *launch = supervision->launch;

	/* Its group is its own only in a session of its own; else the group is the caller's. */
	if (to_group && launch->plan.process.new_session &&
	    sys_pidfd_send_signal(launch->job_pidfd, number, PIDFD_SIGNAL_PROCESS_GROUP) == 0)
		return;
	/* Also for kernels before 6.9, where kill(-pid) could hit a recycled id: the main process alone. */
	(void)sys_pidfd_send_signal(launch->job_pidfd, number, 0);
}

static void kill_all(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	int alive;

	cgroup_hurry(launch);
	if (launch_has_pid_namespace(launch)) {
		(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
		arm(supervision, RECORD_MILLIS);
		return;
	}
	(void)sys_pidfd_send_signal(launch->job_pidfd, SIGKILL, 0);
	cgroup_kill(launch);
	alive = tree_kill(launch->proc_dir, launch->init_pid);
	supervision->quiet_sweeps = alive == 0 ? supervision->quiet_sweeps + 1 : 0;
	supervision->sweeps++;
	/* Nobody left but init, which may still be waiting to be told that the job runs. What it did not reap comes to us. */
	if (supervision->quiet_sweeps >= 2 || supervision->sweeps >= REAP_SWEEPS || alive < 0)
		(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
	arm(supervision, REAP_SWEEP_MILLIS);
}

void supervise_look_at_cpu(struct supervision *supervision)
{
	const struct launch *launch = supervision->launch;
	uint64_t limit = (uint64_t)launch->plan.cpu_millis * 1000000u;
	uint64_t before = clock_nanos();
	uint64_t used = 0;
	uint64_t now;

	/* Unreadable (no descriptor left?): again soon. RLIMIT_CPU and the wall clock still hold. */
	if (cgroup_cpu_nanos(launch, &used) < 0 &&
	    cputime_look(&supervision->cpu, launch->proc_dir, launch->init_pid, &used) < 0)
		used = limit - 1;
	else
		supervision->cpu_used = used;
	now = clock_nanos();
	if (used < limit) {
		supervision->cpu_look_at = now + cputime_pause(limit - used, supervision->processors, now - before);
		return;
	}
	supervision->cpu_look_at = 0;
	supervise_blame(supervision, "cpu");
	supervise_happen(supervision, EVENT_CPU);
}

static void watch_cpu(struct supervision *supervision)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t millis = supervision->launch->plan.cpu_millis;

	supervision->processors = processors > 0 ? (unsigned int)processors : 1;
	supervision->cpu_look_at =
		supervision->started_at + cputime_pause((uint64_t)millis * 1000000u, supervision->processors, 0);
}

static void execute(struct supervision *supervision)
{
	relay_start(supervision->relay, supervision->launch);
	if (supervision->launch->executed_at == 0)
		launch_execute(supervision->launch);
	arm(supervision, supervision->launch->plan.setup_millis);
}

static void start(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	uint64_t nanos[STAGE_COUNT] = {0};

	(void)stage_enter(STAGE_SUPERVISE, error_scratch()); /* so that a test can kill us right here */
	supervision->started_at = clock_nanos();
	pins_commit(&launch->plan);
	nanos[STAGE_EXEC] = supervision->started_at - launch->executed_at;
	/* Init first: it may have a main process to reap already. */
	(void)sync_send(launch->init_sync, SYNC_RUN, -1, error_scratch());
	supervise_tell(supervision, FRAME_STARTED, report_started(nanos));
	wire_flush();
	supervision->commands = commands_open(launch);
	supervision->deadline = 0;
	if (launch->plan.has_wall)
		arm(supervision, launch->plan.wall_millis);
	if (launch->plan.has_cpu)
		watch_cpu(supervision);
	for (int number = 1; number <= 64; number++) {
		uint64_t bit = UINT64_C(1) << (number - 1);

		if ((supervision->pending_signals & bit) != 0)
			supervise_signal(supervision, number, (supervision->pending_to_group & bit) != 0);
	}
	if (supervision->pending_end)
		supervise_happen(supervision, EVENT_CANCEL);
}

static void kill_main(struct supervision *supervision)
{
	cgroup_hurry(supervision->launch);
	(void)sys_pidfd_send_signal(supervision->launch->job_pidfd, SIGKILL, 0);
	arm(supervision, RECORD_MILLIS);
}

static void terminate(struct supervision *supervision)
{
	if (supervision->grace_millis == 0) {
		supervision->state = STATE_KILLING;
		kill_main(supervision);
		return;
	}
	supervise_signal(supervision, SIGTERM, true);
	supervise_signal(supervision, SIGCONT, true); /* a stopped job cannot act on TERM */
	arm(supervision, supervision->grace_millis);
}

uint64_t supervise_wall_nanos(const struct supervision *supervision, uint64_t until)
{
	return supervision->started_at == 0 ? 0 : until - supervision->started_at;
}

static void tell_end(struct supervision *supervision, const char *lost)
{
	supervision->ended_at = clock_nanos();
	supervision->told = true;
	/* The figures follow in a moment, where the kernel kills what is left and nothing is to be read or relayed before. */
	if (launch_has_pid_namespace(supervision->launch) && supervision->launch->plan.collect.count == 0 &&
	    !supervision->launch->plan.process.terminal)
		wire_hold(supervision->launch->connection);
	supervise_tell(supervision, FRAME_EXITED,
	     report_exited(supervision->has_record ? &supervision->record : NULL, lost, supervision->cause,
			   supervise_wall_nanos(supervision, supervision->ended_at)));
}

static void carry_out(struct supervision *supervision, enum supervise_command command)
{
	switch (command) {
	case COMMAND_NONE:
		break;
	case COMMAND_EXECUTE:
		execute(supervision);
		break;
	case COMMAND_START:
		start(supervision);
		break;
	case COMMAND_TERMINATE:
		terminate(supervision);
		break;
	case COMMAND_KILL_MAIN:
		kill_main(supervision);
		break;
	case COMMAND_FAIL:
	case COMMAND_KILL_ALL:
		kill_all(supervision);
		break;
	case COMMAND_TELL_END:
		tell_end(supervision, NULL);
		cgroup_hurry(supervision->launch);
		/* As pid 1 init exits by itself now and takes the rest along; the deadline is for an init that cannot. */
		if (launch_has_pid_namespace(supervision->launch))
			arm(supervision, RECORD_MILLIS);
		else
			kill_all(supervision);
		break;
	case COMMAND_TELL_LOST:
		tell_end(supervision, supervision->cause == NULL ? "init" : NULL);
		break;
	}
}

void supervise_happen(struct supervision *supervision, enum supervise_event event)
{
	struct supervise_step step = supervise_decide(supervision->state, event);

	supervision->state = step.next;
	carry_out(supervision, step.command);
}
