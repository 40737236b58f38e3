/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "forward.h"

#define SECRET "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define WAIT_MILLIS 60000
#define MUCH (8u << 20)

static char directory[] = "/tmp/nsjob-forward-XXXXXX";
static char path[64];
static int server;
static int commands;
static pid_t relay;

static void start(const char *secret)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		tap_bail("pipe: %s", strerror(errno));
	relay = fork();
	if (relay == 0) {
		(void)alarm(2 * TAP_CHILD_SECONDS);
		(void)dup2(ends[0], STDIN_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)close(server);
		_exit(forward_main(path));
	}
	(void)close(ends[0]);
	commands = ends[1];
	if (write(commands, secret, strlen(secret)) < 0)
		tap_bail("write: %s", strerror(errno));
}

static void say(const char *line)
{
	if (write(commands, line, strlen(line)) != (ssize_t)strlen(line))
		tap_bail("write: %s", strerror(errno));
}

static bool readable(int fd, int millis)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	return poll(&one, 1, millis) == 1;
}

/* What the relay connects with: the descriptor, and the line behind the secret. */
static int greeting(char text[256])
{
	size_t filled = 0;
	int fd;

	if (!readable(server, WAIT_MILLIS))
		tap_bail("the relay does not connect");
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	while (filled < 256) {
		ssize_t length = read(fd, text + filled, 256 - filled);

		if (length <= 0)
			tap_bail("no greeting");
		filled += (size_t)length;
	}
	CHECK(strncmp(text, SECRET " ", 65) == 0 && text[255] == '\n', "it brings the secret");
	memmove(text, text + 65, 190);
	text[190] = '\0';
	for (size_t i = 189; i > 0 && text[i] == ' '; i--)
		text[i] = '\0';
	return fd;
}

static unsigned int listening(const char *line)
{
	char text[256];
	unsigned int port = 0;

	say(line);
	(void)close(greeting(text));
	(void)sscanf(text, "listening 0 0 127.0.0.1 %u - 0", &port);
	CHECK(port > 0, "it listens: %s", text);
	return port;
}

static int visit(unsigned int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The first of all connections finds no descriptor left, and no other is there to end. */
static void out_of_descriptors(void)
{
	struct rlimit before, none;
	unsigned int port;
	char text[256];
	int there, here;

	start(SECRET "\n");
	port = listening("listen 127.0.0.1 0 3\n");
	if (prlimit(relay, RLIMIT_NOFILE, NULL, &before) < 0)
		tap_bail("prlimit: %s", strerror(errno));
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	CHECK(prlimit(relay, RLIMIT_NOFILE, &none, NULL) == 0, "the relay is out of descriptors");
	there = visit(port);
	CHECK(there >= 0 && !readable(server, 300), "who comes now is not passed on");
	CHECK(prlimit(relay, RLIMIT_NOFILE, &before, NULL) == 0, "there are descriptors again");
	here = greeting(text);
	CHECK(strncmp(text, "accepted 0 0 ", 13) == 0, "and it is: %s", text);
	(void)close(here);
	(void)close(there);
	(void)close(commands);
	(void)close(greeting(text));
	CHECK_NUMBER(tap_wait(relay), 0, "it ends");
}

static void one_way(int from, int to, const char *text, const char *name)
{
	char got[64] = "";

	CHECK(write(from, text, strlen(text)) == (ssize_t)strlen(text) && readable(to, WAIT_MILLIS) &&
		      read(to, got, sizeof(got) - 1) == (ssize_t)strlen(text) && strcmp(got, text) == 0, "%s", name);
}

static bool ended(int fd)
{
	char byte;

	return readable(fd, WAIT_MILLIS) && read(fd, &byte, 1) <= 0;
}

static void a_conversation(void)
{
	char text[256], expected[256];
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	unsigned int port = listening("listen 127.0.0.1 0 1\n");
	int near = visit(port), far = greeting(text);
	int second = visit(port), third;

	(void)getsockname(near, (struct sockaddr *)&own, &size);
	(void)snprintf(expected, sizeof(expected), "accepted 0 0 127.0.0.1 %u 127.0.0.1 %u", port, ntohs(own.sin_port));
	CHECK_TEXT(text, expected, "who has come");
	one_way(near, far, "ping", "to the caller");
	one_way(far, near, "pong", "from the caller");
	CHECK(!readable(server, 200), "the next one waits until there is room for it");
	say("accept\n");
	third = greeting(text);
	one_way(third, second, "hello", "the next one");
	(void)shutdown(far, SHUT_WR);
	CHECK(ended(near), "a half-close is passed on");
	one_way(near, far, "still", "the other direction goes on");
	(void)close(near);
	CHECK(ended(far), "and ends");
	(void)close(far);
	(void)close(third);
	CHECK(ended(second), "a close is passed on, too");
	(void)close(second);
	say("close\n");
	(void)close(greeting(text));
	CHECK(strncmp(text, "closed 0 0", 10) == 0 && visit(port) < 0, "nobody listens any more");
}

/* Who does not read makes the other side wait, not the relay grow; and all of it arrives. */
static void a_flood(int from, int to)
{
	static char block[65536];
	size_t sent = 0, got = 0;
	ssize_t moved;

	(void)fcntl(from, F_SETFL, O_NONBLOCK);
	while (sent < MUCH && (moved = write(from, block, sizeof(block))) > 0) {
		sent += (size_t)moved;
		(void)usleep(100);
	}
	(void)usleep(100000);
	while (sent < 8 * MUCH && (moved = write(from, block, sizeof(block))) > 0)
		sent += (size_t)moved;
	CHECK(sent > 0 && sent < 8 * MUCH, "the writer had to wait, after %zu bytes", sent);
	while (got < sent && readable(to, WAIT_MILLIS) && (moved = read(to, block, sizeof(block))) > 0)
		got += (size_t)moved;
	CHECK_NUMBER(got, sent, "all that was sent has arrived");
}

static void connections_of_its_own(void)
{
	int here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	char text[256], line[64];
	int far, near;

	if (bind(here, (const struct sockaddr *)&address, size) < 0 || listen(here, 8) < 0 ||
	    getsockname(here, (struct sockaddr *)&address, &size) < 0)
		tap_bail("cannot listen here: %s", strerror(errno));
	(void)snprintf(line, sizeof(line), "connect 7 127.0.0.1 %u\n", ntohs(address.sin_port));
	say(line);
	far = greeting(text);
	near = accept4(here, NULL, NULL, SOCK_CLOEXEC);
	CHECK(strncmp(text, "connected 7 0 127.0.0.1 ", 24) == 0, "it says which one: %s", text);
	a_flood(near, far);
	a_flood(far, near);
	(void)close(here);
	say(line);
	(void)close(greeting(text));
	CHECK(strncmp(text, "connected 7 111 ", 16) == 0, "a refusal is told: %s", text);
	(void)close(commands);
	(void)fcntl(near, F_SETFL, 0);
	one_way(far, near, "after", "the end of commands is not the end of connections");
	(void)close(far);
	CHECK(ended(near), "the last one");
	CHECK_NUMBER(tap_wait(relay), 0, "the relay ends with it");
	(void)close(near);
}

static void nonsense(const char *line)
{
	start(SECRET "\n");
	say(line);
	(void)close(commands);
	CHECK_NUMBER(tap_wait(relay), 125, line);
}

int main(void)
{
	static const char *const lines[] = {"hello\n", "listen 127.0.0.1 0\n", "listen 127.0.0.1 0 0\n", "listen localhost 0 1\n",
					    "listen 127.0.0.1 65536 1\n", "listen 127.0.0.1 0 1 \n", "connect 1 127.0.0.1 0\n",
					    "connect -1 127.0.0.1 1 1\n", "accept\n", "close\n", "connect 1 127.0.0.1 1"};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[256];

	if (mkdtemp(directory) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	memcpy(address.sun_path, path, strlen(path) + 1);
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(server, 16) < 0)
		tap_bail("bind: %s", strerror(errno));
	start(SECRET "\n");
	a_conversation();
	say("listen 192.0.2.1 1 1\n");
	(void)close(greeting(text));
	CHECK(strncmp(text, "listening 0 99 - 0", 18) == 0, "an address that is not here: %s", text);
	connections_of_its_own();
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		nonsense(lines[i]);
	out_of_descriptors();
	start("0123\n");
	CHECK_NUMBER(tap_wait(relay), 125, "a secret that is too short");
	(void)unlink(path);
	(void)rmdir(directory);
	return tap_done();
}
