/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NSJOB_BENCH_DRIVE_H
#define NSJOB_BENCH_DRIVE_H

#include "bench.h"

#define MAX_FRAME (1024 * 1024)

struct drive {
	unsigned char plan[MAX_FRAME];  /* the whole frame */
	size_t plan_size;
	unsigned char frame[MAX_FRAME]; /* the last one that came */
	int type;
	int connection;
	char socket[160];               /* for the helper's environment */
	int control, lifeline;          /* of a resident */
	uint64_t sequence;
};

/* Plan to usage, on the connection that is there. */
int drive_job(struct way *way, struct drive *drive);

/* A socket to listen on in a directory; drive->socket names it. */
int drive_listen(struct drive *drive, const char *directory, int type);

/* drive_resident.c */
bool drive_open_resident(struct way *way, struct drive *drive);

#endif
