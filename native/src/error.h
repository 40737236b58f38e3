/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error object: filled where the failure happens, carried unchanged over sync.h and the wire to the
 * Java exception. Functions that can fail return 0 or -1 and fill it; callers pass it on and never log.
 */
#ifndef NSJOB_ERROR_H
#define NSJOB_ERROR_H

#include "bounds.h"
#include "stage.h"

struct error {
	enum stage stage;
	int errnum;                /* 0 where no system call failed */
	char syscall[32];          /* empty where no system call failed */
	char subject[LIMIT_PATH];  /* path, id, field or kind it is about */
	char message[512];         /* English, no errno text: Java adds it */
	char hint[512];            /* what to do; filled by hint.c in the supervisor */
};

/*
 * One for those to whom a failure is no news, or not any more: written to by everybody. In memory that nobody touches until then,
 * as all such objects should be in what runs for each job: they are larger than a page, and a page on the stack is a fault.
 */
struct error *error_scratch(void);

/* Fills *err with the current stage; errno is left alone. */
void error_fill(struct error *err, const char *syscall, int errnum, const char *subject, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Failing is one statement: return error_set(err, "open", errno, path, "cannot ..."). A macro, so that every compiler sees the -1. */
#define error_set(...) (error_fill(__VA_ARGS__), -1)

void error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
