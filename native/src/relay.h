/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the caller's standard streams and the master of the job's terminal, in turns of the supervisor's poll loop. No turn
 * blocks, and nothing is read before there is room for it: who writes faster than the other side reads has to wait.
 * Runs in: supervisor.
 */
#ifndef NSJOB_RELAY_H
#define NSJOB_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct launch;

/* A terminal gives 4 KiB at a time at most; a pipe may give all of it. */
#define RELAY_BYTES 16384u
#define RELAY_EVENTS 3

struct relay_buffer {
	size_t start, end;
	char bytes[RELAY_BYTES];
};

enum relay_news {
	RELAY_NOTHING,
	RELAY_HUNG_UP, /* the caller's terminal is gone, or nobody reads the output any more */
	RELAY_ESCAPED, /* ^] three times within a second */
};

struct relay {
	struct launch *launch;
	int input, output;     /* -1: over */
	size_t at_once;        /* what a write to a ready output takes without blocking */
	bool output_is_socket;
	bool input_ended;
	unsigned int pause_millis;
	uint64_t look_at;      /* when to look at the input again; 0 = never */
	int escapes;
	uint64_t escaped_at;
	struct relay_buffer to_job, to_caller;
};

/* Before relay_start() and without a terminal all of these do nothing. */
void relay_start(struct relay *relay, struct launch *launch);
void relay_poll(const struct relay *relay, struct pollfd events[RELAY_EVENTS]);
enum relay_news relay_turn(struct relay *relay, const struct pollfd events[RELAY_EVENTS]);

/* The caller's terminal was resized, or this process continued. */
void relay_refresh(struct relay *relay);

/* The caller is gone: its terminal is given back at once, nothing is read or written any more. */
void relay_leave(struct relay *relay);

/* The job is gone: what it wrote last is handed on, within a second; then the caller's terminal is given back. */
void relay_finish(struct relay *relay);

#endif
