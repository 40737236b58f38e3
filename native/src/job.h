/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job's process from its birth to execve: gives up what the job must not have, in the one order that works.
 */
#ifndef NSJOB_JOB_H
#define NSJOB_JOB_H

struct launch;

_Noreturn void job_main(struct launch *launch);

#endif
