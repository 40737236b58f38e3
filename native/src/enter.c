/* SPDX-License-Identifier: Apache-2.0 */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "chroot.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "ns.h"

static int open_directory(int process_dir, const char *name, int *ret_fd, struct error *err)
{
	*ret_fd = openat(process_dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd >= 0 ? 0 : error_set(err, "open", errno, name, "cannot open the directory of the process to join");
}

int enter_open(struct launch *launch, struct error *err)
{
	const struct plan *plan = &launch->plan;
	_cleanup_close_ int process_dir = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)plan->process.enter.pid);
	process_dir = ns_open_process(&plan->process.enter, path, err);
	if (process_dir < 0)
		return -1;
	if (plan->process.enter_root && open_directory(process_dir, "root", &launch->enter_root, err) < 0)
		return -1;
	return plan->process.enter_cwd ? open_directory(process_dir, "cwd", &launch->enter_cwd, err) : 0;
}

int enter_apply(struct launch *launch, struct error *err)
{
	if (launch->enter_root >= 0 && chroot_into(launch->enter_root, "root", err) < 0)
		return -1;
	/* Whether it is in that root is checked where the job enters its directory with its own ids. */
	if (launch->enter_cwd >= 0 && fchdir(launch->enter_cwd) < 0)
		return error_set(err, "fchdir", errno, "cwd", "cannot enter the working directory of the process to join");
	enter_close(launch);
	return 0;
}

void enter_close(struct launch *launch)
{
	fd_close(&launch->enter_root);
	fd_close(&launch->enter_cwd);
}
