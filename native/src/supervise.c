/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hears the caller, init and the job, lets supervise_table.c decide and supervise_act.c act. One poll loop: no threads and
 * no signal handlers.
 */
#include "supervise.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "cgroup.h"
#include "collect.h"
#include "commands.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "pages.h"
#include "reap.h"
#include "report.h"
#include "supervision.h"
#include "sync.h"
#include "wire.h"

/* How long a caller waits for one event because another is expected: an exec that hangs, an init that has many to kill. */
#define HELD_MILLIS 2

static bool has_executed(const struct launch *launch)
{
	struct proc_stat stat;

	/* Unreaped, since init waits for SYNC_RUN: readable even when it is dead already. */
	if (proc_read_stat(launch->job_dir, &stat, error_scratch()) == 0)
		return (stat.flags & PROC_PF_FORKNOEXEC) == 0;
	/*
	 * Hidden from us, or gone since init died and it with it: READY and the closed socket must do, rather than kill what may well
	 * run, or deny what may have run for a moment. Such a job is lost.
	 */
	return true;
}

static void hear_job(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	struct sync_message message;
	int received = sync_receive(launch->job_sync, &message, NULL, error_scratch());

	if (received > 0 && message.type == SYNC_READY) {
		supervision->ready = true;
		return;
	}
	fd_close(&launch->job_sync);
	if (received > 0 && message.type == SYNC_ERROR && supervision->failure.message[0] == '\0') {
		supervision->failure = *message.error;
	} else if (received == 0 && supervision->ready && has_executed(launch)) {
		supervise_happen(supervision, EVENT_EXECUTED);
		return;
	} else {
		supervise_never_ran(supervision, "", ECHILD, "the job's process ended before it could execute the program");
	}
	supervise_happen(supervision, EVENT_EXEC_FAILED);
}

static void hear_init(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	struct sync_message message;
	int received = sync_receive(launch->init_sync, &message, NULL, error_scratch());

	if (received > 0 && message.type == SYNC_EXITED) {
		supervision->record = message.exited;
		supervision->has_record = true;
		supervise_happen(supervision, EVENT_MAIN_ENDED);
	} else if (received <= 0) {
		fd_close(&launch->init_sync); /* its pidfd tells the rest */
	}
}

/* TERM first, if there is grace. A program that is just being executed gets it too, once there is one to take it. */
static void end_politely(struct supervision *supervision)
{
	uint64_t until = clock_nanos() + (uint64_t)supervision->grace_millis * 1000000u;

	if (supervision->grace_millis == 0)
		supervise_happen(supervision, EVENT_CANCEL_NOW);
	else if (supervision->state == STATE_EXECUTING)
		supervision->pending_end = true;
	else if (supervision->state == STATE_TERMINATING && until < supervision->deadline)
		supervision->deadline = until; /* a second request may shorten the grace, never lengthen it */
	else
		supervise_happen(supervision, EVENT_CANCEL);
}

static void remember_signal(struct supervision *supervision, const struct control *control)
{
	uint64_t bit = UINT64_C(1) << (control->signal - 1);

	supervision->pending_signals |= bit;
	if (control->to_group)
		supervision->pending_to_group |= bit;
}

/* Where no commands are wanted their connections end without a word. */
static void begin_command(struct supervision *supervision)
{
	int fds[WIRE_FDS];

	if (supervision->commands != NULL && wire_take_fds(&supervision->reader, fds))
		commands_begin(supervision->commands, fds);
	wire_drop_fds(&supervision->reader);
}

static void obey(struct supervision *supervision, const struct control *control)
{
	switch ((int)control->type) {
	case FRAME_RELEASE:
		supervise_happen(supervision, EVENT_RELEASE);
		break;
	case FRAME_SIGNAL:
		if (supervision->state == STATE_HELD || supervision->state == STATE_EXECUTING)
			remember_signal(supervision, control);
		else if (supervision->state == STATE_RUNNING || supervision->state == STATE_TERMINATING)
			supervise_signal(supervision, control->signal, control->to_group);
		break;
	case FRAME_CANCEL:
		supervise_blame(supervision, "cancel");
		if (control->grace_millis >= 0)
			supervision->grace_millis = control->grace_millis;
		end_politely(supervision);
		break;
	case FRAME_RESIZE:
		(void)ioctl(supervision->launch->terminal, TIOCSWINSZ,
			    &(struct winsize){.ws_row = control->rows, .ws_col = control->columns});
		break;
	case FRAME_COMMAND:
		begin_command(supervision);
		break;
	default:
		break;
	}
}

static void hear_caller(struct supervision *supervision)
{
	enum wire_event event = wire_fill(supervision->launch->connection, &supervision->reader);
	struct control control;

	while (event == WIRE_CONTROL) {
		event = wire_next(&supervision->reader, &control, error_scratch());
		if (event == WIRE_CONTROL)
			obey(supervision, &control);
	}
	if (event != WIRE_END && event != WIRE_BROKEN)
		return;
	/* Garbage is treated as the end: whoever speaks it is not the caller that we can trust to supervise. */
	supervision->connection_over = true;
	relay_leave(supervision->relay);
	supervise_blame(supervision, "connection");
	supervise_happen(supervision, EVENT_PEER_GONE);
}

static void time_is_up(struct supervision *supervision)
{
	supervision->deadline = 0;
	if (supervision->state == STATE_RUNNING)
		supervise_blame(supervision, "wall");
	if (supervision->state == STATE_EXECUTING)
		supervise_never_ran(supervision, "execve", ETIMEDOUT, "the program was not executed within the set-up time");
	supervise_happen(supervision, EVENT_TIMER);
}

static void hear_signal(struct supervision *supervision)
{
	struct signalfd_siginfo info;

	while (read(supervision->signals, &info, sizeof(info)) > 0) {
		if (info.ssi_signo != SIGTERM) {
			relay_refresh(supervision->relay);
			continue;
		}
		supervise_blame(supervision, "terminated");
		end_politely(supervision);
	}
}

static void relay_terminal(struct supervision *supervision, const struct pollfd events[RELAY_EVENTS])
{
	enum relay_news news = relay_turn(supervision->relay, events);

	if (news == RELAY_NOTHING)
		return;
	supervise_blame(supervision, news == RELAY_ESCAPED ? "cancel" : "hangup");
	end_politely(supervision);
}

/* A job that is being ended already is not looked at again. */
static bool watches_cpu(const struct supervision *supervision)
{
	return supervision->state == STATE_RUNNING && supervision->cpu_look_at != 0;
}

static int poll_timeout(const struct supervision *supervision)
{
	uint64_t commands = commands_next(supervision->commands);
	uint64_t next = supervision->deadline;
	uint64_t now = clock_nanos();
	uint64_t millis;

	if (commands != 0 && (next == 0 || commands < next))
		next = commands;
	if (watches_cpu(supervision) && (next == 0 || supervision->cpu_look_at < next))
		next = supervision->cpu_look_at;
	if (supervision->relay->look_at != 0 && (next == 0 || supervision->relay->look_at < next))
		next = supervision->relay->look_at;
	if (next == 0)
		return -1;
	if (next <= now)
		return 0;
	/* Rounded up: never a spin before the deadline. Longer than poll can wait: it looks again. */
	millis = (next - now + 999999u) / 1000000u;
	return millis < INT_MAX ? (int)millis : INT_MAX;
}

/* One wait and what it brought. The order matters: what the job and init said comes before the news of their death. */
static void wait_once(struct supervision *supervision)
{
	struct launch *launch = supervision->launch;
	/* Room for a sandbox's commands: pages that hardly a job needs. */
	static struct pollfd many[5 + RELAY_EVENTS + COMMANDS_EVENTS];
	struct pollfd few[5 + RELAY_EVENTS];
	struct pollfd *events = supervision->commands != NULL ? many : few;
	size_t count = 5 + RELAY_EVENTS;
	int ready;

	events[0] = (struct pollfd){.fd = launch->job_sync, .events = POLLIN};
	events[1] = (struct pollfd){.fd = launch->init_sync, .events = POLLIN};
	events[2] = (struct pollfd){.fd = supervision->connection_over ? -1 : launch->connection, .events = POLLIN | POLLRDHUP};
	events[3] = (struct pollfd){.fd = supervision->signals, .events = POLLIN};
	events[4] = (struct pollfd){.fd = launch->init_pidfd, .events = POLLIN};
	relay_poll(supervision->relay, events + 5);
	count += commands_poll(supervision->commands, events + count);
	ready = poll(events, count, wire_holds() ? HELD_MILLIS : poll_timeout(supervision));
	if (ready < 0)
		return; /* EINTR */
	if (ready == 0)
		wire_flush();
	commands_turn(supervision->commands, events + 5 + RELAY_EVENTS, count - 5 - RELAY_EVENTS);
	if (events[0].revents != 0)
		hear_job(supervision);
	if (events[1].revents != 0)
		hear_init(supervision);
	if (events[2].revents != 0)
		hear_caller(supervision);
	if (events[3].revents != 0)
		hear_signal(supervision);
	relay_terminal(supervision, events + 5);
	if (supervision->deadline != 0 && clock_nanos() >= supervision->deadline)
		time_is_up(supervision);
	if (watches_cpu(supervision) && clock_nanos() >= supervision->cpu_look_at)
		supervise_look_at_cpu(supervision);
	/* Only when nothing else is to be read: init's last record must not be lost behind its death. */
	if (events[4].revents != 0 && events[1].revents == 0 && events[0].revents == 0) {
		if (supervision->started_at == 0)
			supervise_never_ran(supervision, "", ECHILD, "init ended before the job ran");
		supervise_happen(supervision, EVENT_INIT_GONE);
	}
}

static int watch_signals(struct supervision *supervision, bool terminal, struct error *err)
{
	sigset_t watched;

	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGTERM);
	if (terminal) {
		(void)sigaddset(&watched, SIGWINCH);
		(void)sigaddset(&watched, SIGCONT);
	}
	(void)sigprocmask(SIG_BLOCK, &watched, NULL);
	supervision->signals = signalfd(supervision->signals, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return supervision->signals >= 0 ? 0 : error_set(err, "signalfd", errno, "", "cannot watch for signals");
}

/*
 * What dies with its pid namespace's init is reaped by the kernel, and wait4(2) never tells of it. The supervisor has seen it,
 * though without knowing which part was the system's.
 */
static void add_what_was_seen(struct rusage *usage, uint64_t seen_nanos)
{
	struct timeval missing, all;
	struct timeval seen = {.tv_sec = (time_t)(seen_nanos / 1000000000u),
			       .tv_usec = (suseconds_t)(seen_nanos / 1000u % 1000000u)};

	timeradd(&usage->ru_utime, &usage->ru_stime, &all);
	if (!timercmp(&seen, &all, >))
		return;
	timersub(&seen, &all, &missing);
	timeradd(&usage->ru_utime, &missing, &usage->ru_utime);
}

/* Those that came while the rest was dying are told that they come too late: what ends without a word may have run. */
static void hear_the_last(struct supervision *supervision)
{
	struct pollfd events = {.fd = supervision->launch->connection, .events = POLLIN};

	commands_blame(supervision->commands, NULL);
	while (supervision->commands != NULL && !supervision->connection_over && poll(&events, 1, 0) > 0)
		hear_caller(supervision);
}

int supervise(struct launch *launch, struct error *err)
{
	static struct relay relay; /* pages that nobody touches without a terminal */
	static _written_in_front_(2) struct supervision supervision;
	struct rusage usage = {0};
	struct emitter figures;
	int survivors;

	supervision.launch = launch;
	supervision.relay = &relay;
	supervision.state = STATE_HELD;
	supervision.signals = -1;
	supervision.grace_millis = launch->plan.grace_millis;
	if (watch_signals(&supervision, launch->plan.process.terminal, err) < 0)
		return -1;
	if (launch->plan.hold && stage_enter(STAGE_HOLD, err) < 0) {
		fd_close(&supervision.signals);
		return -1;
	}
	if (!launch->plan.hold)
		supervise_happen(&supervision, EVENT_RELEASE);
	while (supervision.state != STATE_GONE)
		wait_once(&supervision);
	hear_the_last(&supervision);
	commands_close(supervision.commands);
	wire_drop_fds(&supervision.reader);
	cputime_release(&supervision.cpu);
	survivors = reap_all(launch->proc_dir, &usage);
	if (launch->cgroups.made > 0)
		(void)cgroup_cpu_nanos(launch, &supervision.cpu_used);
	add_what_was_seen(&usage, supervision.cpu_used);
	relay_finish(&relay);
	/* What the collector hears on it is the end. */
	if (launch->plan.process.terminal)
		(void)watch_signals(&supervision, false, err);
	/* Nobody is left to write to what is read, and the ids are still the job's. */
	if (supervision.started_at != 0 && !supervision.connection_over)
		collect_run(launch, supervision.signals);
	collect_close(launch);
	fd_close(&supervision.signals);
	figures = cgroup_figures(launch);
	if (launch->cgroups.made > 0)
		wire_flush();
	cgroup_remove(launch);
	/* Ids that somebody still has are not given to the next job: the file stays for gc, which looks at the lock. */
	if (survivors == 0)
		idblock_release(&launch->lock);
	if (!supervision.told) {
		emit_release(&figures);
		*err = supervision.failure;
		return -1;
	}
	supervise_tell(&supervision, FRAME_USAGE,
		       report_usage(&usage, supervise_wall_nanos(&supervision, clock_nanos()), survivors, &figures));
	emit_release(&figures);
	wire_flush();
	return 0;
}
