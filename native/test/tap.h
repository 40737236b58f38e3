/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small TAP producer for the unit tests: https://testanything.org. One result a line on standard output, the plan at
 * the end, so that a test that dies on the way has none; run.sh counts.
 */
#ifndef NSJOB_TAP_H
#define NSJOB_TAP_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A forked child of a test that hangs is ended by the kernel after this many seconds. */
#define TAP_CHILD_SECONDS 300u

static int tap_number;
static int tap_failures;

/* One write a line: nothing is left in a buffer that a forked child could print again. */
__attribute__((format(printf, 1, 2))) static inline void tap_print(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length > sizeof(line) - 2)
		length = (int)sizeof(line) - 2;
	/* A line is a line, and # begins a directive only where we put one. */
	for (int i = 0; i < length; i++) {
		if (line[i] == '\n')
			line[i] = ' ';
	}
	line[length] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)length + 1) < 0)
		_exit(99); /* nobody listens: run.sh misses the plan */
}

__attribute__((format(printf, 4, 5))) static inline bool tap_check(bool passed, const char *file, int line,
								   const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '#')
			*c = '.';
	}
	tap_number++;
	tap_print("%s %d - %s", passed ? "ok" : "not ok", tap_number, text);
	if (!passed) {
		tap_failures++;
		tap_print("# at %s:%d", file, line);
	}
	return passed;
}

static inline bool tap_same_number(long long got, long long expected, const char *file, int line, const char *text)
{
	bool same = tap_check(got == expected, file, line, "%s", text);

	if (!same)
		tap_print("# got %lld, expected %lld", got, expected);
	return same;
}

static inline bool tap_same_text(const char *got, const char *expected, const char *file, int line, const char *text)
{
	bool same = tap_check(got != NULL && strcmp(got, expected) == 0, file, line, "%s", text);

	if (!same)
		tap_print("# got \"%s\", expected \"%s\"", got != NULL ? got : "(null)", expected);
	return same;
}

#define CHECK(condition, ...) tap_check((condition), __FILE__, __LINE__, __VA_ARGS__)
#define CHECK_NUMBER(got, expected, text) \
	tap_same_number((long long)(got), (long long)(expected), __FILE__, __LINE__, (text))
#define CHECK_TEXT(got, expected, text) tap_same_text((got), (expected), __FILE__, __LINE__, (text))

/* A test that this machine or this user cannot run; always with the reason. */
__attribute__((format(printf, 2, 3))) static inline void tap_skip(const char *text, const char *reason, ...)
{
	char why[256];
	va_list arguments;

	va_start(arguments, reason);
	(void)vsnprintf(why, sizeof(why), reason, arguments);
	va_end(arguments);
	tap_number++;
	tap_print("ok %d - %s # SKIP %s", tap_number, text, why);
}

/* The test itself cannot go on: no plan, run.sh counts it as a failure. */
__attribute__((format(printf, 1, 2), noreturn)) static inline void tap_bail(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tap_print("Bail out! %s", text);
	exit(99);
}

/* The last line of main(). */
static inline int tap_done(void)
{
	tap_print("1..%d", tap_number);
	return tap_failures == 0 ? 0 : 1;
}

static inline int tap_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			tap_bail("waitpid: %s", strerror(errno));
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Runs body in a forked child, for what spoils a process: closed descriptors, filters, namespaces. Returns what body
 * returned (0-127), or 128 + the signal that ended it. The child must not report results of its own.
 */
static inline int tap_child(int (*body)(void *argument), void *argument)
{
	pid_t pid = fork();

	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0) {
		(void)alarm(TAP_CHILD_SECONDS);
		_exit(body(argument));
	}
	return tap_wait(pid);
}

#endif
