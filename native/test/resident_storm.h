/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A caller that has gone mad: messages of all kinds on the control connection of a resident launcher, jobs among them whose own
 * connection says anything or ends. FUZZ_SEED decides. For a test and for a fuzzer.
 */
#ifndef NSJOB_TEST_RESIDENT_STORM_H
#define NSJOB_TEST_RESIDENT_STORM_H

#include "resident_jobs.h"

#include "fuzz_mutate.h"

#define STORM_MOST_FDS 16u
#define STORM_MOST_BYTES 80u
/* Numbers that come again and again, so that jobs share them and kills hit. */
#define STORM_NUMBERS 4u

static inline uint64_t storm_number(void)
{
	static const uint64_t odd[] = {UINT64_MAX, UINT64_MAX - 1, INT64_MAX, UINT32_MAX};
	size_t which = random_below(STORM_NUMBERS + sizeof(odd) / sizeof(odd[0]));

	return which < STORM_NUMBERS ? which : odd[which - STORM_NUMBERS];
}

static inline void storm_fill(char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)random_next();
}

/* Any bytes, with any descriptors. */
static inline void storm_noise(const struct caller *caller)
{
	char bytes[STORM_MOST_BYTES];
	int fds[STORM_MOST_FDS];
	size_t count = random_below(2) == 0 ? 0 : random_below(STORM_MOST_FDS + 1);

	storm_fill(bytes, sizeof(bytes));
	for (size_t i = 0; i < count; i++)
		fds[i] = null_streams[random_below(3)];
	caller_order(caller, bytes, random_below(sizeof(bytes) + 1), fds, count);
}

/* A message that is right but for one thing, or right. */
static inline void storm_order(const struct caller *caller)
{
	static const uint32_t types[] = {RESIDENT_START, RESIDENT_START, RESIDENT_KILL, RESIDENT_KILL, RESIDENT_ENDED, 0, 4, UINT32_MAX, 1u << 24};
	struct resident_order order[2] = {{.type = types[random_below(sizeof(types) / sizeof(types[0]))], .seq = storm_number()}};
	size_t size = sizeof(order[0]);
	int fds[STORM_MOST_FDS];
	size_t count = order[0].type == RESIDENT_START ? RESIDENT_FDS : 0;

	if (random_below(4) == 0)
		order[0].reserved = (uint32_t)random_next();
	if (random_below(4) == 0)
		size = random_below(sizeof(order) + 1);
	if (random_below(3) == 0)
		count = random_below(2 * RESIDENT_FDS);
	for (size_t i = 0; i < count; i++)
		fds[i] = null_streams[random_below(3)];
	caller_order(caller, order, size, fds, count);
}

/* A job whose caller says anything, or nothing, and goes. */
static inline void storm_job(const struct caller *caller)
{
	char bytes[STORM_MOST_BYTES];
	size_t size = random_below(sizeof(bytes) + 1);
	int connection = caller_start(caller, storm_number(), null_streams);

	storm_fill(bytes, sizeof(bytes));
	if (random_below(2) == 0) {
		/* The header of a plan of this size, or nearly. */
		memset(bytes, 0, 3);
		bytes[3] = (char)(size + random_below(2));
		bytes[4] = FRAME_PLAN;
	}
	/* It may be refused and gone already. */
	(void)!send(connection, bytes, size, MSG_NOSIGNAL);
	if (random_below(4) == 0)
		(void)shutdown(connection, SHUT_WR);
	fd_close(&connection);
}

/* What it answers to all that: a refusal, and supervisors that we killed or that were handed nonsense. False for anything else. */
static inline bool storm_answers(const struct caller *caller)
{
	struct resident_ended ended;
	ssize_t size;

	while ((size = recv(caller->control, &ended, sizeof(ended), MSG_DONTWAIT | MSG_TRUNC)) > 0) {
		bool refused = WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 125;
		bool killed = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;

		if (size != sizeof(ended) || ended.type != RESIDENT_ENDED || ended.reserved != 0 || !(refused || (killed && ended.pid != 0))) {
			(void)fprintf(stderr, "# answer: %zd bytes, type %u, status %#x, pid %u\n", size, ended.type,
				      (unsigned int)ended.status, ended.pid);
			return false;
		}
	}
	return size < 0 && errno == EAGAIN;
}

/* So many messages, then a job that must run as ever: false when anything was not as it should be. */
static inline bool storm(const struct caller *caller, size_t messages)
{
	bool good = true;
	int connection;

	for (size_t i = 0; i < messages && good; i++) {
		switch (random_below(4)) {
		case 0:
			storm_noise(caller);
			break;
		case 1:
			storm_job(caller);
			break;
		default:
			storm_order(caller);
			break;
		}
		if (random_below(16) == 0)
			good = storm_answers(caller);
	}
	connection = caller_start(caller, messages, null_streams);
	send_plan(connection, "", "exit 9", false);
	good = runs_to_its_end(connection, false, 9) && good;
	fd_close(&connection);
	return good && storm_answers(caller);
}

/* A launcher of its own for a storm: false when that was wrong, left a process or a descriptor, or did not end as it should. */
static inline bool storm_once(size_t messages)
{
	struct caller caller = open_caller();
	int before = settled_count(caller.pid);
	bool good = storm(&caller, messages);

	good = spare_alone_soon(caller.pid) > 0 && good;
	good = holds_soon(caller.pid, before) && good;
	return caller_leave(&caller) == 0 && good;
}

#endif
