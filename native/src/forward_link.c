/* SPDX-License-Identifier: Apache-2.0 */
#include "forward_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "fd.h"

/* Reads in one turn: a link that is busy must not keep the others waiting. */
#define ROUNDS 16

static int watch(int epoll, struct link_end *end, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = end};
	/* A hangup is reported whether it was asked for or not, again and again: who waits for nothing must not hear of it twice. */
	bool wanted = events != 0 || !end->hung_up;
	int operation = !end->watched ? EPOLL_CTL_ADD : wanted ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (end->watched ? wanted && events == end->events : !wanted)
		return 0;
	end->events = events;
	end->watched = wanted;
	return epoll_ctl(epoll, operation, end->fd, &event);
}

struct link *link_new(int epoll, int near, uint32_t events)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		fd_close(&near);
		return NULL;
	}
	link->near.link = link->far.link = link;
	link->near.fd = near;
	link->far.fd = -1;
	if (watch(epoll, &link->near, events) == 0)
		return link;
	fd_close(&link->near.fd);
	free(link);
	return NULL;
}

static bool pending(const struct link_end *end)
{
	return end->start < end->end;
}

static uint32_t wanted(const struct link_end *end, const struct link_end *other)
{
	return (!end->ended && !pending(end) ? EPOLLIN : 0u) | (pending(other) ? EPOLLOUT : 0u);
}

static int watch_both(int epoll, struct link *link)
{
	return watch(epoll, &link->near, wanted(&link->near, &link->far)) < 0 ||
		       watch(epoll, &link->far, wanted(&link->far, &link->near)) < 0 ? -1 : 0;
}

int link_join(int epoll, struct link *link, int far)
{
	link->far.fd = far;
	link->connecting = false;
	return watch_both(epoll, link);
}

/* From one end to the other, as far as it goes without waiting: -1 when one of them is broken. */
static int pump(struct link_end *from, struct link_end *to)
{
	for (int round = 0; round < ROUNDS; round++) {
		ssize_t moved;

		if (!pending(from)) {
			if (from->ended)
				break;
			moved = recv(from->fd, from->bytes, sizeof(from->bytes), MSG_DONTWAIT);
			if (moved < 0)
				return errno == EAGAIN || errno == EINTR ? 0 : -1;
			from->ended = moved == 0;
			from->start = 0;
			from->end = (size_t)moved;
			continue;
		}
		moved = send(to->fd, from->bytes + from->start, from->end - from->start, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (moved < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		from->start += (size_t)moved;
	}
	if (from->ended && !pending(from) && !from->passed) {
		from->passed = true;
		/* The other direction goes on. Not connected any more is no news. */
		(void)shutdown(to->fd, SHUT_WR);
	}
	return 0;
}

bool link_turn(int epoll, struct link_end *end, uint32_t events)
{
	struct link *link = end->link;
	bool over;

	if ((events & (EPOLLHUP | EPOLLERR)) != 0)
		end->hung_up = true;
	if (pump(&link->near, &link->far) < 0 || pump(&link->far, &link->near) < 0) {
		link_close(link, true);
		return false;
	}
	/* The caller has closed its end, not only its output: nobody will read what may still come. */
	over = link->far.passed && (link->near.passed || link->far.hung_up);
	if (over || watch_both(epoll, link) < 0) {
		link_close(link, !over);
		return false;
	}
	return true;
}

void link_close(struct link *link, bool abort)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (abort)
		(void)setsockopt(link->near.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	fd_close(&link->near.fd);
	fd_close(&link->far.fd);
	link->over = true;
}
