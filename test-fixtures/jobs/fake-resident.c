/* fake-resident --resident: a helper that stays and that breaks as the name says by which it was started: mute, wrong-secret,
 * garbage-hello, garbage-frames, silent, half-frame, dies-once (and then is the program `real` beside it). */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "job.h"

#define USAGE "fake-resident --resident"

enum { SECRET = 64, DESCRIPTORS = 4, KILL = 2 };

struct message {
	unsigned int type;
	unsigned int reserved;
	unsigned long long number;
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (path == NULL || strlen(path) >= sizeof(address.sun_path))
		job_misused(USAGE);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("connect");
		exit(JOB_MISUSED);
	}
	return fd;
}

static void say_hello(int fd, const char *secret)
{
	char text[256];
	int length = snprintf(text, sizeof(text), "{\"protocol\":1,\"version\":\"0\",\"secret\":\"%s\",\"pid\":%d,\"features\":[]}", secret,
			      (int)getpid());

	(void)send(fd, text, (size_t)length, 0);
}

/* Waits for a message; the connection of a job that is to start, or -1 for another message. */
static int receive(int fd, struct message *message)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS)];
		struct cmsghdr align;
	} control;
	struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	int fds[DESCRIPTORS] = {-1, -1, -1, -1};

	if (recvmsg(fd, &header, MSG_CMSG_CLOEXEC) != sizeof(*message))
		exit(0);
	if (CMSG_FIRSTHDR(&header) == NULL)
		return -1;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(fds));
	for (int i = 1; i < DESCRIPTORS; i++)
		close(fds[i]);
	return fds[0];
}

/* One job after another; each is answered badly, and let go of when it is to be killed. */
static void serve(int fd, const char *answer, size_t length)
{
	int job = -1;

	for (;;) {
		struct message message;
		int next = receive(fd, &message);

		if (message.type == KILL) {
			close(job);
			job = -1;
		} else if (next >= 0) {
			close(job);
			job = next;
			(void)send(job, answer, length, MSG_NOSIGNAL);
		}
	}
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') == NULL ? argv[0] : strrchr(argv[0], '/') + 1;
	char secret[SECRET + 2] = {0};
	struct message message;

	if (argc != 2 || strcmp(argv[1], "--resident") != 0)
		job_misused(USAGE);
	if (strcmp(name, "dies-once") == 0 && (chdir(dirname(strdup(argv[0]))) < 0 || mkdir("died", 0700) < 0)) {
		execl("./real", "real", argv[1], (char *)NULL);
		perror("real");
		return JOB_MISUSED;
	}
	int fd = connect_to(getenv("NSJOB_SOCKET"));

	if (read(0, secret, sizeof(secret) - 1) != SECRET + 1)
		job_misused(USAGE);
	secret[SECRET] = '\0';
	if (strcmp(name, "wrong-secret") == 0)
		memset(secret, '0', SECRET);
	if (strcmp(name, "garbage-hello") == 0)
		(void)send(fd, "HTTP/1.1 200 OK", 15, 0);
	else if (strcmp(name, "mute") != 0)
		say_hello(fd, secret);
	if (strcmp(name, "garbage-frames") == 0)
		serve(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
	if (strcmp(name, "half-frame") == 0) {
		int job = receive(fd, &message);

		char plan[1 << 16];

		/* What is not read would be told before what is said. */
		(void)recv(job, plan, sizeof(plan), 0);
		/* A frame that says it is longer, and the end. */
		(void)send(job, "\0\0\1\0\102{", 6, MSG_NOSIGNAL);
		close(job);
	}
	if (strcmp(name, "dies-once") == 0) {
		(void)receive(fd, &message);
		return 0;
	}
	if (strcmp(name, "silent") == 0)
		serve(fd, "", 0);
	while (read(0, secret, 1) > 0)
		continue;
	return 0;
}
