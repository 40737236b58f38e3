/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eight kinds of namespace: one table, identities as the kernel shows them, opening and joining.
 * Runs in: supervisor (open, identities), joiner (join).
 */
#ifndef NSJOB_NS_H
#define NSJOB_NS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct plan;

enum ns_kind { NS_USER, NS_MNT, NS_PID, NS_NET, NS_IPC, NS_UTS, NS_CGROUP, NS_TIME, NS_COUNT };

enum ns_mode { NS_MODE_INHERIT, NS_MODE_NEW, NS_MODE_JOIN };

struct ns_info {
	const char *name;     /* as in /proc/PID/ns and on the wire */
	const char *proc;     /* below /proc/PID */
	const char *proc_for_children; /* of child_only kinds: where the children will be */
	int flag;             /* CLONE_NEW* */
	/*
	 * pid and time: unshare(2) and setns(2) do not move the caller, only children born afterwards. That is why
	 * the job is always a child of the process that made or joined them.
	 */
	bool child_only;
	/*
	 * Made by init with unshare(2), not in clone3: a cgroup namespace is rooted where its maker is, so it comes
	 * after entering the job's cgroups; a time namespace's offsets are fixed at its first process, so clone3 would
	 * leave nobody to write them.
	 */
	bool made_by_init;
	unsigned int pidfd_number; /* for SYS_PIDFD_NAMESPACE() */
};

extern const struct ns_info ns_table[NS_COUNT];

struct ns_request {
	enum ns_mode mode;
	const char *path;     /* join: a namespace file, or NULL */
	pid_t pid;            /* join: a process, when path is NULL; new: the one whose mounts are copied, or 0 */
	uint64_t start_time;  /* field 22 of its /proc/PID/stat */
};

struct ns_identity {
	uint64_t inode;
	uint64_t device;
};

/* Identities of all kinds of the process whose /proc directory is open. */
int ns_identities(int process_dir, struct ns_identity ret_identities[NS_COUNT], struct error *err);

/*
 * The same of a pidfd's process, without a look at /proc, which makes three objects for each kind: 0, or -1 where the kernel is
 * older than Linux 6.11 or refuses. It asks for the same rights over the process.
 */
int ns_identities_by_pidfd(int pidfd, struct ns_identity ret_identities[NS_COUNT]);

/*
 * Where a plan is in place without a fork: of the kinds into which unshare(2) and setns(2) move children only, what these will be
 * in. Of a new pid namespace nothing can be told before its first process: its inode is 0.
 */
int ns_identities_of_children(int process_dir, const struct plan *plan, struct ns_identity identities[NS_COUNT],
			      struct error *err);

/*
 * Opens every namespace the plan enters, by path or through a pidfd, checks its kind with NS_GET_NSTYPE. Kinds not
 * joined, and those the caller is in already, get -1: entering one's own user namespace is EINVAL, setns(2).
 */
int ns_open_joined(const struct plan *plan, int ret_fds[NS_COUNT], struct ns_identity ret_targets[NS_COUNT],
		   struct error *err);

/*
 * Opens /proc/PID of exactly the process meant: the pidfd pins it, the start time tells it from a recycled pid. The path is
 * for the error.
 */
int ns_open_process(const struct ns_request *request, const char *path, struct error *err);

/* setns into all open fds, in an order that works: see ns.c. */
int ns_join(const int fds[NS_COUNT], struct error *err);

/* Whether this kind of another process is entered, to stay in or to copy. */
static inline bool ns_entered(const struct ns_request *request)
{
	return request->mode == NS_MODE_JOIN || request->pid > 0;
}

bool ns_any_entered(const struct plan *plan);
/* CLONE_NEW* flags of the kinds that clone makes. */
uint64_t ns_clone_flags(const struct plan *plan);
/* "user,mnt": kinds asked for as new; for error subjects. */
void ns_new_names(const struct plan *plan, char *buffer, size_t size);

#endif
