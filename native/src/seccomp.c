/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "plan.h"

/* The value of a base64 digit, RFC 4648 section 4, or -1. */
static int digit_value(char digit)
{
	static const char *const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = digit != '\0' ? strchr(digits, digit) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* One spelling for each sequence of bytes: full padding, unused bits zero, nothing between the digits. */
static int decode(const char *text, size_t digits, uint8_t *ret_bytes)
{
	uint32_t bits = 0;
	int pending = 0;

	for (size_t i = 0; i < digits; i++) {
		int value = digit_value(text[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		pending += 6;
		if (pending >= 8) {
			pending -= 8;
			*ret_bytes++ = (uint8_t)(bits >> pending);
			bits &= (1u << pending) - 1;
		}
	}
	return bits == 0 ? 0 : -1;
}

int seccomp_decode(const char *text, struct sock_filter **ret_code, size_t *ret_count)
{
	size_t length = strlen(text);
	size_t digits = length;
	size_t bytes, count;
	struct sock_filter *code;

	while (digits > 0 && length - digits < 2 && text[digits - 1] == '=')
		digits--;
	bytes = digits / 4 * 3 + (digits % 4 > 0 ? digits % 4 - 1 : 0);
	count = bytes / sizeof(*code);
	if (length % 4 != 0 || digits % 4 == 1 || bytes % sizeof(*code) != 0 || count == 0 || count > LIMIT_FILTER)
		return -1;
	code = calloc(count, sizeof(*code));
	if (code == NULL)
		return -2;
	if (decode(text, digits, (uint8_t *)code) < 0) {
		free(code);
		return -1;
	}
	*ret_code = code;
	*ret_count = count;
	return 0;
}

int seccomp_install(const struct plan *plan, struct error *err)
{
	unsigned int flags = plan->process.filter_log ? SECCOMP_FILTER_FLAG_LOG : 0;
	struct sock_fprog program = {.len = (unsigned short)plan->process.filter_count, .filter = plan->process.filter};
	char size[32];

	/* The kernel checks the program once more: every jump forward, a return at each end. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0)
		return 0;
	(void)snprintf(size, sizeof(size), "%zu instructions", plan->process.filter_count);
	return error_set(err, "seccomp", errno, size, "cannot install the system call filter");
}
