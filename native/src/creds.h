/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User, group and supplementary ids, capabilities, no_new_privs: capabilities(7), credentials(7).
 * Runs in: supervisor (groups), init (its ids, its last capabilities), job.
 */
#ifndef NSJOB_CREDS_H
#define NSJOB_CREDS_H

#include <stdbool.h>

struct error;
struct plan;

/* Supervisor of a root caller, before clone: inside a new user namespace it may be too late, setgroups is often denied. */
int creds_drop_groups(struct error *err);
/* Init, directly after the maps are written: from here on it is not the host's root any more. */
int creds_become_init(const struct plan *plan, struct error *err);
/* Init, after the fork of the job: keeps nothing, or CAP_KILL where it must kill the tree itself. */
int creds_shed_init(bool keep_kill, struct error *err);
/* The job: groups, gid, bounding set, securebits, uid, all capability sets (each step needs a privilege that the next one gives up). */
int creds_become_job(const struct plan *plan, struct error *err);
/* Whoever makes mounts: files are made and looked for as these ids, with the capabilities of before. */
int creds_act_as(unsigned int uid, unsigned int gid, struct error *err);
int creds_no_new_privs(struct error *err);

#endif
