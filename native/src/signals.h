/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clean start whatever the parent ignored: with SIGCHLD ignored the kernel would reap behind our back, and a job would
 * inherit it all. Runs in: supervisor, job.
 */
#ifndef NSJOB_SIGNALS_H
#define NSJOB_SIGNALS_H

/* Every disposition to its default, also of the two signals that libc keeps to itself. */
void signals_reset(void);

#endif
