/* bomb KIND [ARGUMENT...]: takes all it can get of one thing. Each says "got N" and ends with 0 when it had as much as it was
 * told to take, or "refused at N: ERROR" and ends with 3 when the kernel said no. None takes more than it is told, or lives for
 * longer than a minute, whatever goes wrong in a test.
 *   memory MIB        anonymous memory
 *   shared MIB        anonymous memory shared with children
 *   memfd MIB         files in memory without a name
 *   pipes COUNT       pipes of a mebibyte, filled
 *   file PATH MIB     one file
 *   files DIR COUNT   empty files
 *   processes COUNT   children that sleep
 *   fork              children that do the same, for ever: ends by its alarm
 *   child MIB         a child takes anonymous memory; says how it ended, and ends with 0
 *   flood MIB         lines on standard output
 *   line              a line on standard output that never ends
 *   stop              stops itself
 *   fifo DIR          waits for somebody to open the other end of a pipe */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"

#define USAGE "bomb memory|shared|memfd|child|flood MIB | pipes|processes N | file PATH MIB | files DIR N | fork | line | stop | fifo DIR"
enum { LIFE_SECONDS = 60, MIB = 1 << 20, REFUSED = 3 };

static char page[MIB];

static int refused(int at)
{
	printf("refused at %d: %s\n", at, strerror(errno));
	return REFUSED;
}

static int map(int count, int flags)
{
	for (int i = 0; i < count; i++) {
		void *more = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
		if (more == MAP_FAILED)
			return refused(i);
		memset(more, 1, MIB);
	}
	printf("got %d\n", count);
	return 0;
}

static int fill(int fd, int count)
{
	for (int i = 0; i < count; i++) {
		ssize_t wrote = write(fd, page, MIB);
		if (wrote != MIB) {
			if (wrote >= 0)
				errno = ENOSPC;
			return refused(i);
		}
	}
	printf("got %d\n", count);
	return 0;
}

static int pipes(int count)
{
	for (int i = 0; i < count; i++) {
		int ends[2];
		if (pipe2(ends, O_NONBLOCK) < 0)
			return refused(i);
		(void)fcntl(ends[1], F_SETPIPE_SZ, MIB);
		while (write(ends[1], page, 65536) > 0)
			;
	}
	printf("got %d\n", count);
	return 0;
}

static int files(const char *directory, int count)
{
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%d", directory, i);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			return refused(i);
		close(fd);
	}
	printf("got %d\n", count);
	return 0;
}

static int children(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child < 0)
			return refused(i);
		if (child == 0) {
			alarm(LIFE_SECONDS);
			for (;;)
				pause();
		}
	}
	printf("got %d\n", count);
	return 0;
}

static _Noreturn void fork_bomb(void)
{
	for (;;) {
		if (fork() == 0)
			alarm(LIFE_SECONDS);
	}
}

static int child(int mib)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit(map(mib, MAP_PRIVATE));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	printf("child: %s %d\n", WIFSIGNALED(status) ? "signal" : "code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 0;
}

static int flood(long mib, char last)
{
	memset(page, 'x', MIB);
	for (int i = 79; i < MIB; i += 80)
		page[i] = last;
	for (long i = 0; i < mib; i++) {
		for (size_t at = 0; at < MIB;) {
			ssize_t wrote = write(1, page + at, MIB - at);
			if (wrote <= 0)
				return 1;
			at += (size_t)wrote;
		}
	}
	return 0;
}

static int fifo(const char *directory)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/fifo", directory);
	return mkfifo(path, 0600) < 0 || open(path, O_RDONLY) < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc >= 2 ? argv[1] : "";
	alarm(LIFE_SECONDS);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(kind, "fork") == 0)
		fork_bomb();
	if (argc == 2 && strcmp(kind, "line") == 0)
		return flood(1 << 20, 'x');
	if (argc == 2 && strcmp(kind, "stop") == 0)
		return raise(SIGSTOP);
	if (argc == 3 && strcmp(kind, "fifo") == 0)
		return fifo(argv[2]);
	int count = argc >= 3 ? job_number(argv[argc - 1], 1, 1000000, USAGE) : 0;
	if (argc == 4 && strcmp(kind, "file") == 0)
		return fill(open(argv[2], O_WRONLY | O_CREAT, 0600), count);
	if (argc == 4 && strcmp(kind, "files") == 0)
		return files(argv[2], count);
	if (argc == 3 && strcmp(kind, "memory") == 0)
		return map(count, MAP_PRIVATE);
	if (argc == 3 && strcmp(kind, "shared") == 0)
		return map(count, MAP_SHARED);
	if (argc == 3 && strcmp(kind, "memfd") == 0)
		return fill(memfd_create("bomb", 0), count);
	if (argc == 3 && strcmp(kind, "pipes") == 0)
		return pipes(count);
	if (argc == 3 && strcmp(kind, "processes") == 0)
		return children(count);
	if (argc == 3 && strcmp(kind, "child") == 0)
		return child(count);
	if (argc == 3 && strcmp(kind, "flood") == 0)
		return flood(count, '\n');
	job_misused(USAGE);
}
