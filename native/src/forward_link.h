/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two stream sockets that are one: what comes from one goes to the other, in turns of the loop in forward.c. Nothing is read
 * before what was read has been written, so who writes faster than the other side reads has to wait.
 */
#ifndef NSJOB_FORWARD_LINK_H
#define NSJOB_FORWARD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link;

struct link_end {
	struct link *link;
	int fd;
	bool watched;     /* by epoll, for these */
	uint32_t events;
	bool ended;       /* its end of file has been read */
	bool passed;      /* and told to the other end */
	bool hung_up;     /* gone in both directions */
	size_t start, end; /* of what was read here and not written there yet */
	char bytes[32768];
};

struct link {
	struct link_end near, far; /* in this network; the caller's */
	struct link *next; /* for the loop's list of those that are over */
	uint32_t id;
	bool connecting, over;
};

/* A link with one end, watched by epoll for these events: or NULL, and the descriptor is closed. */
struct link *link_new(int epoll, int near, uint32_t events);
/* The other end is there: bytes may pass. 0 or -1. */
int link_join(int epoll, struct link *link, int far);
/* What epoll said about one end: false when the link is over, and closed. */
bool link_turn(int epoll, struct link_end *end, uint32_t events);
/* Closes both; with abort the peer in the network gets a reset. Freed by the loop, once no event of its round can name it. */
void link_close(struct link *link, bool abort);

#endif
