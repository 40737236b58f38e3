/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new time namespace, time_namespaces(7). Runs in: init, before the job is born into it.
 */
#ifndef NSJOB_TIMENS_H
#define NSJOB_TIMENS_H

struct error;
struct plan;

int timens_create(const struct plan *plan, struct error *err);

#endif
