/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out what supervise_table.c decides. One poll loop over the connection, init and the job: no threads, no
 * handlers, no bare pid; every process of the job is reached by its pidfd or through /proc with its start time.
 */
#include "supervise.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "launch.h"
#include "reap.h"
#include "report.h"
#include "supervise_table.h"
#include "sync.h"
#include "sys.h"
#include "tree.h"
#include "wire.h"

/* How long a killed main process' end may take to be told before init is killed without waiting for the record. */
#define RECORD_MILLIS 100

struct supervision {
	struct launch *launch;
	enum supervise_state state;
	int signals;               /* signalfd of SIGTERM */
	struct wire_reader reader;
	bool connection_over;
	uint64_t deadline;         /* 0 = none; what it means is the state's business */
	uint64_t executed_at, started_at, ended_at;
	uint64_t pending_signals;  /* asked for before the job ran: bit n-1 is signal n */
	uint64_t pending_to_group; /* which of them go to the job's group */
	bool pending_end;          /* asked to end, with grace, while exec was not proven yet */
	int64_t grace_millis;
	const char *cause;         /* first reason recorded for ending the job */
	bool ready;                /* the job said READY */
	struct error failure;      /* why it never ran */
	bool has_record, told;
	struct exit_record record;
	int sweeps, quiet_sweeps;
};

static void happen(struct supervision *supervision, enum supervise_event event);

static void arm(struct supervision *supervision, int64_t millis)
{
	supervision->deadline = clock_nanos() + (uint64_t)millis * 1000000u;
}

static void blame(struct supervision *supervision, const char *cause)
{
	if (supervision->cause == NULL)
		supervision->cause = cause;
}

/* The job's process is in STAGE_EXEC, we are not: it is where the failure belongs. */
static void never_ran(struct supervision *supervision, const char *syscall, int errnum, const char *message)
{
	if (supervision->failure.message[0] != '\0')
		return; /* the first reason is the true one: what we kill for it ends too */
	(void)error_set(&supervision->failure, syscall, errnum, supervision->launch->plan.process.argv[0], "%s", message);
	supervision->failure.stage = STAGE_EXEC;
}

/* A caller that is gone gets nothing, and that is found out by reading. */
static void tell(struct supervision *supervision, enum frame_type type, json_t *body)
{
	struct error ignored;

	(void)wire_send(supervision->launch->connection, type, body, &ignored);
}

static void signal_job(const struct supervision *supervision, int number, bool to_group)
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

	if (launch_has_pid_namespace(launch)) {
		(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
		arm(supervision, RECORD_MILLIS);
		return;
	}
	(void)sys_pidfd_send_signal(launch->job_pidfd, SIGKILL, 0);
	alive = tree_kill(launch->proc_dir, launch->init_pid);
	supervision->quiet_sweeps = alive == 0 ? supervision->quiet_sweeps + 1 : 0;
	supervision->sweeps++;
	/* Nobody left but init, which may still be waiting to be told that the job runs. What it did not reap comes to us. */
	if (supervision->quiet_sweeps >= 2 || supervision->sweeps >= REAP_SWEEPS || alive < 0)
		(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
	arm(supervision, REAP_SWEEP_MILLIS);
}

static void execute(struct supervision *supervision)
{
	struct error ignored;

	supervision->executed_at = clock_nanos();
	/* Refused = the job is gone: its end of file says so in a moment. */
	(void)sync_send(supervision->launch->job_sync, SYNC_EXEC, -1, &ignored);
	arm(supervision, supervision->launch->plan.setup_millis);
}

static void start(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	uint64_t nanos[STAGE_COUNT] = {0};
	struct error ignored;

	(void)stage_enter(STAGE_SUPERVISE, &ignored); /* so that a test can kill us right here */
	supervision->started_at = clock_nanos();
	nanos[STAGE_EXEC] = supervision->started_at - supervision->executed_at;
	tell(supervision, FRAME_STARTED, report_started(nanos));
	(void)sync_send(launch->init_sync, SYNC_RUN, -1, &ignored);
	supervision->deadline = 0;
	if (launch->plan.has_wall)
		arm(supervision, launch->plan.wall_millis);
	for (int number = 1; number <= 64; number++) {
		uint64_t bit = UINT64_C(1) << (number - 1);

		if ((supervision->pending_signals & bit) != 0)
			signal_job(supervision, number, (supervision->pending_to_group & bit) != 0);
	}
	if (supervision->pending_end)
		happen(supervision, EVENT_CANCEL);
}

static void kill_main(struct supervision *supervision)
{
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
	signal_job(supervision, SIGTERM, true);
	signal_job(supervision, SIGCONT, true); /* a stopped job cannot act on TERM */
	arm(supervision, supervision->grace_millis);
}

static uint64_t wall_nanos(const struct supervision *supervision, uint64_t until)
{
	return supervision->started_at == 0 ? 0 : until - supervision->started_at;
}

static void tell_end(struct supervision *supervision, const char *lost)
{
	supervision->ended_at = clock_nanos();
	supervision->told = true;
	tell(supervision, FRAME_EXITED,
	     report_exited(supervision->has_record ? &supervision->record : NULL, lost, supervision->cause,
			   wall_nanos(supervision, supervision->ended_at)));
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

static void happen(struct supervision *supervision, enum supervise_event event)
{
	struct supervise_step step = supervise_decide(supervision->state, event);

	supervision->state = step.next;
	carry_out(supervision, step.command);
}

static bool has_executed(const struct launch *launch)
{
	struct proc_stat stat;
	struct error unreadable;

	/* Unreaped, since init waits for SYNC_RUN: readable even when it is dead already. Gone = init died, and it with it. */
	if (proc_read_stat(launch->job_dir, &stat, &unreadable) == 0)
		return (stat.flags & PROC_PF_FORKNOEXEC) == 0;
	/* Out of descriptors or hidden from us: READY and the closed socket must do, rather than kill what may well run. */
	return unreadable.errnum != ESRCH && unreadable.errnum != ENOENT;
}

static void hear_job(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	struct sync_message message;
	struct error broken;
	int received = sync_receive(launch->job_sync, &message, NULL, &broken);

	if (received > 0 && message.type == SYNC_READY) {
		supervision->ready = true;
		return;
	}
	fd_close(&launch->job_sync);
	if (received > 0 && message.type == SYNC_ERROR && supervision->failure.message[0] == '\0') {
		supervision->failure = message.error;
	} else if (received == 0 && supervision->ready && has_executed(launch)) {
		happen(supervision, EVENT_EXECUTED);
		return;
	} else {
		never_ran(supervision, "", ECHILD, "the job's process ended before it could execute the program");
	}
	happen(supervision, EVENT_EXEC_FAILED);
}

static void hear_init(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	struct sync_message message;
	struct error ignored;
	int received = sync_receive(launch->init_sync, &message, NULL, &ignored);

	if (received > 0 && message.type == SYNC_EXITED) {
		supervision->record = message.exited;
		supervision->has_record = true;
		happen(supervision, EVENT_MAIN_ENDED);
	} else if (received <= 0) {
		fd_close(&launch->init_sync); /* its pidfd tells the rest */
	}
}

/* TERM first, if there is grace. A program that is just being executed gets it too, once there is one to take it. */
static void end_politely(struct supervision *supervision)
{
	uint64_t until = clock_nanos() + (uint64_t)supervision->grace_millis * 1000000u;

	if (supervision->grace_millis == 0)
		happen(supervision, EVENT_CANCEL_NOW);
	else if (supervision->state == STATE_EXECUTING)
		supervision->pending_end = true;
	else if (supervision->state == STATE_TERMINATING && until < supervision->deadline)
		supervision->deadline = until; /* a second request may shorten the grace, never lengthen it */
	else
		happen(supervision, EVENT_CANCEL);
}

static void remember_signal(struct supervision *supervision, const struct control *control)
{
	uint64_t bit = UINT64_C(1) << (control->signal - 1);

	supervision->pending_signals |= bit;
	if (control->to_group)
		supervision->pending_to_group |= bit;
}

static void obey(struct supervision *supervision, const struct control *control)
{
	switch ((int)control->type) {
	case FRAME_RELEASE:
		happen(supervision, EVENT_RELEASE);
		break;
	case FRAME_SIGNAL:
		if (supervision->state == STATE_HELD || supervision->state == STATE_EXECUTING)
			remember_signal(supervision, control);
		else if (supervision->state == STATE_RUNNING || supervision->state == STATE_TERMINATING)
			signal_job(supervision, control->signal, control->to_group);
		break;
	case FRAME_CANCEL:
		blame(supervision, "cancel");
		if (control->grace_millis >= 0)
			supervision->grace_millis = control->grace_millis;
		end_politely(supervision);
		break;
	default:
		break;
	}
}

static void hear_caller(struct supervision *supervision)
{
	enum wire_event event = wire_fill(supervision->launch->connection, &supervision->reader);
	struct control control;
	struct error ignored;

	while (event == WIRE_CONTROL) {
		event = wire_next(&supervision->reader, &control, &ignored);
		if (event == WIRE_CONTROL)
			obey(supervision, &control);
	}
	if (event != WIRE_END && event != WIRE_BROKEN)
		return;
	/* Garbage is treated as the end: whoever speaks it is not the caller that we can trust to supervise. */
	supervision->connection_over = true;
	blame(supervision, "connection");
	happen(supervision, EVENT_PEER_GONE);
}

static void time_is_up(struct supervision *supervision)
{
	supervision->deadline = 0;
	if (supervision->state == STATE_RUNNING)
		blame(supervision, "wall");
	if (supervision->state == STATE_EXECUTING)
		never_ran(supervision, "execve", ETIMEDOUT, "the program was not executed within the set-up time");
	happen(supervision, EVENT_TIMER);
}

static void hear_signal(struct supervision *supervision)
{
	struct signalfd_siginfo info;

	while (read(supervision->signals, &info, sizeof(info)) > 0) {
		blame(supervision, "terminated");
		end_politely(supervision);
	}
}

static int poll_timeout(const struct supervision *supervision)
{
	uint64_t now = clock_nanos();
	uint64_t millis;

	if (supervision->deadline == 0)
		return -1;
	if (supervision->deadline <= now)
		return 0;
	/* Rounded up: never a spin before the deadline. Longer than poll can wait: it looks again. */
	millis = (supervision->deadline - now + 999999u) / 1000000u;
	return millis < INT_MAX ? (int)millis : INT_MAX;
}

/* One wait and what it brought. The order matters: what the job and init said comes before the news of their death. */
static void wait_once(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	struct pollfd events[] = {
		{.fd = launch->job_sync, .events = POLLIN},
		{.fd = launch->init_sync, .events = POLLIN},
		{.fd = supervision->connection_over ? -1 : launch->connection, .events = POLLIN | POLLRDHUP},
		{.fd = supervision->signals, .events = POLLIN},
		{.fd = launch->init_pidfd, .events = POLLIN},
	};

	if (poll(events, sizeof(events) / sizeof(events[0]), poll_timeout(supervision)) < 0)
		return; /* EINTR */
	if (events[0].revents != 0)
		hear_job(supervision);
	if (events[1].revents != 0)
		hear_init(supervision);
	if (events[2].revents != 0)
		hear_caller(supervision);
	if (events[3].revents != 0)
		hear_signal(supervision);
	if (supervision->deadline != 0 && clock_nanos() >= supervision->deadline)
		time_is_up(supervision);
	/* Only when nothing else is to be read: init's last record must not be lost behind its death. */
	if (events[4].revents != 0 && events[1].revents == 0 && events[0].revents == 0) {
		if (supervision->started_at == 0)
			never_ran(supervision, "", ECHILD, "init ended before the job ran");
		happen(supervision, EVENT_INIT_GONE);
	}
}

static int watch_signals(struct supervision *supervision, struct error *err)
{
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	supervision->signals = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	return supervision->signals >= 0 ? 0 : error_set(err, "signalfd", errno, "", "cannot watch for signals");
}

int supervise(struct launch *launch, struct error *err)
{
	struct supervision supervision = {.launch = launch,
					  .state = STATE_HELD,
					  .signals = -1,
					  .grace_millis = launch->plan.grace_millis};
	struct rusage usage = {0};
	int survivors;

	if (watch_signals(&supervision, err) < 0)
		return -1;
	if (launch->plan.hold && stage_enter(STAGE_HOLD, err) < 0) {
		fd_close(&supervision.signals);
		return -1;
	}
	if (!launch->plan.hold)
		happen(&supervision, EVENT_RELEASE);
	while (supervision.state != STATE_GONE)
		wait_once(&supervision);
	survivors = reap_all(launch->proc_dir, &usage);
	fd_close(&supervision.signals);
	/* Ids that somebody still has are not given to the next job: the file stays for gc, which looks at the lock. */
	if (survivors == 0)
		idblock_release(&launch->lock);
	if (!supervision.told) {
		*err = supervision.failure;
		return -1;
	}
	tell(&supervision, FRAME_USAGE, report_usage(&usage, wall_nanos(&supervision, clock_nanos()), survivors));
	return 0;
}
