/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's terminal, when standard input is one: its modes, kept and given back, and its size.
 * Runs in: supervisor; caller_tty_rescue() in a helper of its own.
 */
#ifndef NSJOB_CALLER_TTY_H
#define NSJOB_CALLER_TTY_H

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

struct caller_tty {
	bool present;          /* standard input is a terminal */
	struct termios before; /* its modes as we found them */
};

#define CALLER_TTY_TEXT (2 * sizeof(struct termios) + 1)

void caller_tty_look(struct caller_tty *tty);

/* True when its keys belong to another process group: reading them would not be ours. */
bool caller_tty_in_background(void);

/* Every key becomes a byte for the job's terminal. Nothing happens in the background, where a shell owns the modes. */
void caller_tty_make_raw(const struct caller_tty *tty);

/* Gives the modes back, unless somebody else has set others since. */
void caller_tty_restore(const struct caller_tty *tty);

/* The size of the terminal on standard input or output; false when there is none. */
bool caller_tty_size(struct winsize *ret_size);

/* The modes as text, for whoever survives us: nsjob-helper --restore-terminal TEXT. */
void caller_tty_text(const struct caller_tty *tty, char ret_text[CALLER_TTY_TEXT]);
/* The exit status. */
int caller_tty_rescue(const char *text);

#endif
