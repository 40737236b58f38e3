/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"

static void tool_process(char *const argv[], int errors)
{
	static char *const no_environment[] = {NULL};

	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* 0 and 1 are the job's, not the tool's. */
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 || dup2(errors, 2) < 0)
		_exit(126);
	(void)execve(argv[0], argv, no_environment);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Keeps the first line, drains the rest so that the tool never blocks on a full pipe. */
static void read_first_line(int fd, char *output, size_t size)
{
	size_t length = 0;
	char chunk[256];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR)) {
		size_t room = size - 1 - length;
		size_t kept = got > 0 ? ((size_t)got < room ? (size_t)got : room) : 0;

		memcpy(output + length, chunk, kept);
		length += kept;
	}
	output[length] = '\0';
	output[strcspn(output, "\n")] = '\0';
}

int run_tool(char *const argv[], int *ret_status, char *output, size_t size, struct error *err)
{
	int ends[2];
	_cleanup_close_ int reader = -1;
	_cleanup_close_ int writer = -1;
	_cleanup_close_ int pidfd = -1;
	int status = 0;
	pid_t pid;

	output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, "pipe2", errno, argv[0], "cannot run the tool");
	reader = ends[0];
	writer = ends[1];
	pid = clone_process(0, &pidfd);
	if (pid < 0)
		return error_set(err, clone_call(), errno, argv[0], "cannot run the tool");
	if (pid == 0)
		tool_process(argv, writer);
	fd_close(&writer);
	read_first_line(reader, output, size);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, "waitpid", errno, argv[0], "cannot wait for the tool");
	}
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127))
		return error_set(err, "execve", WEXITSTATUS(status) == 127 ? ENOENT : EACCES, argv[0],
				 "cannot execute the tool");
	*ret_status = status;
	return 0;
}
