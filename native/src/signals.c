/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's signals, and the size of its signal set in bytes: one bit each. */
#define LAST_SIGNAL 64
#define SIGNAL_SET_BYTES 8

void signals_reset(void)
{
	/* All zero is SIG_DFL without flags or mask, in the layout of every architecture; none is larger. */
	static const unsigned long defaults[8];

	/*
	 * The raw call: glibc keeps 32 and 33 for its threads and does not let us touch them, while its posix_spawn, and so
	 * Java, hands them on as ignored. EINVAL for KILL and STOP.
	 */
	for (int number = 1; number <= LAST_SIGNAL; number++)
		(void)syscall(SYS_rt_sigaction, number, defaults, NULL, SIGNAL_SET_BYTES);
}
