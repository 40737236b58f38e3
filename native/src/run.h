/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a small trusted tool (newuidmap, newgidmap) to its end. Runs in: supervisor, before the job exists.
 */
#ifndef NSJOB_RUN_H
#define NSJOB_RUN_H

#include <stddef.h>

struct error;

/*
 * Executes argv[0] (absolute) with an empty environment. *ret_status is 0 or anything else; output gets the first
 * line that it wrote to stderr. Fails only when the tool could not be run.
 */
int run_tool(char *const argv[], int *ret_status, char *output, size_t size, struct error *err);

#endif
