/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init, cloned before its job is there: in the namespaces that the next job will probably want, by the supervisor that waits
 * for that job. PROTOCOL.md, "What is made ahead". Runs in: supervisor of the resident launcher.
 */
#ifndef NSJOB_AHEAD_H
#define NSJOB_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct launch;
struct plan;

/* What a process has to keep open of it. */
#define AHEAD_FDS 8u

/*
 * What of a plan decides how its init is cloned: flags of clone(2), and bits where those have none. 0 where init cannot be made
 * ahead for such a plan.
 */
uint64_t ahead_shape(const struct plan *plan);

/*
 * What is known of the plans that came, in a number that supervisors and launcher share: a guess and nothing more. A supervisor
 * adds the plan that it has read, the launcher asks for the shape of the next (0: better none) and, between two jobs, whether the
 * last one's plan is in.
 */
typedef _Atomic uint64_t ahead_known;

void ahead_learn(ahead_known *known, const struct plan *plan);
uint64_t ahead_guess(const ahead_known *known);
void ahead_expect(ahead_known *known);
bool ahead_has_come(const ahead_known *known);

/* Makes it, with what the launch has opened so far. Nothing happens where something is refused, or the shape is none. */
void ahead_make(struct launch *launch, uint64_t shape);

/* Sleeps until there is something to receive. Init does not wait for ever, and not in a world that has changed. */
void ahead_await(struct launch *launch, int socket);

/* Appends the descriptors to keep: so many. */
size_t ahead_keep(const struct launch *launch, int fds[AHEAD_FDS]);

/*
 * In place of clone: whether there is an init made ahead for this plan, in a world that is still the same, and whether it has got
 * the launch and is the job's from now on. False: it is not, and there is none any more.
 */
bool ahead_fits(struct launch *launch);
bool ahead_take(struct launch *launch);

/*
 * Ends it where it is nobody's. Without `reaped` it is a zombie until ahead_reap(), which then has less to wait for; true where
 * there was one.
 */
void ahead_end(struct launch *launch, bool reaped);
bool ahead_reap(void);

#endif
