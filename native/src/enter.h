/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root and the working directory of a process whose namespaces the job joins.
 */
#ifndef NSJOB_ENTER_H
#define NSJOB_ENTER_H

struct error;
struct launch;

/* Takes hold of them, from outside. Runs in: supervisor, before the first setns(2), after which /proc is another one. */
int enter_open(struct launch *launch, struct error *err);

/* Makes them ours. Runs in: init, with its ids and while it has CAP_SYS_CHROOT. */
int enter_apply(struct launch *launch, struct error *err);

/* Nobody else may hold a directory that is outside of some root. */
void enter_close(struct launch *launch);

#endif
