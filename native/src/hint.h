/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a failed call to what the user can do about it. Runs in: supervisor, on the way of an error to the caller.
 */
#ifndef NSJOB_HINT_H
#define NSJOB_HINT_H

#include <stdbool.h>
#include <sys/types.h>

struct error;
struct plan;

/* What the machine says about itself; gathered from /proc, or made up by a unit test. */
struct hint_facts {
	uid_t euid;
	int unprivileged_userns_clone; /* kernel.unprivileged_userns_clone, -1 where there is no such sysctl */
	int apparmor_restricts_userns; /* kernel.apparmor_restrict_unprivileged_userns, -1 where there is none */
	int seccomp;                   /* our own Seccomp mode: 2 = somebody filters us */
	const char *exhausted;         /* "user", "mnt", ...: a kind whose user.max_*_namespaces is 0, or NULL */
	bool has_plan;
	bool new_user;                 /* the plan makes a user namespace */
	bool new_root;                 /* and a root of the job's own: its paths are not ours */
	bool chroot;                   /* the job is in one: nor are these */
};

void hint_gather(const struct plan *plan, struct hint_facts *ret_facts);
/* Fills err->hint if it is empty and there is something to say. plan may be NULL: not parsed yet. */
void hint_add(struct error *err, const struct plan *plan);
void hint_choose(struct error *err, const struct hint_facts *facts);

#endif
