/* SPDX-License-Identifier: Apache-2.0 */
#include "caller_tty.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

void caller_tty_look(struct caller_tty *tty)
{
	tty->present = tcgetattr(STDIN_FILENO, &tty->before) == 0;
}

bool caller_tty_in_background(void)
{
	/* -1: not our controlling terminal, where no job control applies, or hung up, which reading tells. */
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	return foreground >= 0 && foreground != getpgrp();
}

static struct termios raw_modes(const struct termios *before)
{
	struct termios raw = *before;

	cfmakeraw(&raw);
	return raw;
}

void caller_tty_make_raw(const struct caller_tty *tty)
{
	struct termios raw = raw_modes(&tty->before);

	/* TCSANOW here and below: waiting for the output to drain could take for ever. */
	if (tty->present && !caller_tty_in_background())
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void caller_tty_restore(const struct caller_tty *tty)
{
	struct termios raw = raw_modes(&tty->before);
	struct termios now;

	/*
	 * When the caller was killed, its shell may have the terminal back already, with the modes of a line editor: only ours
	 * are ours to change. From the background it works too, as SIGTTOU is blocked.
	 */
	if (tty->present && tcgetattr(STDIN_FILENO, &now) == 0 && now.c_iflag == raw.c_iflag && now.c_oflag == raw.c_oflag &&
	    now.c_lflag == raw.c_lflag)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &tty->before);
}

bool caller_tty_size(struct winsize *ret_size)
{
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
		if (ioctl(fd, TIOCGWINSZ, ret_size) == 0 && ret_size->ws_row > 0 && ret_size->ws_col > 0)
			return true;
	}
	return false;
}

void caller_tty_text(const struct caller_tty *tty, char ret_text[CALLER_TTY_TEXT])
{
	const unsigned char *bytes = (const unsigned char *)&tty->before;

	for (size_t i = 0; i < sizeof(tty->before); i++)
		(void)snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
}

int caller_tty_rescue(const char *text)
{
	struct caller_tty tty = {.present = true};
	unsigned char *bytes = (unsigned char *)&tty.before;
	sigset_t set;

	if (strlen(text) != CALLER_TTY_TEXT - 1)
		return 125;
	for (size_t i = 0; i < sizeof(tty.before); i++) {
		const char pair[] = {text[2 * i], text[2 * i + 1], '\0'};
		const char *at = pair;
		uint64_t byte;

		if (!text_number(&at, 16, UINT8_MAX, &byte) || *at != '\0')
			return 125;
		bytes[i] = (unsigned char)byte;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	caller_tty_restore(&tty);
	return 0;
}
