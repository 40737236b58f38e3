/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resident driver: started once by a JVM, it forks a supervisor for each job and knows nothing of the jobs. PROTOCOL.md,
 * "The resident driver".
 */
#ifndef NSJOB_RESIDENT_H
#define NSJOB_RESIDENT_H

#include <stdint.h>

/* Job connection, standard input, output and error, in this order. */
#define RESIDENT_FDS 4u

enum resident_type {
	RESIDENT_START = 1, /* caller -> launcher, with RESIDENT_FDS descriptors: fork a supervisor for them */
	RESIDENT_KILL = 2,  /* caller -> launcher: SIGKILL to that supervisor */
	RESIDENT_ENDED = 3, /* launcher -> caller: a supervisor ended, and not by exit(0) */
};

/* One message of the control connection each, in the byte order of the machine. */
struct resident_order {
	uint32_t type;
	uint32_t reserved; /* 0 */
	uint64_t seq;      /* the caller's own number of the job, of its newest where it has given one twice */
};

struct resident_ended {
	uint32_t type;
	int32_t status; /* as of wait(2) */
	uint64_t seq;
	uint32_t pid; /* 0: there was none, the message that should have started it was refused */
	uint32_t reserved;
};

/* --resident: a main() of its own, in the caller's process group, until that is gone. The exit status. */
int resident(const char *path, char **argv);

#endif
