/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <sys/syscall.h>

#include "signals.h"

#define LAST_SIGNAL 64

/* The kernel's own layout, larger than any architecture's: the handler comes first. */
struct raw_action {
	unsigned long words[8];
};

static int raw_sigaction(int number, const struct raw_action *set, struct raw_action *ret_old)
{
	return (int)syscall(SYS_rt_sigaction, number, set, ret_old, 8);
}

/* All ignored, the two that libc hides included, as a careless parent hands them on. */
static int reset_all(void *ignored)
{
	static const struct raw_action ignore = {{1}}; /* SIG_IGN */

	(void)ignored;
	for (int number = 1; number <= LAST_SIGNAL; number++) {
		struct raw_action now = {{7}};

		if (raw_sigaction(number, &ignore, NULL) < 0 && number != SIGKILL && number != SIGSTOP)
			return 1;
		if (raw_sigaction(number, NULL, &now) < 0 || (now.words[0] != 1 && number != SIGKILL && number != SIGSTOP))
			return 2;
	}
	signals_reset();
	for (int number = 1; number <= LAST_SIGNAL; number++) {
		struct raw_action now = {{7}};

		if (raw_sigaction(number, NULL, &now) < 0 || now.words[0] != 0)
			return number + 2;
	}
	return 0;
}

static int die_of_term(void *ignored)
{
	(void)ignored;
	(void)signal(SIGTERM, SIG_IGN);
	signals_reset();
	(void)raise(SIGTERM);
	return 1;
}

int main(void)
{
	CHECK_NUMBER(tap_child(reset_all, NULL), 0, "every signal that was ignored has its default action again");
	CHECK_NUMBER(tap_child(die_of_term, NULL), 128 + SIGTERM, "and it is that action which happens");
	return tap_done();
}
