/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "fault.h"
#include "fd.h"
#include "hint.h"
#include "launch.h"
#include "report.h"
#include "sys.h"

/* So many runners wait for work; more end when theirs is done. */
#define IDLE_RUNNERS 4u

struct commands {
	struct launch *launch;
	int starter_pidfd; /* the first that the starter's socket brings */
	struct runner *runners[LIMIT_COMMANDS];
	size_t count;
	bool ending; /* the sandbox, and with it all of them */
};

/* ---- runners */

static void forget(struct runner *runner)
{
	fd_close(&runner->sync);
	fd_close(&runner->whisper);
	fd_close(&runner->pidfd);
	free(runner);
}

/* The first that a runner finds in its socket is the other end of the one for whispers. */
static int open_sockets(struct runner *runner, int *ret_peer, struct error *err)
{
	_cleanup_close_ int peer = -1;
	_cleanup_close_ int whisper_peer = -1;
	int ends[2];

	if (sync_open(ends, err) < 0)
		return -1;
	runner->sync = ends[0];
	peer = ends[1];
	if (sync_open(ends, err) < 0)
		return -1;
	runner->whisper = ends[0];
	whisper_peer = ends[1];
	if (setsockopt(runner->whisper, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)) < 0)
		return error_set(err, "setsockopt", errno, "", "cannot have the kernel tell the pids of commands");
	if (sync_send(runner->sync, SYNC_FORKED, whisper_peer, err) < 0)
		return -1;
	*ret_peer = fd_take(&peer);
	return 0;
}

/* A runner that is not born yet can be given work already: it finds it in its socket. */
static struct runner *make_runner(struct commands *commands, struct error *err)
{
	struct runner *runner = calloc(1, sizeof(*runner));
	_cleanup_close_ int peer = -1;

	if (runner == NULL) {
		(void)error_set(err, "calloc", ENOMEM, "", "out of memory");
		return NULL;
	}
	*runner = (struct runner){
		.launch = commands->launch, .sync = -1, .whisper = -1, .pidfd = -1, .awaited = true, .connection = -1, .job_pidfd = -1};
	if (commands->launch->starter_sync < 0)
		(void)error_set(err, "", EPIPE, COMMAND_STARTER, "the sandbox's process that starts commands has ended");
	else if (commands->count >= LIMIT_COMMANDS)
		(void)error_set(err, "", EAGAIN, "", "%u commands run in the sandbox already", LIMIT_COMMANDS);
	else if (open_sockets(runner, &peer, err) == 0) {
		if (sync_send(commands->launch->starter_sync, SYNC_FORK, peer, err) == 0) {
			commands->runners[commands->count++] = runner;
			return runner;
		}
		(void)error_set(err, "sendmsg", EPIPE, COMMAND_STARTER, "the sandbox's process that starts commands has ended");
	}
	forget(runner);
	return NULL;
}

static struct runner *idle_runner(struct commands *commands, struct error *err)
{
	for (size_t i = 0; i < commands->count; i++) {
		if (!commands->runners[i]->busy && !commands->runners[i]->gone)
			return commands->runners[i];
	}
	return make_runner(commands, err);
}

/* It answers in the order in which it was asked. */
static void hear_starter(struct commands *commands)
{
	struct launch *launch = commands->launch;
	struct runner *first = NULL;
	struct sync_message message;
	_cleanup_close_ int pidfd = -1;
	struct error err = {.stage = STAGE_FORK};
	int received = sync_receive(launch->starter_sync, &message, &pidfd, &err);

	for (size_t i = commands->count; i-- > 0;) {
		if (commands->runners[i]->awaited)
			first = commands->runners[i];
	}
	if (received <= 0) {
		fd_close(&launch->starter_sync);
		return; /* those that wait see the end of their sockets */
	}
	if (commands->starter_pidfd < 0 && message.type == SYNC_FORKED) {
		commands->starter_pidfd = fd_take(&pidfd);
		return;
	}
	if (first == NULL)
		return;
	first->awaited = false;
	if (message.type == SYNC_ERROR)
		first->failure = *message.error;
	if (message.type != SYNC_FORKED || pidfd < 0)
		return;
	first->pid = proc_pid_of(pidfd, &err);
	if (first->pid > 0)
		first->pidfd = fd_take(&pidfd);
}

/* ---- one command's beginning */

static int begin(struct commands *commands, int connection, const int streams[3], struct error *err)
{
	static struct command_message message; /* larger than it should be on a stack */
	struct runner *runner;

	if (commands->ending)
		return error_set(err, "", ESHUTDOWN, "", "the sandbox is being ended");
	if (command_read(commands->launch, connection, streams, &message, err) < 0)
		return -1;
	runner = stage_enter(STAGE_FORK, err) == 0 ? idle_runner(commands, err) : NULL;
	/* One that was killed while it waited has not got it: the next does. */
	while (runner != NULL && command_hand_over(runner, connection, streams, &message, err) < 0) {
		bool dead = err->errnum == EPIPE || err->errnum == ECONNRESET;

		if (dead)
			command_runner_is_gone(runner);
		runner = dead ? idle_runner(commands, err) : NULL;
	}
	if (runner == NULL) {
		plan_release(&message.command.plan);
		return -1;
	}
	command_hear_rest(runner);
	return 0;
}

void commands_begin(struct commands *commands, const int fds[WIRE_FDS])
{
	static struct error err;
	int connection = fds[0];
	int streams[3];
	bool begun;

	fault_command(true);
	err = (struct error){.stage = STAGE_PLAN};
	begun = begin(commands, connection, fds + 1, &err) == 0;
	fault_command(false);
	(void)stage_enter(STAGE_SUPERVISE, error_scratch());
	/* The command alone holds its streams from now on. */
	memcpy(streams, fds + 1, sizeof(streams));
	fd_close_many(streams, 3);
	if (begun)
		return;
	hint_add(&err, NULL);
	(void)wire_send(connection, FRAME_ERROR, report_error(&err), &(struct error){0});
	fd_close(&connection);
}

void commands_blame(struct commands *commands, const char *cause)
{
	if (commands == NULL || commands->ending)
		return;
	commands->ending = true;
	for (size_t i = 0; i < commands->count; i++) {
		if (commands->runners[i]->busy)
			command_blame(commands->runners[i], cause);
	}
}

/* ---- time */

/*
 * Who has its ids can stop a runner, or the starter, and so hold back what it has to tell. Then it is continued; one that has still
 * not told of a process that is dead is killed, and the command is lost.
 */
static void break_silence(const struct commands *commands, struct runner *runner)
{
	if (runner->awaited && commands->starter_pidfd >= 0)
		(void)sys_pidfd_send_signal(commands->starter_pidfd, SIGCONT, 0);
	if (runner->pidfd >= 0)
		(void)sys_pidfd_send_signal(runner->pidfd, runner->main_dead && runner->silences > 0 ? SIGKILL : SIGCONT, 0);
	runner->silences++;
	command_await_word(runner);
}

static void look_at_clock(const struct commands *commands, struct runner *runner)
{
	uint64_t now = clock_nanos();

	if (runner->busy && runner->word_at != 0 && now >= runner->word_at)
		break_silence(commands, runner);
	if (runner->busy && runner->deadline != 0 && now >= runner->deadline) {
		runner->deadline = 0;
		if (runner->state == STATE_RUNNING)
			command_blame(runner, "wall");
		if (runner->state == STATE_EXECUTING)
			command_never_ran(runner, "execve", ETIMEDOUT, "the program was not executed within the set-up time");
		command_happen(runner, EVENT_TIMER);
	}
	if (runner->busy && runner->state == STATE_RUNNING && runner->cpu_look_at != 0 && now >= runner->cpu_look_at)
		command_look_at_cpu(runner);
}

/* ---- the loop's part */

struct commands *commands_open(struct launch *launch)
{
	struct commands *commands = launch->starter_sync >= 0 ? calloc(1, sizeof(*commands)) : NULL;
	struct error ignored;

	if (commands == NULL)
		return NULL;
	*commands = (struct commands){.launch = launch, .starter_pidfd = -1};
	/* Ahead of the first command. */
	(void)make_runner(commands, &ignored);
	return commands;
}

size_t commands_poll(const struct commands *commands, struct pollfd events[COMMANDS_EVENTS])
{
	size_t count = 0;

	if (commands == NULL)
		return 0;
	events[count++] = (struct pollfd){.fd = commands->launch->starter_sync, .events = POLLIN};
	for (size_t i = 0; i < commands->count; i++) {
		const struct runner *runner = commands->runners[i];

		events[count++] = (struct pollfd){.fd = runner->sync, .events = POLLIN};
		events[count++] =
			(struct pollfd){.fd = runner->connection_over ? -1 : runner->connection, .events = POLLIN | POLLRDHUP};
		events[count++] = (struct pollfd){.fd = runner->main_dead ? -1 : runner->job_pidfd, .events = POLLIN};
	}
	return count;
}

uint64_t commands_next(const struct commands *commands)
{
	uint64_t next = 0;

	for (size_t i = 0; commands != NULL && i < commands->count; i++) {
		const struct runner *runner = commands->runners[i];

		if (runner->deadline != 0 && (next == 0 || runner->deadline < next))
			next = runner->deadline;
		if (runner->word_at != 0 && (next == 0 || runner->word_at < next))
			next = runner->word_at;
		if (runner->state == STATE_RUNNING && runner->cpu_look_at != 0 && (next == 0 || runner->cpu_look_at < next))
			next = runner->cpu_look_at;
	}
	return next;
}

static void drop_surplus(struct commands *commands)
{
	size_t kept = 0;
	size_t idle = 0;

	for (size_t i = 0; i < commands->count; i++) {
		struct runner *runner = commands->runners[i];

		idle += !runner->busy;
		/* One that the starter has not told of yet must stay in its row. */
		if (!runner->busy && (!runner->awaited || commands->launch->starter_sync < 0) && (runner->gone || idle > IDLE_RUNNERS))
			forget(runner);
		else
			commands->runners[kept++] = runner;
	}
	commands->count = kept;
}

void commands_turn(struct commands *commands, const struct pollfd events[COMMANDS_EVENTS], size_t count)
{
	if (commands == NULL)
		return;
	if (events[0].revents != 0)
		hear_starter(commands);
	for (size_t i = 0; 3 * i + 3 < count; i++) {
		const struct pollfd *own = events + 3 * i + 1;
		struct runner *runner = commands->runners[i];

		if (own[0].revents != 0 && runner->sync >= 0)
			(void)command_hear_runner(runner);
		if (own[1].revents != 0 && runner->busy && runner->connection == own[1].fd)
			command_hear_caller(runner);
		if (own[2].revents != 0 && runner->busy && runner->job_pidfd == own[2].fd && !runner->has_record) {
			runner->main_dead = true;
			command_await_word(runner);
		}
	}
	for (size_t i = 0; i < commands->count; i++)
		look_at_clock(commands, commands->runners[i]);
	drop_surplus(commands);
}

void commands_close(struct commands *commands)
{
	for (size_t i = 0; commands != NULL && i < commands->count; i++) {
		struct runner *runner = commands->runners[i];

		/* What it said before it died is still to be heard. */
		while (runner->busy && runner->sync >= 0 && command_hear_runner(runner))
			;
		if (!runner->gone)
			command_runner_is_gone(runner);
		forget(runner);
	}
	if (commands != NULL)
		fd_close(&commands->starter_pidfd);
	free(commands);
}
