/* SPDX-License-Identifier: Apache-2.0 */
#include "nest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "idmap.h"
#include "plan.h"

static const char limit_file[] = "sys/user/max_user_namespaces";

int nest_limit(const struct plan *plan, int proc_dir, struct error *err)
{
	char text[16], shown[32];
	size_t length = (size_t)snprintf(text, sizeof(text), "%u", plan->max_user_namespaces);

	/* Whichever proc it is: the file is about the user namespace of who opens it. */
	if (fd_write_file(proc_dir, limit_file, text, length) < 0)
		return error_set(err, "write", errno, "max_user_namespaces", "cannot limit the job's user namespaces");
	if (fd_read_file(proc_dir, limit_file, shown, sizeof(shown)) < 0)
		return error_set(err, "read", errno, "max_user_namespaces", "cannot read the limit of user namespaces back");
	if (strncmp(shown, text, length) != 0 || shown[length] != '\n')
		return error_set(err, "", EPROTO, "max_user_namespaces", "is not what was written");
	return 0;
}

/* Only a process that has stayed in the parent may write it, user_namespaces(7); the supervisor is two levels up. */
static _Noreturn void map_main(const struct plan *plan, int process_dir, int go)
{
	const struct id_map *const maps[] = {&plan->gids, &plan->uids};
	static const char *const files[] = {"gid_map", "uid_map"};
	char word;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || read(go, &word, 1) != 1)
		_exit(EPIPE);
	for (int i = 0; i < 2; i++) {
		char *text = idmap_same(maps[i]);

		if (text == NULL)
			_exit(ENOMEM);
		if (maps[i]->count > 0 && fd_write_file(process_dir, files[i], text, strlen(text)) < 0)
			_exit(errno);
	}
	_exit(0);
}

static int write_maps_by(pid_t mapper, int go, struct error *err)
{
	int status;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return error_set(err, "unshare", errno, "user,mnt", "cannot create the second user namespace");
	if (write(go, "", 1) != 1)
		return error_set(err, "write", errno, "", "the process that maps ids is gone");
	while (waitpid(mapper, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, "waitpid", errno, "", "lost the process that maps ids");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(err, "write", WIFEXITED(status) ? WEXITSTATUS(status) : EINTR, "uid_map",
				 "cannot map the ids of the second user namespace");
	return 0;
}

int nest_lock_mounts(const struct plan *plan, int proc_dir, struct error *err)
{
	_cleanup_close_ int self = openat(proc_dir, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int pidfd = -1;
	int go[2], result;
	pid_t mapper;

	if (self < 0)
		return error_set(err, "open", errno, "/proc/self", "cannot reach our own id maps");
	if (pipe2(go, O_CLOEXEC) < 0)
		return error_set(err, "pipe2", errno, "", "cannot make a pipe");
	mapper = clone_process(0, &pidfd);
	if (mapper == 0) {
		(void)close(go[1]);
		map_main(plan, self, go[0]);
	}
	fd_close(&go[0]);
	result = mapper < 0 ? error_set(err, clone_call(), errno, "", "cannot create the process that maps ids")
			    : write_maps_by(mapper, go[1], err);
	fd_close(&go[1]);
	return result;
}

int nest_verify(int process_dir, bool *ret_second, struct error *err)
{
	_cleanup_close_ int own = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int inner = openat(process_dir, "ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int outer = inner < 0 ? -1 : ioctl(inner, NS_GET_PARENT);
	struct stat ours, parent;

	if (own < 0 || outer < 0 || fstat(own, &ours) < 0 || fstat(outer, &parent) < 0)
		return error_set(err, "ioctl", errno, "user", "cannot find the parent of the job's user namespace");
	*ret_second = ours.st_ino != parent.st_ino || ours.st_dev != parent.st_dev;
	return 0;
}
