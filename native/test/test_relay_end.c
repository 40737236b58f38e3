/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include "launch.h"
#include "relay.h"

#define ENDS 200

static struct launch launch;
static struct relay relay;

static void fill(int fd)
{
	char block[4096] = {0};

	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, block, sizeof(block)) > 0)
		;
}

/*
 * At an output that nobody reads the job's last words are given up after a second. Many at once: that the time ends between two
 * looks at the clock is rare.
 */
static void test_nobody_reads_the_last_words(void)
{
	pid_t children[ENDS];
	int ends[2];
	int hung = 0;

	if (pipe(ends) < 0)
		tap_bail("pipe: %s", strerror(errno));
	fill(ends[1]);
	launch_init(&launch, -1);
	relay = (struct relay){.launch = &launch, .input = -1, .output = ends[1], .at_once = 1, .to_caller = {.end = 1}};
	for (int i = 0; i < ENDS; i++) {
		children[i] = fork();
		if (children[i] < 0)
			tap_bail("fork: %s", strerror(errno));
		if (children[i] == 0) {
			(void)alarm(TAP_CHILD_SECONDS);
			relay_finish(&relay);
			_exit(0);
		}
	}
	for (int i = 0; i < ENDS; i++)
		hung += tap_wait(children[i]) != 0;
	(void)close(ends[0]);
	(void)close(ends[1]);
	CHECK_NUMBER(hung, 0, "relays that wait for a reader for ever");
}

/* Runs in a child: the terminal is standard input here. */
static int give_back(void *terminal)
{
	struct termios modes;

	if (dup2(*(int *)terminal, STDIN_FILENO) < 0)
		return 1;
	launch_init(&launch, -1);
	caller_tty_look(&launch.caller);
	relay = (struct relay){.launch = &launch, .input = STDIN_FILENO, .output = STDOUT_FILENO};
	relay_refresh(&relay);
	if (!launch.caller.present || tcgetattr(STDIN_FILENO, &modes) < 0 || (modes.c_lflag & ICANON) != 0)
		return 2;
	relay_leave(&relay);
	if (tcgetattr(STDIN_FILENO, &modes) < 0 || (modes.c_lflag & ICANON) == 0)
		return 3;
	/* SIGWINCH or SIGCONT while the job takes its time to die. */
	relay_refresh(&relay);
	return tcgetattr(STDIN_FILENO, &modes) < 0 || (modes.c_lflag & ICANON) == 0 ? 4 : 0;
}

static void test_a_terminal_is_given_back_for_good(void)
{
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		tap_bail("openpty: %s", strerror(errno));
	CHECK_NUMBER(tap_child(give_back, &slave), 0, "a terminal that was given back is not made raw again");
	(void)close(master);
	(void)close(slave);
}

/* Runs in a child: the pipe is standard output here, and said to be ready, but somebody else has filled it since. */
static int write_to_full_pipe(void *end)
{
	struct pollfd events[RELAY_EVENTS] = {{.fd = -1}, {.fd = -1}, {.fd = STDOUT_FILENO, .revents = POLLOUT}};

	if (dup2(*(int *)end, STDOUT_FILENO) < 0)
		return 1;
	launch_init(&launch, -1);
	launch.proc_dir = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	launch.terminal = open("/dev/null", O_RDWR | O_CLOEXEC);
	relay = (struct relay){.to_caller = {.end = RELAY_BYTES}};
	relay_start(&relay, &launch);
	(void)alarm(TAP_CHILD_SECONDS / 5);
	if (relay_turn(&relay, events) != RELAY_NOTHING || relay.to_caller.start != 0)
		return 2;
	/* What the caller's other writers have of this pipe still blocks. */
	return (fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK) != 0 ? 3 : 0;
}

static void test_another_writer_fills_the_pipe(void)
{
	char block[4096] = {0};
	int ends[2];

	if (pipe(ends) < 0)
		tap_bail("pipe: %s", strerror(errno));
	fill(ends[1]);
	(void)fcntl(ends[1], F_SETFL, 0);
	CHECK_NUMBER(tap_child(write_to_full_pipe, &ends[1]), 0, "a pipe that was ready and is full by now does not hold the relay");
	CHECK(read(ends[0], block, sizeof(block)) == sizeof(block), "nor was anything put into it");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	test_nobody_reads_the_last_words();
	test_a_terminal_is_given_back_for_good();
	test_another_writer_fills_the_pipe();
	return tap_done();
}
