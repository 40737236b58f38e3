/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper's own program as the command of a job: what holds namespaces, or relays, in any root.
 */
#ifndef NSJOB_SELF_H
#define NSJOB_SELF_H

struct error;

/* A copy of the running program in memory that nobody can change any more, for self_execute(). Runs in: supervisor. */
int self_copy(int *ret_fd, struct error *err);

/* Returns only when it failed. Runs in: the job. */
int self_execute(int fd, char *const argv[], char *const environment[], struct error *err);

/* --unpin PATH: lets go of what is pinned there, in the mount namespace that it was started in, and of the name. An exit status. */
int self_unpin(const char *path);
/* --pause: sleeps until a signal ends it. Its return is the exit status of a failure. */
int self_pause(void);
/* --keep: the same, once a byte has come on standard input; 0 when that ends before, as nobody will find us then. */
int self_keep(void);

#endif
