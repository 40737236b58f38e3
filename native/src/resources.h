/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource limits, priorities and processors of the job's own process: set, then read back.
 * Runs in: the job's process, before it changes its credentials.
 */
#ifndef NSJOB_RESOURCES_H
#define NSJOB_RESOURCES_H

#include <stdbool.h>

struct error;
struct plan;

/* Whether the plan asks for anything that resources_apply() does. */
bool resources_wanted(const struct plan *plan);

/* proc_dir: a /proc of before any mount, see tree.h. */
int resources_apply(const struct plan *plan, int proc_dir, struct error *err);

/* The name of a resource without RLIMIT_, in lower case, as in prlimit(1). */
const char *resources_name(unsigned int resource);

#endif
