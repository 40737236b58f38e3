/* SPDX-License-Identifier: Apache-2.0 */
#include "mount.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "error.h"
#include "plan.h"

static int set_propagation(const struct mount_step *step, struct error *err)
{
	unsigned long flags = step->propagation | (step->recursive ? MS_REC : 0);

	if (step->propagation == 0)
		return 0;
	if (mount(NULL, step->target, NULL, flags, NULL) < 0)
		return error_set(err, "mount", errno, step->target, "cannot set the propagation of mounts");
	return 0;
}

static int mount_proc(const struct mount_step *step, struct error *err)
{
	struct statfs found;

	if (mount("proc", step->target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return error_set(err, "mount", errno, step->target, "cannot mount a fresh proc");
	if (statfs(step->target, &found) < 0)
		return error_set(err, "statfs", errno, step->target, "cannot check the fresh proc");
	if (found.f_type != PROC_SUPER_MAGIC)
		return error_set(err, "", EPROTO, step->target, "is not a proc after mounting one");
	return 0;
}

int mount_run(const struct plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct mount_step *step = &plan->mounts[i];
		int done = step->op == MOUNT_PROC ? mount_proc(step, err) : set_propagation(step, err);

		if (done < 0)
			return -1;
	}
	return 0;
}
