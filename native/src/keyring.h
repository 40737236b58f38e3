/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session keyring: session-keyring(7). It is inherited, no namespace holds it, and what is in it is the caller's secrets.
 * Runs in: job.
 */
#ifndef NSJOB_KEYRING_H
#define NSJOB_KEYRING_H

#include <stdint.h>

struct error;
struct plan;

/* What became of it; the names on the wire are in report.c, in this order. */
enum keyring_state { KEYRING_IS_INHERITED, KEYRING_IS_NEW, KEYRING_UNAVAILABLE, KEYRING_OVER_QUOTA };

/* Joins a new anonymous one, owned by the ids that the process has by now. */
int keyring_join(const struct plan *plan, int32_t *ret_state, struct error *err);

#endif
