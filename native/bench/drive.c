/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive PLAN per-job|resident HELPER DIRECTORY: the helper itself, told by C what Java tells it: the same connection, the same
 * frames, but a plan that is there as bytes and events that nobody parses. What Java takes above it is Java's share.
 */
#include "drive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_HEADER 5u
#define FRAME_PLAN 1
#define FRAME_EXITED 68
#define FRAME_USAGE 69
#define FRAME_ERROR 70

static bool read_frame(struct drive *drive)
{
	size_t size;

	if (recv(drive->connection, drive->frame, FRAME_HEADER, MSG_WAITALL) != (ssize_t)FRAME_HEADER)
		return false;
	size = (size_t)drive->frame[0] << 24 | (size_t)drive->frame[1] << 16 | (size_t)drive->frame[2] << 8 | drive->frame[3];
	drive->type = drive->frame[4];
	if (size >= sizeof(drive->frame))
		return false;
	drive->frame[size] = '\0';
	return size == 0 || recv(drive->connection, drive->frame, size, MSG_WAITALL) == (ssize_t)size;
}

static bool send_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
		}
	}
	return true;
}

int drive_job(struct way *way, struct drive *drive)
{
	bool well = false;

	if (!send_all(drive->connection, drive->plan, drive->plan_size))
		return bench_refuse(way, "the helper does not take the plan");
	while (read_frame(drive)) {
		if (drive->type == FRAME_ERROR) {
			(void)dprintf(2, "bench-worker: %.300s\n", (char *)drive->frame);
			return bench_refuse(way, "the helper cannot make the sandbox");
		}
		if (drive->type == FRAME_EXITED)
			well = strstr((char *)drive->frame, "\"code\":0") != NULL;
		if (drive->type == FRAME_USAGE)
			return well ? 0 : bench_refuse(way, "the job did not end with 0");
	}
	return bench_refuse(way, "the helper ended in between");
}

int drive_listen(struct drive *drive, const char *directory, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%d", directory, (int)getpid());
	(void)unlink(address.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		return -1;
	(void)snprintf(drive->socket, sizeof(drive->socket), "NSJOB_SOCKET=%s", address.sun_path);
	return fd;
}

/* As Java: a socket, a process and a hello for each job. */
static int run_per_job(struct way *way)
{
	static char secret[] = "NSJOB_SECRET=0000000000000000000000000000000000000000000000000000000000000000";
	struct drive *drive = way->state;
	int listener = drive_listen(drive, way->arguments[3], SOCK_STREAM);
	char *const argv[] = {way->arguments[2], NULL};
	char *const environment[] = {drive->socket, secret, NULL};
	pid_t pid = listener < 0 ? -1 : vfork();
	int result;

	if (pid == 0) {
		(void)execve(argv[0], argv, environment);
		_exit(127);
	}
	if (pid < 0)
		return bench_refuse(way, "cannot start the helper");
	drive->connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	(void)unlink(strchr(drive->socket, '/'));
	(void)close(listener);
	result = read_frame(drive) ? drive_job(way, drive) : bench_refuse(way, "no hello");
	(void)close(drive->connection);
	(void)waitpid(pid, NULL, 0);
	return result;
}

static bool read_plan(struct drive *drive, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, drive->plan + FRAME_HEADER, sizeof(drive->plan) - FRAME_HEADER);

	(void)close(fd);
	if (size <= 0)
		return false;
	drive->plan[0] = 0;
	drive->plan[1] = (unsigned char)(size >> 16);
	drive->plan[2] = (unsigned char)(size >> 8);
	drive->plan[3] = (unsigned char)size;
	drive->plan[4] = FRAME_PLAN;
	drive->plan_size = FRAME_HEADER + (size_t)size;
	return true;
}

bool drive_make(struct way *way)
{
	struct drive *drive = calloc(1, sizeof(*drive));

	way->refused = "drive PLAN per-job|resident HELPER DIRECTORY";
	if (drive == NULL || way->arguments[3] == NULL || !read_plan(drive, way->arguments[0]))
		return false;
	way->state = drive;
	if (strcmp(way->arguments[1], "resident") == 0)
		return drive_open_resident(way, drive);
	way->run = run_per_job;
	return true;
}
