/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a built job to the last frame. Runs in: supervisor.
 */
#ifndef NSJOB_SUPERVISE_H
#define NSJOB_SUPERVISE_H

struct error;
struct launch;

/*
 * Holds, executes, watches, kills and reaps; tells the caller all of it. Returns when nothing of the job is left:
 * 0, or -1 with the error to send when the job never ran.
 */
int supervise(struct launch *launch, struct error *err);

#endif
