/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error *error_scratch(void)
{
	static struct error scratch;

	return &scratch;
}

static void copy_text(char *target, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(target, text, length);
	target[length] = '\0';
}

void error_fill(struct error *err, const char *syscall, int errnum, const char *subject, const char *format, ...)
{
	int saved = errno;
	va_list arguments;

	err->stage = stage_current();
	err->errnum = errnum;
	copy_text(err->syscall, sizeof(err->syscall), syscall);
	copy_text(err->subject, sizeof(err->subject), subject);
	err->hint[0] = '\0';
	va_start(arguments, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, arguments);
	va_end(arguments);
	errno = saved;
}

void error_hint(struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(err->hint, sizeof(err->hint), format, arguments);
	va_end(arguments);
}
