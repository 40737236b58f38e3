/* How an attack ends: one line that says what was seen, and a status. Whatever else happens is a broken test, never a result. */
#ifndef NSJOB_ATTACK_H
#define NSJOB_ATTACK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ATTACK_ESCAPED = 0, ATTACK_REFUSED = 1, ATTACK_NOT_HERE = 2, ATTACK_BROKEN = 99 };

static inline __attribute__((noreturn, format(printf, 2, 3))) void attack_end(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
	_exit(status);
}

/* It got what a job must not get. */
#define escaped(...) attack_end(ATTACK_ESCAPED, __VA_ARGS__)
/* It did not. */
#define refused(...) attack_end(ATTACK_REFUSED, __VA_ARGS__)
/* It cannot be tried here; the line says what is missing. */
#define not_here(...) attack_end(ATTACK_NOT_HERE, __VA_ARGS__)
/* The test is wrong. */
#define broken(...) attack_end(ATTACK_BROKEN, __VA_ARGS__)

static inline const char *errno_name(int number)
{
	const char *name = strerrorname_np(number);

	return name != NULL ? name : "an unknown errno";
}

/* For an attack that is one call: it worked, or errno says why not. */
static inline __attribute__((noreturn)) void judge(long result, const char *what)
{
	int number = errno;

	if (result >= 0)
		escaped("%s: done", what);
	refused("%s: %s", what, errno_name(number));
}

/* A step on the way that is refused is the attack refused. */
static inline long need(long result, const char *what)
{
	if (result < 0)
		refused("%s: %s", what, errno_name(errno));
	return result;
}

static inline const char *argument(int argc, char **argv, int index)
{
	if (index >= argc)
		broken("argument %d is missing", index);
	return argv[index];
}

static inline long number_argument(int argc, char **argv, int index)
{
	return strtol(argument(argc, argv, index), NULL, 0);
}

/* The first bytes of a file, as a string; -1 and errno. */
static inline ssize_t read_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;
	int number;

	if (fd < 0)
		return -1;
	length = read(fd, buffer, size - 1);
	number = errno;
	(void)close(fd);
	errno = number;
	if (length >= 0)
		buffer[length] = '\0';
	return length;
}

/* A child that waits until it is killed or its parent is gone. */
static inline pid_t idle_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		broken("fork: %s", errno_name(errno));
	while (pid == 0)
		(void)pause();
	return pid;
}

#endif
