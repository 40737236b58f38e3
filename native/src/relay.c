/* SPDX-License-Identifier: Apache-2.0 */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "caller_tty.h"
#include "fd.h"
#include "launch.h"
#include "stage.h"

#define SECOND 1000000000u
#define ESCAPE 0x1d /* ^], as in machinectl(1) */
#define ESCAPES 3
/* How often the input is looked at that ended, or is not ours: at once, then less and less. */
#define PAUSE_FIRST 20u
#define PAUSE_LAST 640u

enum { EVENT_INPUT, EVENT_MASTER, EVENT_OUTPUT };

static bool is_empty(const struct relay_buffer *buffer)
{
	return buffer->start == buffer->end;
}

static void look_again(struct relay *relay, unsigned int millis)
{
	relay->pause_millis = millis < PAUSE_LAST ? millis : PAUSE_LAST;
	relay->look_at = clock_nanos() + (uint64_t)relay->pause_millis * 1000000u;
}

/*
 * O_NONBLOCK on descriptor 1 itself would be everybody's who shares it, the caller's shell among them, and stay when we are
 * killed. A terminal or a pipe is opened anew. Where that is refused (another user's, as after su) it is written to as little at
 * a time as poll(2) promises room for: one byte, or PIPE_BUF, unless somebody else fills the pipe meanwhile. Files are always
 * ready.
 */
static void choose_output(struct relay *relay)
{
	struct stat status = {0};
	bool is_pipe;

	relay->output = STDOUT_FILENO;
	relay->at_once = RELAY_BYTES;
	(void)fstat(STDOUT_FILENO, &status);
	relay->output_is_socket = S_ISSOCK(status.st_mode);
	is_pipe = S_ISFIFO(status.st_mode);
	if (!is_pipe && !isatty(STDOUT_FILENO))
		return;
	relay->output = openat(relay->launch->proc_dir, "self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (relay->output < 0) {
		relay->output = STDOUT_FILENO;
		relay->at_once = is_pipe ? PIPE_BUF : 1;
	}
}

void relay_start(struct relay *relay, struct launch *launch)
{
	if (launch->terminal < 0)
		return;
	relay->launch = launch;
	relay->input = STDIN_FILENO;
	choose_output(relay);
	relay_refresh(relay);
}

void relay_refresh(struct relay *relay)
{
	struct winsize size;

	if (relay->launch == NULL)
		return;
	caller_tty_make_raw(&relay->launch->caller);
	/* The kernel tells the job when it differs. */
	if (relay->launch->plan.process.rows == 0 && caller_tty_size(&size))
		(void)ioctl(relay->launch->terminal, TIOCSWINSZ, &size);
}

void relay_poll(const struct relay *relay, struct pollfd events[RELAY_EVENTS])
{
	bool room = is_empty(&relay->to_job) && relay->look_at == 0;

	for (int i = 0; i < RELAY_EVENTS; i++)
		events[i] = (struct pollfd){.fd = -1};
	if (relay->launch == NULL)
		return;
	/* The hangup of a terminal is heard at any time; that of a pipe is its end, and in order. */
	if (room || relay->launch->caller.present)
		events[EVENT_INPUT] = (struct pollfd){.fd = relay->input, .events = room ? POLLIN : 0};
	if (is_empty(&relay->to_caller))
		events[EVENT_MASTER].events |= POLLIN;
	else
		events[EVENT_OUTPUT] = (struct pollfd){.fd = relay->output, .events = POLLOUT};
	if (!is_empty(&relay->to_job))
		events[EVENT_MASTER].events |= POLLOUT;
	if (events[EVENT_MASTER].events != 0)
		events[EVENT_MASTER].fd = relay->launch->terminal;
}

/* The way out of a job that takes every key for itself. */
static enum relay_news count_escapes(struct relay *relay)
{
	if (!relay->launch->caller.present)
		return RELAY_NOTHING;
	for (size_t i = relay->to_job.start; i < relay->to_job.end; i++) {
		uint64_t now = clock_nanos();

		if (relay->to_job.bytes[i] != ESCAPE) {
			relay->escapes = 0;
		} else if (relay->escapes == 0 || now - relay->escaped_at > SECOND) {
			relay->escapes = 1;
			relay->escaped_at = now;
		} else if (++relay->escapes == ESCAPES) {
			relay->escapes = 0;
			return RELAY_ESCAPED;
		}
	}
	return RELAY_NOTHING;
}

static enum relay_news end_input(struct relay *relay)
{
	relay->input = -1;
	if (relay->launch->caller.present)
		return RELAY_HUNG_UP;
	relay->input_ended = true;
	look_again(relay, 0);
	return RELAY_NOTHING;
}

static enum relay_news take_input(struct relay *relay)
{
	ssize_t got;

	if (relay->launch->caller.present && caller_tty_in_background()) {
		look_again(relay, PAUSE_LAST);
		return RELAY_NOTHING;
	}
	got = read(relay->input, relay->to_job.bytes, sizeof(relay->to_job.bytes));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return RELAY_NOTHING;
	if (got <= 0)
		return end_input(relay);
	relay->to_job.start = 0;
	relay->to_job.end = (size_t)got;
	return count_escapes(relay);
}

/*
 * The end of a pipe is every read's end from then on, that of a terminal only one's: VEOF. So it is typed whenever the job has
 * read all there was. (Typed once it would be lost: what a line editor finds typed ahead is no end any more but a NUL.)
 */
static void type_end(struct relay *relay)
{
	struct pollfd unread = {.fd = relay->launch->terminal_peer, .events = POLLIN};
	struct termios modes;

	if (is_empty(&relay->to_job) && poll(&unread, 1, 0) == 0 && tcgetattr(unread.fd, &modes) == 0 &&
	    modes.c_cc[VEOF] != _POSIX_VDISABLE)
		(void)!write(relay->launch->terminal, &modes.c_cc[VEOF], 1);
	look_again(relay, relay->pause_millis == 0 ? PAUSE_FIRST : 2 * relay->pause_millis);
}

static void look_at_input(struct relay *relay)
{
	if (relay->input_ended) {
		type_end(relay);
		return;
	}
	/* Perhaps the terminal is ours by now. */
	relay->look_at = 0;
	relay_refresh(relay);
}

static void feed_job(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_job;
	ssize_t sent = write(relay->launch->terminal, buffer->bytes + buffer->start, buffer->end - buffer->start);

	if (sent > 0)
		buffer->start += (size_t)sent;
	else if (sent < 0 && errno != EAGAIN && errno != EINTR)
		buffer->start = buffer->end; /* nobody will ever read it */
}

/* True when something came. */
static bool hear_job(struct relay *relay)
{
	ssize_t got = read(relay->launch->terminal, relay->to_caller.bytes, sizeof(relay->to_caller.bytes));

	/* vhangup(2) by a privileged job: it would be heard for ever. */
	if (got < 0 && errno == EIO)
		fd_close(&relay->launch->terminal);
	relay->to_caller.start = 0;
	/* Without anybody to read it the job still must not wait for us: it is being ended. */
	relay->to_caller.end = got > 0 && relay->output >= 0 ? (size_t)got : 0;
	return got > 0;
}

static enum relay_news feed_caller(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_caller;
	const char *bytes = buffer->bytes + buffer->start;
	size_t size = buffer->end - buffer->start;
	ssize_t sent;

	if (size > relay->at_once)
		size = relay->at_once;
	sent = relay->output_is_socket ? send(relay->output, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL)
				       : write(relay->output, bytes, size);
	if (sent >= 0) {
		buffer->start += (size_t)sent;
		return RELAY_NOTHING;
	}
	if (errno == EAGAIN || errno == EINTR)
		return RELAY_NOTHING;
	relay->output = -1;
	buffer->start = buffer->end;
	return RELAY_HUNG_UP;
}

enum relay_news relay_turn(struct relay *relay, const struct pollfd events[RELAY_EVENTS])
{
	enum relay_news news = RELAY_NOTHING;

	if (relay->launch == NULL)
		return news;
	if (relay->look_at != 0 && clock_nanos() >= relay->look_at)
		look_at_input(relay);
	if (relay->launch->caller.present && (events[EVENT_INPUT].revents & (POLLHUP | POLLERR)) != 0)
		news = end_input(relay);
	else if (events[EVENT_INPUT].revents != 0 && relay->input >= 0)
		news = take_input(relay);
	if ((events[EVENT_MASTER].revents & POLLOUT) != 0)
		feed_job(relay);
	if ((events[EVENT_MASTER].revents & (POLLIN | POLLHUP)) != 0 && is_empty(&relay->to_caller))
		(void)hear_job(relay);
	if (events[EVENT_OUTPUT].revents != 0 && feed_caller(relay) != RELAY_NOTHING)
		news = RELAY_HUNG_UP;
	return news;
}

void relay_leave(struct relay *relay)
{
	if (relay->launch == NULL)
		return;
	relay->input = relay->output = -1;
	relay->look_at = 0;
	relay->to_caller.start = relay->to_caller.end;
	caller_tty_restore(&relay->launch->caller);
	/* It is somebody else's by now: a change of its size must not make it raw again while the job dies. */
	relay->launch->caller.present = false;
}

void relay_finish(struct relay *relay)
{
	uint64_t now = clock_nanos();
	uint64_t until = now + SECOND;

	if (relay->launch == NULL)
		return;
	fd_close(&relay->launch->terminal_peer);
	/* One look at the clock a turn: a second one could be past the end, and what is left of the time for ever. */
	for (; relay->output >= 0 && now < until; now = clock_nanos()) {
		struct pollfd output = {.fd = relay->output, .events = POLLOUT};

		/* read(2) finds all that was written before it says that there is no more. */
		if (is_empty(&relay->to_caller) && !hear_job(relay))
			break;
		if (poll(&output, 1, (int)((until - now) / 1000000u) + 1) > 0)
			(void)feed_caller(relay);
	}
	relay_leave(relay);
	fd_close(&relay->launch->terminal);
	relay->launch = NULL;
}
