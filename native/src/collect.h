/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results out of a job that is dead: PROTOCOL.md, "Results". The supervisor keeps the job's root; a process of its own with the
 * job's credentials walks below it, and what it says is passed on to the caller.
 */
#ifndef NSJOB_COLLECT_H
#define NSJOB_COLLECT_H

#include <stdint.h>

struct collect_source;
struct error;
struct launch;

/* Takes hold of the job's root and mounts, which then outlive its processes. Once the job is built, before it runs. */
int collect_open(struct launch *launch, struct error *err);
/* Lets go of them again. */
void collect_close(struct launch *launch);

/* Sends the caller all that the plan asks for, within the plan's time; gives up when something comes from signals. */
void collect_run(struct launch *launch, int signals);

/*
 * Walks below a root and writes `file`, `content` and `skipped` as packets to a socket: the type in the first byte, then the body.
 * Never blocks on what it finds but on a file system that does not answer. Runs in: collector. proc is a /proc of its own
 * pid namespace. Ends the process when nobody listens.
 */
void collect_walk(int root, int proc, int socket, const struct collect_source *source, uint32_t number, uint32_t depth);

#endif
