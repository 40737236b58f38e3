/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pseudo terminal as the job's standard streams and controlling terminal: opened by the job inside, so that it is in the
 * job's own devpts and belongs to its ids; the supervisor gets the master.
 */
#ifndef NSJOB_TERMINAL_H
#define NSJOB_TERMINAL_H


struct emitter;
struct error;
struct launch;
struct proc_stat;

/* Runs in: job, in its session and with its ids. Leaves the master in launch->terminal, to be sent. */
int terminal_enter(struct launch *launch, struct error *err);

/* Runs in: supervisor, with the master received: sets size and modes, and holds a slave end as well. */
int terminal_adopt(struct launch *launch, struct error *err);

/* Runs in: supervisor. Proves that it is the job's controlling terminal, and adds it to the body of `prepared`. */
int terminal_verify(const struct launch *launch, struct emitter *event, struct error *err);

#endif
