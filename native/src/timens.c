/* SPDX-License-Identifier: Apache-2.0 */
#include "timens.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "sys.h"

/*
 * unshare(CLONE_NEWTIME) leaves the caller where it is and puts its future children into the new namespace, whose
 * offsets can be written until the first of them is born. Init stays on the host's clocks, which is what its own
 * waiting wants anyway.
 */
int timens_create(const struct plan *plan, struct error *err)
{
	char text[128];
	int length;

	if (unshare(CLONE_NEWTIME) < 0)
		return error_set(err, "unshare", errno, "time", "cannot create a time namespace");
	if (!plan->has_offsets)
		return 0;
	length = snprintf(text, sizeof(text),
			  "monotonic %" PRId64 " %" PRId64 "\nboottime %" PRId64 " %" PRId64 "\n",
			  plan->monotonic.seconds, plan->monotonic.nanos, plan->boottime.seconds, plan->boottime.nanos);
	if (fd_write_file(AT_FDCWD, "/proc/self/timens_offsets", text, (size_t)length) < 0)
		return error_set(err, "write", errno, "/proc/self/timens_offsets", "cannot set the clock offsets");
	return 0;
}
