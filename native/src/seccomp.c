/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base64.h"
#include "error.h"
#include "plan.h"
#include "plan_memory.h"

int seccomp_decode(const char *text, struct sock_filter **ret_code, size_t *ret_count)
{
	_cleanup_plan_free_ struct sock_filter *code = plan_malloc(strlen(text) + 1);
	size_t size;

	if (code == NULL)
		return -2;
	if (!base64_decode(text, (unsigned char *)code, &size) || size == 0 || size % sizeof(*code) != 0 ||
	    size / sizeof(*code) > LIMIT_FILTER)
		return -1;
	*ret_code = code;
	*ret_count = size / sizeof(*code);
	code = NULL;
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
