/* SPDX-License-Identifier: Apache-2.0 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "proc.h"
#include "sys.h"

const struct ns_info ns_table[NS_COUNT] = {
	[NS_USER] = {"user", "ns/user", NULL, CLONE_NEWUSER, false, false, 9},
	[NS_MNT] = {"mnt", "ns/mnt", NULL, CLONE_NEWNS, false, false, 3},
	[NS_PID] = {"pid", "ns/pid", "ns/pid_for_children", CLONE_NEWPID, true, false, 5},
	[NS_NET] = {"net", "ns/net", NULL, CLONE_NEWNET, false, false, 4},
	[NS_IPC] = {"ipc", "ns/ipc", NULL, CLONE_NEWIPC, false, false, 2},
	[NS_UTS] = {"uts", "ns/uts", NULL, CLONE_NEWUTS, false, false, 10},
	[NS_CGROUP] = {"cgroup", "ns/cgroup", NULL, CLONE_NEWCGROUP, false, true, 1},
	[NS_TIME] = {"time", "ns/time", "ns/time_for_children", CLONE_NEWTIME, true, true, 7},
};

int ns_identities(int process_dir, struct ns_identity ret_identities[NS_COUNT], struct error *err)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		struct stat status;

		/* Following the magic link needs ptrace rights over the process: it must still be dumpable. */
		if (fstatat(process_dir, ns_table[kind].proc, &status, 0) < 0) {
			if (errno == ENOENT && (kind == NS_TIME || kind == NS_CGROUP)) {
				/* Kernel without that kind: nobody can have a new one, all share "none". */
				ret_identities[kind] = (struct ns_identity){0, 0};
				continue;
			}
			return error_set(err, "stat", errno, ns_table[kind].proc, "cannot read a namespace's identity");
		}
		ret_identities[kind] = (struct ns_identity){status.st_ino, status.st_dev};
	}
	return 0;
}

int ns_identities_by_pidfd(int pidfd, struct ns_identity ret_identities[NS_COUNT])
{
	int fds[NS_COUNT];
	int count = 0;
	bool complete = true;

	while (complete && count < NS_COUNT) {
		struct stat status = {0};

		fds[count] = ioctl(pidfd, SYS_PIDFD_NAMESPACE(ns_table[count].pidfd_number), 0);
		if (fds[count] < 0) {
			complete = false;
			break;
		}
		complete = fstat(fds[count], &status) == 0;
		ret_identities[count++] = (struct ns_identity){status.st_ino, status.st_dev};
	}
	fd_close_many(fds, (size_t)count);
	return complete ? 0 : -1;
}

int ns_identities_of_children(int process_dir, const struct plan *plan, struct ns_identity identities[NS_COUNT],
			      struct error *err)
{
	if (!plan->in_place.wanted || plan->in_place.fork)
		return 0;
	for (int kind = 0; kind < NS_COUNT; kind++) {
		struct stat status = {0};

		if (!ns_table[kind].child_only || plan->namespaces[kind].mode == NS_MODE_INHERIT)
			continue;
		if (fstatat(process_dir, ns_table[kind].proc_for_children, &status, 0) < 0 &&
		    (errno != ENOENT || plan->namespaces[kind].mode != NS_MODE_NEW))
			return error_set(err, "stat", errno, ns_table[kind].proc_for_children, "cannot read a namespace's identity");
		identities[kind] = (struct ns_identity){status.st_ino, status.st_dev};
	}
	return 0;
}

int ns_open_process(const struct ns_request *request, const char *path, struct error *err)
{
	_cleanup_close_ int pidfd = sys_pidfd_open(request->pid);
	_cleanup_close_ int process_dir = -1;
	struct proc_stat stat;

	if (pidfd < 0)
		return error_set(err, "pidfd_open", errno, path, "no such process to join");
	process_dir = proc_open(request->pid, pidfd, err);
	if (process_dir < 0)
		return -1;
	if (proc_read_stat(process_dir, &stat, err) < 0)
		return -1;
	if (stat.start_time != request->start_time)
		return error_set(err, "", ESRCH, path, "the process to join is gone, its pid belongs to another");
	return fd_take(&process_dir);
}

static int open_by_pid(enum ns_kind kind, const struct ns_request *request, int *ret_fd, struct error *err)
{
	_cleanup_close_ int process_dir = -1;
	_cleanup_close_ int fd = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)request->pid, ns_table[kind].proc);
	process_dir = ns_open_process(request, path, err);
	if (process_dir < 0)
		return -1;
	fd = openat(process_dir, ns_table[kind].proc, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "open", errno, path, "cannot open the namespace to join");
	*ret_fd = fd_take(&fd);
	return 0;
}

static int open_one(enum ns_kind kind, const struct ns_request *request, int *ret_fd, struct error *err)
{
	_cleanup_close_ int fd = -1;
	int flag;

	if (request->path == NULL) {
		if (open_by_pid(kind, request, &fd, err) < 0)
			return -1;
	} else {
		/* O_NONBLOCK: a FIFO given as the path must not hang us. */
		fd = open(request->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return error_set(err, "open", errno, request->path, "cannot open the namespace to join");
	}
	flag = ioctl(fd, NS_GET_NSTYPE);
	if (flag < 0)
		return error_set(err, "ioctl", errno, request->path != NULL ? request->path : ns_table[kind].name,
				 "not a namespace file");
	if (flag != ns_table[kind].flag) {
		const char *found = "unknown";

		for (int other = 0; other < NS_COUNT; other++) {
			if (ns_table[other].flag == flag)
				found = ns_table[other].name;
		}
		return error_set(err, "", EINVAL, request->path != NULL ? request->path : ns_table[kind].name,
				 "a namespace of kind %s, not %s", found, ns_table[kind].name);
	}
	*ret_fd = fd_take(&fd);
	return 0;
}

int ns_open_joined(const struct plan *plan, int ret_fds[NS_COUNT], struct ns_identity ret_targets[NS_COUNT],
		   struct error *err)
{
	struct ns_identity own[NS_COUNT];
	_cleanup_close_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return error_set(err, "open", errno, "/proc/self", "/proc is needed");
	if (ns_identities(self, own, err) < 0)
		return -1;
	for (int kind = 0; kind < NS_COUNT; kind++) {
		struct stat status;

		if (!ns_entered(&plan->namespaces[kind]))
			continue;
		if (open_one((enum ns_kind)kind, &plan->namespaces[kind], &ret_fds[kind], err) < 0)
			return -1;
		if (fstat(ret_fds[kind], &status) < 0)
			return error_set(err, "fstat", errno, ns_table[kind].name, "cannot identify the namespace");
		ret_targets[kind] = (struct ns_identity){status.st_ino, status.st_dev};
		if (status.st_ino == own[kind].inode && status.st_dev == own[kind].device)
			fd_close(&ret_fds[kind]);
	}
	return 0;
}

/*
 * Two passes around the user namespace. A namespace can be entered with CAP_SYS_ADMIN over its owner: a root caller may
 * have that from outside and lose it by entering the user namespace first; an unprivileged caller gets it only there. So
 * everything is tried before, what was refused is tried again after, and then a refusal is final. (setns(2), and what
 * nsenter(1) does.) pid and time take effect in the children: init is born after this.
 */
int ns_join(const int fds[NS_COUNT], struct error *err)
{
	bool joined[NS_COUNT] = {false};

	for (int pass = 0; pass < 2; pass++) {
		for (int kind = NS_MNT; kind < NS_COUNT; kind++) {
			if (fds[kind] < 0 || joined[kind])
				continue;
			if (setns(fds[kind], ns_table[kind].flag) == 0)
				joined[kind] = true;
			else if (errno != EPERM || pass == 1 || fds[NS_USER] < 0)
				return error_set(err, "setns", errno, ns_table[kind].name, "cannot join the namespace");
		}
		if (pass == 0 && fds[NS_USER] >= 0 && setns(fds[NS_USER], CLONE_NEWUSER) < 0)
			return error_set(err, "setns", errno, "user", "cannot join the namespace");
	}
	return 0;
}

bool ns_any_entered(const struct plan *plan)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		if (ns_entered(&plan->namespaces[kind]))
			return true;
	}
	return false;
}

uint64_t ns_clone_flags(const struct plan *plan)
{
	uint64_t flags = 0;

	for (int kind = 0; kind < NS_COUNT; kind++) {
		if (plan->namespaces[kind].mode == NS_MODE_NEW && !ns_table[kind].made_by_init)
			flags |= (uint64_t)ns_table[kind].flag;
	}
	return flags;
}

void ns_new_names(const struct plan *plan, char *buffer, size_t size)
{
	size_t length = 0;

	buffer[0] = '\0';
	for (int kind = 0; kind < NS_COUNT; kind++) {
		int written;

		if (plan->namespaces[kind].mode != NS_MODE_NEW || ns_table[kind].made_by_init)
			continue;
		written = snprintf(buffer + length, size - length, "%s%s", length > 0 ? "," : "", ns_table[kind].name);
		if (written < 0 || (size_t)written >= size - length)
			return;
		length += (size_t)written;
	}
}
