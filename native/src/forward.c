/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"
#include "forward_link.h"
#include "text.h"

#define SECRET_LENGTH 64
/* What each connection to the caller begins with: one line, filled up with blanks to this size. */
#define GREETING 256
#define EVENTS 64
#define PAUSE_MILLIS 200

struct forward {
	int epoll, listener;
	bool ended, paused; /* no commands any more; out of descriptors */
	bool watching;      /* the listener */
	uint32_t credits;   /* connections that the caller has room for */
	size_t links;
	struct link *over;
	struct sockaddr_un caller;
	char secret[SECRET_LENGTH + 1];
	size_t filled;
	char line[512];
};

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static bool read_address(const char *text, unsigned int port, union address *ret_address, socklen_t *ret_size)
{
	memset(ret_address, 0, sizeof(*ret_address));
	*ret_size = sizeof(ret_address->four);
	ret_address->four.sin_family = AF_INET;
	ret_address->four.sin_port = htons((uint16_t)port); /* at the same place in both */
	if (inet_pton(AF_INET, text, &ret_address->four.sin_addr) == 1)
		return true;
	*ret_size = sizeof(ret_address->six);
	ret_address->six.sin6_family = AF_INET6;
	return inet_pton(AF_INET6, text, &ret_address->six.sin6_addr) == 1;
}

/* "192.0.2.1 80", or "- 0" where there is none. */
static void write_address(int fd, int (*get)(int fd, struct sockaddr *address, socklen_t *size), char *text, size_t size)
{
	union address address;
	socklen_t length = sizeof(address);
	char host[INET6_ADDRSTRLEN] = "-";

	memset(&address, 0, sizeof(address));
	if (fd >= 0 && get(fd, &address.any, &length) == 0)
		(void)inet_ntop(address.any.sa_family, address.any.sa_family == AF_INET6 ? (const void *)&address.six.sin6_addr
					: (const void *)&address.four.sin_addr, host, sizeof(host));
	(void)snprintf(text, size, "%s %u", host, ntohs(address.four.sin_port));
}

/* A connection to the caller, who accepts at once: it begins with what it is about. -1 when the caller is gone. */
static int greet(const struct forward *forward, const char *what, uint32_t id, int errnum, int about)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char own[INET6_ADDRSTRLEN + 8], peer[INET6_ADDRSTRLEN + 8], line[GREETING];

	write_address(about, getsockname, own, sizeof(own));
	write_address(about, getpeername, peer, sizeof(peer));
	memset(line, ' ', sizeof(line));
	/* Over its NUL a blank like the others, then the end of the line. */
	line[snprintf(line, sizeof(line), "%s %s %" PRIu32 " %d %s %s", forward->secret, what, id, errnum, own, peer)] = ' ';
	line[sizeof(line) - 1] = '\n';
	if (fd < 0 || connect(fd, (const struct sockaddr *)&forward->caller, sizeof(forward->caller)) < 0 ||
	    fd_send_full(fd, line, GREETING) < 0)
		return -1;
	return fd_take(&fd);
}

static void tell(const struct forward *forward, const char *what, uint32_t id, int errnum, int about)
{
	int fd = greet(forward, what, id, errnum, about);

	fd_close(&fd);
}

static int watch_listener(struct forward *forward)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = forward};
	bool wanted = forward->listener >= 0 && forward->credits > 0 && !forward->paused;

	if (wanted == forward->watching)
		return 0;
	forward->watching = wanted;
	return epoll_ctl(forward->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, forward->listener, &event);
}

static void end_link(struct forward *forward, struct link *link)
{
	link->next = forward->over;
	forward->over = link;
	forward->links--;
	forward->paused = false;
}

static void join(struct forward *forward, struct link *link, const char *what)
{
	static const int on = 1;
	int far = greet(forward, what, link->id, 0, link->near.fd);

	/* The caller cannot reach this socket's options, and a relay is no reason to wait for more. */
	(void)setsockopt(link->near.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (far < 0 || link_join(forward->epoll, link, far) < 0) {
		link_close(link, true);
		end_link(forward, link);
	}
}

static void take_connection(struct forward *forward)
{
	int fd = accept4(forward->listener, NULL, NULL, SOCK_CLOEXEC);
	struct link *link;

	if (fd < 0) {
		forward->paused = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
		return;
	}
	link = link_new(forward->epoll, fd, 0);
	if (link == NULL)
		return;
	forward->links++;
	forward->credits--;
	join(forward, link, "accepted");
}

static void finish_connect(struct forward *forward, struct link *link)
{
	int errnum = 0;
	socklen_t size = sizeof(errnum);

	if (getsockopt(link->near.fd, SOL_SOCKET, SO_ERROR, &errnum, &size) < 0)
		errnum = errno;
	if (errnum == 0) {
		join(forward, link, "connected");
		return;
	}
	tell(forward, "connected", link->id, errnum, -1);
	link_close(link, false);
	end_link(forward, link);
}

static int start_connect(struct forward *forward, uint32_t id, const union address *address, socklen_t size)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct link *link;

	if (fd < 0 || (connect(fd, &address->any, size) < 0 && errno != EINPROGRESS)) {
		tell(forward, "connected", id, errno, -1);
		fd_close(&fd);
		return 0;
	}
	link = link_new(forward->epoll, fd, EPOLLOUT);
	if (link == NULL)
		return -1;
	forward->links++;
	link->id = id;
	link->connecting = true;
	return 0;
}

static int start_listening(struct forward *forward, const union address *address, socklen_t size, uint32_t credits)
{
	static const int on = 1;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 || bind(fd, &address->any, size) < 0 ||
	    listen(fd, (int)credits) < 0) {
		tell(forward, "listening", 0, errno, -1);
		fd_close(&fd);
		return 0;
	}
	forward->listener = fd;
	forward->credits = credits;
	tell(forward, "listening", 0, 0, fd);
	return 0;
}

static int stop_listening(struct forward *forward)
{
	forward->credits = 0;
	if (watch_listener(forward) < 0)
		return -1;
	fd_close(&forward->listener);
	tell(forward, "closed", 0, 0, -1);
	return 0;
}

/* "listen ADDRESS PORT BACKLOG", "accept" (room for one more), "close", "connect ID ADDRESS PORT": 0, or -1 when it is none of them. */
static int obey(struct forward *forward, const char *line)
{
	char word[8];
	char host[INET6_ADDRSTRLEN];
	union address address;
	uint32_t port, number;
	socklen_t size;

	if (forward->secret[0] == '\0') {
		if (strspn(line, "0123456789abcdef") != SECRET_LENGTH || line[SECRET_LENGTH] != '\0')
			return -1;
		memcpy(forward->secret, line, SECRET_LENGTH + 1);
		return 0;
	}
	if (strcmp(line, "accept") == 0 && forward->listener >= 0 && forward->credits < INT16_MAX) {
		forward->credits++;
		return 0;
	}
	if (strcmp(line, "close") == 0 && forward->listener >= 0)
		return stop_listening(forward);
	if (!text_word(&line, word, sizeof(word)))
		return -1;
	if (strcmp(word, "listen") == 0 && text_word(&line, host, sizeof(host)) && text_uint32(&line, &port) &&
	    text_uint32(&line, &number) && *line == '\0')
		return port > UINT16_MAX || number == 0 || number > INT16_MAX || forward->listener >= 0 ||
				       !read_address(host, port, &address, &size) ? -1
			       : start_listening(forward, &address, size, number);
	if (strcmp(word, "connect") == 0 && text_uint32(&line, &number) && text_word(&line, host, sizeof(host)) &&
	    text_uint32(&line, &port) && *line == '\0')
		return port == 0 || port > UINT16_MAX || !read_address(host, port, &address, &size) ? -1
			       : start_connect(forward, number, &address, size);
	return -1;
}

static int read_commands(struct forward *forward)
{
	ssize_t length = read(STDIN_FILENO, forward->line + forward->filled, sizeof(forward->line) - forward->filled);
	char *newline;

	if (length <= 0) {
		forward->ended = true;
		if (forward->listener >= 0 && stop_listening(forward) < 0)
			return -1;
		return epoll_ctl(forward->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL) < 0 || forward->filled > 0 ? -1 : 0;
	}
	forward->filled += (size_t)length;
	while ((newline = memchr(forward->line, '\n', forward->filled)) != NULL) {
		size_t used = (size_t)(newline - forward->line) + 1;

		*newline = '\0';
		if (strlen(forward->line) + 1 != used || obey(forward, forward->line) < 0) {
			errno = EPROTO;
			return -1;
		}
		forward->filled -= used;
		memmove(forward->line, newline + 1, forward->filled);
	}
	return forward->filled < sizeof(forward->line) ? 0 : -1;
}

static int handle(struct forward *forward, const struct epoll_event *event)
{
	struct link_end *end = event->data.ptr;

	if (end == NULL)
		return read_commands(forward);
	if (event->data.ptr == forward)
		take_connection(forward);
	else if (end->link->over)
		return 0; /* closed earlier in this round */
	else if (end->link->connecting)
		finish_connect(forward, end->link);
	else if (!link_turn(forward->epoll, end, event->events))
		end_link(forward, end->link);
	return 0;
}

static int serve(struct forward *forward)
{
	struct epoll_event events[EVENTS];

	while (!forward->ended || forward->links > 0) {
		int count = epoll_wait(forward->epoll, events, EVENTS, forward->paused ? PAUSE_MILLIS : -1);

		if (count < 0 && errno != EINTR)
			return -1;
		/* It may be the whole system that was out of descriptors, and no link of ours be there to end. */
		if (count == 0)
			forward->paused = false;
		for (int i = 0; i < count; i++) {
			if (handle(forward, &events[i]) < 0)
				return -1;
		}
		while (forward->over != NULL) {
			struct link *next = forward->over->next;

			free(forward->over);
			forward->over = next;
		}
		if (watch_listener(forward) < 0)
			return -1;
	}
	return 0;
}

int forward_main(const char *path)
{
	static struct forward forward = {.listener = -1, .caller = {.sun_family = AF_UNIX}};
	struct epoll_event commands = {.events = EPOLLIN};
	struct rlimit files;

	if (strlen(path) >= sizeof(forward.caller.sun_path))
		return 125;
	memcpy(forward.caller.sun_path, path, strlen(path) + 1);
	/* Two for each connection. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	forward.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (forward.epoll < 0 || epoll_ctl(forward.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &commands) < 0 || serve(&forward) < 0) {
		(void)fprintf(stderr, "nsjob-helper: the relay cannot go on: %s\n", strerror(errno));
		return 125;
	}
	return 0;
}
