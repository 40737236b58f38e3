/* What several of the test jobs need: strict numbers from argv, and JSON strings. */
#ifndef NSJOB_TEST_JOB_H
#define NSJOB_TEST_JOB_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The jobs say 99 when the test that runs them is wrong, so that it is never taken for an answer. */
enum { JOB_MISUSED = 99 };

static inline _Noreturn void job_misused(const char *usage)
{
	fprintf(stderr, "usage: %s\n", usage);
	exit(JOB_MISUSED);
}

static inline int job_number(const char *text, int least, int most, const char *usage)
{
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
		job_misused(usage);
	return (int)value;
}

/* Bytes above 127 go out as they are: the reader decides whether they are the UTF-8 that it sent. */
static inline void job_json_string(const char *text)
{
	if (text == NULL) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

#endif
