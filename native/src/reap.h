/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last act: collecting init and whatever its death left to us. Runs in: supervisor.
 */
#ifndef NSJOB_REAP_H
#define NSJOB_REAP_H

#include <sys/resource.h>

/* Pause between two looks at a tree that is being killed without a pid namespace's help. */
#define REAP_SWEEP_MILLIS 5
/* 5 s of sweeps: what is alive then cannot be killed by us (setuid programs of an unprivileged caller, stuck in the kernel). */
#define REAP_SWEEPS 1000

/*
 * Init is a zombie. Reaps it and, where there is no pid namespace, kills and reaps what became ours by its death. Adds up
 * what they used: wait4(2) counts each process with the descendants it reaped. Returns how many could not be killed.
 */
int reap_all(int proc_dir, struct rusage *ret_usage);

#endif
