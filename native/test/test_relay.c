/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "caller_tty.h"
#include "fd.h"
#include "launch.h"
#include "relay.h"
#include "stage.h"

/* The relay's own standard streams take the place of the test's while it works. */
struct stage_set {
	struct launch launch;
	struct relay relay;
	int slave;              /* the job's end of its terminal */
	int keys, screen;       /* our ends of the relay's input and output */
	int saved_in, saved_out;
};

static int open_pty(int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int unlock = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		tap_bail("no terminal: %s", strerror(errno));
	*ret_slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*ret_slave < 0)
		tap_bail("no terminal: %s", strerror(errno));
	return master;
}

static void set_up(struct stage_set *set, int in, int out)
{
	static struct relay none;

	launch_init(&set->launch, -1);
	set->relay = none;
	set->launch.proc_dir = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	set->launch.terminal = open_pty(&set->slave);
	set->launch.terminal_peer = ioctl(set->launch.terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	set->launch.plan.process.rows = 24;
	(void)fflush(stdout);
	set->saved_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	set->saved_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)close(in);
	(void)close(out);
	caller_tty_look(&set->launch.caller);
	relay_start(&set->relay, &set->launch);
}

static void set_up_pipes(struct stage_set *set)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		tap_bail("pipe: %s", strerror(errno));
	set->keys = in[1];
	set->screen = out[0];
	(void)fcntl(set->screen, F_SETFL, O_NONBLOCK);
	set_up(set, in[0], out[1]);
}

static void tear_down(struct stage_set *set)
{
	relay_finish(&set->relay);
	(void)dup2(set->saved_in, STDIN_FILENO);
	(void)dup2(set->saved_out, STDOUT_FILENO);
	fd_close(&set->saved_in);
	fd_close(&set->saved_out);
	fd_close(&set->slave);
	fd_close(&set->keys);
	fd_close(&set->screen);
	fd_close(&set->launch.proc_dir);
}

/* So long a busy machine may take to bring what was written to the other end of a terminal; mostly nothing of it is used. */
#define PATIENCE_MILLIS 20000

/* One turn, after a wait for whatever comes first. */
static enum relay_news turn_once(struct stage_set *set, int millis, bool *ret_quiet)
{
	struct pollfd events[RELAY_EVENTS];

	relay_poll(&set->relay, events);
	*ret_quiet = poll(events, RELAY_EVENTS, millis) <= 0;
	return relay_turn(&set->relay, events);
}

/* Turns until nothing has happened for a while; the last news that was not "nothing". */
static enum relay_news turn(struct stage_set *set)
{
	enum relay_news news = RELAY_NOTHING;

	for (int quiet = 0; quiet < 5;) {
		bool nothing;
		enum relay_news heard = turn_once(set, 20, &nothing);

		quiet = nothing ? quiet + 1 : 0;
		news = heard != RELAY_NOTHING ? heard : news;
	}
	return news;
}

/* Turns until there are news. */
static enum relay_news turn_for_news(struct stage_set *set)
{
	enum relay_news news = RELAY_NOTHING;
	uint64_t until = clock_nanos() + PATIENCE_MILLIS * UINT64_C(1000000);
	bool nothing;

	while (news == RELAY_NOTHING && clock_nanos() < until)
		news = turn_once(set, 20, &nothing);
	return news;
}

static bool becomes_ready(struct stage_set *set, int fd, short event)
{
	uint64_t until = clock_nanos() + PATIENCE_MILLIS * UINT64_C(1000000);
	struct pollfd ready = {.fd = fd, .events = event};
	bool nothing;

	while (poll(&ready, 1, 0) == 0 && clock_nanos() < until)
		(void)turn_once(set, 5, &nothing);
	return (ready.revents & event) != 0;
}

/* Turns until that can be read there, however many pieces it comes in; "" is an end. */
static bool reads(struct stage_set *set, int fd, const char *text)
{
	char bytes[256];
	size_t length = 0;

	do {
		ssize_t got;

		if (!becomes_ready(set, fd, POLLIN))
			return false;
		got = read(fd, bytes + length, sizeof(bytes) - length);
		if (got < 0 || (got == 0 && text[0] != '\0'))
			return false;
		length += (size_t)got;
	} while (length < strlen(text));
	return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool puts_text(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static void test_both_ways(void)
{
	static struct stage_set set;
	bool typed, shown, ended, again, last;

	set_up_pipes(&set);
	typed = puts_text(set.keys, "ls\n") && reads(&set, set.slave, "ls\n");
	shown = puts_text(set.slave, "a\nb") && reads(&set, set.screen, "ls\r\na\r\nb");
	(void)puts_text(set.keys, "half");
	fd_close(&set.keys);
	ended = reads(&set, set.slave, "half");
	again = reads(&set, set.slave, "") && reads(&set, set.slave, "") && reads(&set, set.slave, "");
	(void)puts_text(set.slave, "last");
	relay_finish(&set.relay);
	/* Behind the echo. */
	last = reads(&set, set.screen, "halflast");
	tear_down(&set);
	CHECK(typed, "what is typed arrives");
	CHECK(shown, "what is written is shown");
	CHECK(ended, "the end of the input hands on the line that has begun");
	CHECK(again, "and is an end each time the job reads");
	CHECK(last, "what was written last is shown when it is over");
}

static void test_bounded(void)
{
	static struct stage_set set;
	static const char line[512] = {'x'};
	size_t written = 0, before;
	enum relay_news news;

	set_up_pipes(&set);
	for (int i = 0; i < 2000; i++) {
		ssize_t some = write(set.slave, line, sizeof(line));

		if (some > 0)
			written += (size_t)some;
		else if (i % 50 == 0)
			(void)turn(&set);
	}
	before = written;
	(void)fcntl(set.keys, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 2000; i++) {
		if (write(set.keys, line, sizeof(line)) <= 0 && i % 50 == 0)
			(void)turn(&set);
	}
	fd_close(&set.screen);
	news = turn_for_news(&set);
	/* What is written is thrown away, as soon as there is a turn. */
	if (becomes_ready(&set, set.slave, POLLOUT) && write(set.slave, line, sizeof(line)) > 0)
		written += sizeof(line);
	tear_down(&set);
	CHECK(before > RELAY_BYTES && before < 400000, "nobody reads: the job could write %zu bytes and no more", before);
	CHECK_NUMBER(news, RELAY_HUNG_UP, "nobody ever will: a hangup");
	CHECK(written > before, "and the job does not wait any more");
}

static void test_caller(void)
{
	static struct stage_set set;
	char text[CALLER_TTY_TEXT];
	struct termios raw, modes, before;
	bool first, apart, third, restored, kept, rescued;
	int caller;

	set.screen = -1;
	set.keys = open_pty(&caller);
	(void)tcgetattr(caller, &before);
	set_up(&set, fcntl(caller, F_DUPFD_CLOEXEC, 10), open("/dev/null", O_WRONLY | O_CLOEXEC));
	(void)tcgetattr(caller, &raw);
	first = puts_text(set.keys, "\x1d\x1d") && turn(&set) == RELAY_NOTHING;
	(void)poll(NULL, 0, 1100);
	apart = puts_text(set.keys, "\x1d\x1dx\x1d") && turn(&set) == RELAY_NOTHING;
	third = puts_text(set.keys, "\x1d\x1d") && turn_for_news(&set) == RELAY_ESCAPED;
	relay_leave(&set.relay);
	(void)tcgetattr(caller, &modes);
	restored = modes.c_lflag == before.c_lflag && modes.c_iflag == before.c_iflag && modes.c_oflag == before.c_oflag;
	/* A line editor's. */
	modes = raw;
	modes.c_oflag |= OPOST;
	(void)tcsetattr(caller, TCSANOW, &modes);
	caller_tty_text(&set.launch.caller, text);
	kept = caller_tty_rescue(text) == 0 && tcgetattr(caller, &modes) == 0 && (modes.c_lflag & ICANON) == 0;
	(void)tcsetattr(caller, TCSANOW, &raw);
	rescued = caller_tty_rescue(text) == 0 && tcgetattr(caller, &modes) == 0 && modes.c_lflag == before.c_lflag;
	tear_down(&set);
	fd_close(&caller);
	CHECK((raw.c_lflag & (ICANON | ECHO | ISIG)) == 0, "the caller's terminal is raw");
	CHECK(first && apart, "two escapes, or three with another key or a second between them, are keys");
	CHECK(third, "three are not");
	CHECK(restored, "the caller gone, its modes are as before");
	CHECK(kept, "modes that somebody else set are left alone");
	CHECK(rescued, "ours are changed back by a rescuer");
	CHECK(caller_tty_rescue("00") == 125 && caller_tty_rescue("") == 125, "who knows the modes");
}

static void test_hangup(void)
{
	static struct stage_set set;
	enum relay_news news;
	int caller;

	set.screen = -1;
	set.keys = open_pty(&caller);
	set_up(&set, caller, open("/dev/null", O_WRONLY | O_CLOEXEC));
	fd_close(&set.keys);
	news = turn_for_news(&set);
	tear_down(&set);
	CHECK_NUMBER(news, RELAY_HUNG_UP, "the caller's terminal is gone: a hangup");
}

static void test_without(void)
{
	static struct relay relay;
	struct pollfd events[RELAY_EVENTS];

	relay_poll(&relay, events);
	CHECK(events[0].fd == -1 && events[1].fd == -1 && events[2].fd == -1 && relay_turn(&relay, events) == RELAY_NOTHING,
	      "without a terminal there is nothing to do");
	relay_refresh(&relay);
	relay_leave(&relay);
	relay_finish(&relay);
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	test_both_ways();
	test_bounded();
	test_caller();
	test_hangup();
	test_without();
	return tap_done();
}
