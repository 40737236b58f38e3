/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's mount steps, in order. Runs in: init; in the job's process when the job is pid 1 of an inner namespace,
 * since a proc mount shows the pid namespace of the process that makes it.
 */
#ifndef NSJOB_MOUNT_H
#define NSJOB_MOUNT_H

struct error;
struct launch;

int mount_run(struct launch *launch, struct error *err);

#endif
