/* SPDX-License-Identifier: Apache-2.0 */
#include "hint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "plan.h"

/* -1 where the kernel has no such sysctl. */
static int read_sysctl(const char *path)
{
	char text[32];

	return fd_read_file(AT_FDCWD, path, text, sizeof(text)) > 0 ? atoi(text) : -1;
}

/* The first kind the plan makes whose limit is 0 here; with other limits used up, the first kind of all. */
static const char *find_exhausted(const struct plan *plan)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		char path[64];

		if (plan == NULL || plan->namespaces[kind].mode != NS_MODE_NEW)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", ns_table[kind].name);
		if (read_sysctl(path) == 0)
			return ns_table[kind].name;
	}
	return NULL;
}

void hint_gather(const struct plan *plan, struct hint_facts *ret_facts)
{
	*ret_facts = (struct hint_facts){
		.euid = geteuid(),
		.unprivileged_userns_clone = read_sysctl("/proc/sys/kernel/unprivileged_userns_clone"),
		.apparmor_restricts_userns = read_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
		.seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0),
		.exhausted = find_exhausted(plan),
		.has_plan = plan != NULL,
		.new_user = plan != NULL && plan->namespaces[NS_USER].mode == NS_MODE_NEW,
		.new_root = plan != NULL && plan->new_root,
		.chroot = plan != NULL && plan->process.chroot != NULL,
	};
}

/* A new namespace was refused: the four ways in which systems switch them off, told apart. */
static void hint_refused_namespace(struct error *err, const struct hint_facts *facts)
{
	if (facts->euid != 0 && facts->unprivileged_userns_clone == 0)
		error_hint(err, "user namespaces are off for users here; root can allow them: "
				"sysctl -w kernel.unprivileged_userns_clone=1");
	else if (facts->euid != 0 && facts->new_user && facts->apparmor_restricts_userns == 1)
		error_hint(err, "AppArmor restricts user namespaces of users here; root can allow nsjob-helper by an AppArmor "
				"profile with 'userns,' or all programs: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
	else if (facts->euid != 0 && facts->has_plan && !facts->new_user)
		error_hint(err, "without root these namespaces need a user namespace of the job's own: add -U, or -r to be root inside");
	else if (facts->seccomp == 2)
		error_hint(err, "a seccomp filter around this process (a container's default profile?) forbids it; run the outer "
				"container with a profile that allows clone, unshare, setns and mount");
	else if (facts->euid == 0)
		error_hint(err, "root without CAP_SYS_ADMIN, as in a container: give the outer container that capability, or run as "
				"a user with user namespaces");
	else
		error_hint(err, "a chroot around this process forbids user namespaces, or a security module does: see dmesg");
}

static void hint_no_space(struct error *err, const struct hint_facts *facts)
{
	if (facts->exhausted != NULL)
		error_hint(err, "namespaces of this kind are switched off: user.max_%s_namespaces is 0; root can raise it: "
				"sysctl -w user.max_%s_namespaces=10000",
			   facts->exhausted, facts->exhausted);
	else
		error_hint(err, "a limit user.max_*_namespaces is used up here or in a parent user namespace; compare "
				"`sysctl -a --pattern user.max` with the namespaces in use (lsns)");
}

static void hint_clone(struct error *err, const struct hint_facts *facts)
{
	if (err->errnum == EPERM || err->errnum == EACCES)
		hint_refused_namespace(err, facts);
	else if (err->errnum == ENOSPC)
		hint_no_space(err, facts);
	else if (err->errnum == EUSERS)
		error_hint(err, "user namespaces nest at most 32 deep");
	else if (err->errnum == EAGAIN)
		error_hint(err, "too many processes: RLIMIT_NPROC of this user, or the pids limit of its cgroup");
	else if (err->errnum == EINVAL)
		error_hint(err, "this kernel lacks one of the kinds; see which are in /proc/self/ns");
}

static void hint_id_map(struct error *err, const struct hint_facts *facts)
{
	if (strstr(err->message, "Cannot determine your user name") != NULL)
		error_hint(err, "newuidmap needs an entry for this user in /etc/passwd");
	else if (strstr(err->message, "refused the map") != NULL)
		error_hint(err, "newuidmap and newgidmap grant only ranges listed for the user in /etc/subuid and /etc/subgid, and must "
				"be setuid root or have file capabilities");
	else if (strcmp(err->syscall, "execve") == 0)
		error_hint(err, "maps of more than the own id need newuidmap and newgidmap: apt-get install uidmap");
	else if ((err->errnum == EPERM || err->errnum == EACCES) && facts->euid != 0 && facts->apparmor_restricts_userns == 1)
		hint_refused_namespace(err, facts);
	else if (err->errnum == EINVAL)
		error_hint(err, "the text of a map must be shorter than a page (4,096 bytes), user_namespaces(7): use fewer ranges");
	else if (err->errnum == EPERM && strstr(err->message, "host's id 0") != NULL)
		error_hint(err, "map root inside to an unprivileged id: -r does");
	else if (err->errnum == EPERM)
		error_hint(err, "a user may map only the own id; more need a range in /etc/subuid and /etc/subgid and the package uidmap");
}

static void hint_mount(struct error *err, const struct hint_facts *facts)
{
	if (err->errnum == ENOSYS)
		error_hint(err, "a root of the job's own, and binds, need the mount calls of Linux 5.6: an older kernel, or a seccomp filter");
	else if (err->errnum == EROFS && strstr(err->message, "tree of the host's") != NULL)
		error_hint(err, "nothing is created in the host's files: make it there first, or choose a path outside of what is bound");
	else if (err->errnum == EACCES && strstr(err->message, "source of a bind") != NULL)
		error_hint(err, "a directory above it is closed to this user");
	else if (err->errnum == ENOENT && strstr(err->message, "source of a bind") != NULL)
		error_hint(err, "no such file or directory on the host; an optional bind is left out then");
	else if (strcmp(err->subject, "overlay") == 0 && err->errnum == EINVAL)
		error_hint(err, "overlayfs took a layer for none: a directory that is itself on an overlay (as in a container), on a network "
				"filesystem, or on one without extended attributes; in a user namespace it takes Linux 5.11");
	else if (strcmp(err->subject, "overlay") == 0 && err->errnum == ELOOP)
		error_hint(err, "one layer of an overlay lies in another, or is the same: name directories that lie side by side");
	else if (strcmp(err->subject, "overlay") == 0 && (err->errnum == ENODEV || err->errnum == EPERM))
		error_hint(err, "this kernel has no overlayfs, or none in user namespaces (since Linux 5.11)");
	else if (strstr(err->message, "map the ids of a mount") != NULL)
		error_hint(err, err->errnum == EPERM
					? "only the host's root may, and of a mount that is not id-mapped yet: \"idMap\": \"try\" goes on without"
					: "its filesystem cannot be id-mapped (as NFS, FUSE or proc), or one mounted below it: \"idMap\": \"try\" goes "
					  "on without, or give the job a copy");
	else if (err->errnum == EEXIST)
		error_hint(err, "two entries of the job's filesystem have this path");
	if (err->hint[0] != '\0' || (err->errnum != EPERM && err->errnum != EACCES))
		return;
	if (facts->euid != 0 && facts->apparmor_restricts_userns == 1)
		hint_refused_namespace(err, facts);
	else if (strstr(err->message, "proc") != NULL && strstr(err->message, "propagation") == NULL)
		error_hint(err, "mount too revealing: parts of /proc are masked around this process, as in a container, so the kernel allows no "
				"fresh one; unmask it outside (docker: --security-opt systempaths=unconfined), or keep the old one (\"proc\": false)");
	else
		hint_refused_namespace(err, facts);
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void hint_exec(struct error *err, const struct hint_facts *facts)
{
	bool has_path = strchr(err->subject, '/') != NULL;
	bool is_relative = has_path && err->subject[0] != '/';

	if (err->errnum == ENOENT && is_relative)
		error_hint(err, "the path is relative to the job's working directory: give an absolute one, or the directory with --cwd");
	else if (err->errnum == ENOENT && facts->chroot)
		error_hint(err, "the program, its interpreter or its dynamic loader is not in the directory given with --chroot");
	else if (err->errnum == ENOENT && facts->new_root && !has_path)
		error_hint(err, "no such program in the job's PATH, and the job has a root of its own, with the host's /usr: give its path, "
				"and where that is elsewhere bind its directory: --ro-bind DIR");
	else if (err->errnum == ENOENT && facts->new_root)
		error_hint(err, "the job has a root of its own, with the host's /usr: is the program, its interpreter or its dynamic loader "
				"elsewhere? Then bind its directory: --ro-bind DIR");
	else if (err->errnum == ENOENT && has_path && access(err->subject, F_OK) == 0)
		error_hint(err, "the file exists: the interpreter of its #! line or its dynamic loader does not, as the job sees it");
	else if (err->errnum == ENOENT)
		error_hint(err, has_path ? "no such program where the job looks: check the path and the job's filesystem"
					 : "no such program in the job's PATH: give its path, or set PATH");
	else if (err->errnum == EACCES && has_path && !facts->new_root && !facts->chroot && is_directory(err->subject))
		error_hint(err, "it is a directory");
	else if (err->errnum == EACCES)
		error_hint(err, "not executable for the job: check the file's mode, the directories above it for the job's uid, and noexec mounts");
	else if (err->errnum == ENOEXEC)
		error_hint(err, "neither a binary for this machine nor a script with a #! line");
	else if (err->errnum == E2BIG)
		error_hint(err, "arguments and environment together are too long, execve(2)");
	else if (err->errnum == ETXTBSY)
		error_hint(err, "somebody has the program open for writing");
}

static void hint_seccomp(struct error *err)
{
	if (err->errnum == EACCES)
		error_hint(err, "a filter needs no_new_privs, or CAP_SYS_ADMIN in the job's user namespace: add --no-new-privs");
	else if (err->errnum == EINVAL || err->errnum == ENOSYS)
		error_hint(err, "this kernel has no seccomp filters, or not with this option; --seccomp none runs without one");
}

static void hint_limits(struct error *err)
{
	bool refused = err->errnum == EPERM || err->errnum == EACCES;

	if (refused && strcmp(err->syscall, "prlimit") == 0 && strcmp(err->subject, "nofile") == 0)
		error_hint(err, "a hard limit above the caller's own (ulimit -H -n) needs CAP_SYS_RESOURCE on the host, and none can be "
				"above fs.nr_open: ask for less, or raise the caller's");
	else if (refused && strcmp(err->syscall, "prlimit") == 0)
		error_hint(err, "a hard limit above the caller's own needs CAP_SYS_RESOURCE on the host: ask for less, or raise the caller's "
				"(compare /proc/self/limits)");
	else if (refused && strcmp(err->syscall, "setpriority") == 0)
		error_hint(err, "a nice value below the caller's own needs CAP_SYS_NICE on the host, or RLIMIT_NICE");
	else if (refused && strcmp(err->syscall, "ioprio_set") == 0)
		error_hint(err, "the class realtime needs CAP_SYS_ADMIN or CAP_SYS_NICE on the host: use best-effort");
	else if (refused && strcmp(err->subject, "oom_score_adj") == 0)
		error_hint(err, "a score below the caller's own needs CAP_SYS_RESOURCE on the host: without it, it can only be raised");
	else if (err->errnum == EINVAL && strcmp(err->subject, "cpuAffinity") == 0)
		error_hint(err, "they are offline, or outside the caller's cpuset: see Cpus_allowed_list in /proc/self/status");
}

static void hint_terminal(struct error *err)
{
	if (err->errnum == ENOENT || err->errnum == ENODEV || err->errnum == EIO)
		error_hint(err, "the job's root has no usable /dev/ptmx: choose one with a /dev of its own, or --no-tty");
	else if (err->errnum == EACCES)
		error_hint(err, "/dev/ptmx of the tree that the job sees is closed to its ids: choose a root with a /dev of its own, or --no-tty");
	else if (err->errnum == ENOSPC)
		error_hint(err, "no terminal is left: kernel.pty.max, or the max= of this devpts");
}

static void hint_cgroup(struct error *err)
{
	if (strcmp(err->syscall, "mkdir") == 0 && err->errnum == ENOENT)
		error_hint(err, "the caller's own cgroup is gone: something moved the caller to another; start a new JVM");
	else if (strstr(err->subject, "cpuset") != NULL && (err->errnum == EINVAL || err->errnum == EACCES || err->errnum == ENOSPC || err->errnum == ERANGE))
		error_hint(err, "processors or memory nodes that are not there, or not in the caller's own cpuset: see Cpus_allowed_list and "
				"Mems_allowed_list in /proc/self/status");
	else if (err->errnum == ENODEV || (err->errnum == EINVAL && strstr(err->subject, "io.") != NULL))
		error_hint(err, "no such disk: name a whole one, as in /sys/block");
	else if (err->errnum == EACCES || err->errnum == EPERM || err->errnum == EROFS)
		error_hint(err, "cgroups cannot be made or entered here any more; has the caller been moved to another one?");
	else if (err->errnum == EAGAIN)
		error_hint(err, "a limit of an outer cgroup (pids.max, cgroup.max.descendants) is used up");
}

static void hint_directory(struct error *err)
{
	const char *option = err->stage == STAGE_CHROOT ? "--chroot" : "--cwd";

	if (err->errnum == ENOENT || err->errnum == ENOTDIR)
		error_hint(err, "no such directory as the job sees it: give another with %s", option);
	else if (err->errnum == EACCES)
		error_hint(err, "the job's own ids cannot search it (a root caller's job has unprivileged ids): give another with %s", option);
	else if (err->errnum == EPERM && err->stage == STAGE_CHROOT)
		error_hint(err, "needs CAP_SYS_CHROOT: a user namespace of the job's own (add -U), or root");
}

static void hint_join(struct error *err, const struct hint_facts *facts)
{
	if (err->errnum == EPERM && facts->euid != 0)
		error_hint(err, "entering needs CAP_SYS_ADMIN over its owner: join the user namespace that owns it too, or be root");
	else if (err->errnum == EPERM)
		error_hint(err, "a root without CAP_SYS_ADMIN, or a target in an outer user namespace");
	else if (err->errnum == EACCES)
		error_hint(err, "the target process is another user's, or has made itself non-dumpable");
	else if (err->stage == STAGE_OPEN_NAMESPACES && (err->errnum == EINVAL || err->errnum == ENOTTY))
		error_hint(err, "name the file of a namespace of that kind, /proc/PID/ns/KIND or a bind mount of it");
	else if (err->errnum == EINVAL && err->stage == STAGE_JOIN)
		error_hint(err, "a process cannot re-enter its own or an outer namespace of that kind");
	else if (err->errnum == ENOENT || err->errnum == ESRCH)
		error_hint(err, "the namespace's process is gone, or its file was removed");
}

static void hint_credentials(struct error *err)
{
	if (strcmp(err->subject, "capabilities") == 0)
		error_hint(err, "without a user namespace of the job's own it can have no more than its caller: compare CapBnd in "
				"/proc/self/status, or add -U");
	else if (err->errnum == EINVAL)
		error_hint(err, "the id is not mapped in the job's user namespace");
	else if (err->errnum == EPERM)
		error_hint(err, "needs a user namespace of the job's own, or root: add -U");
}

static void hint_nesting(struct error *err, const struct hint_facts *facts)
{
	if (err->errnum == ENOSPC || err->errnum == EUSERS)
		hint_clone(err, facts);
	else if (strcmp(err->subject, "max_user_namespaces") == 0)
		error_hint(err, "/proc/sys is read-only or hidden around this process, as in a container; unmask it outside (docker: "
				"--security-opt systempaths=unconfined), or allow nesting: --allow-nesting");
	else if (err->errnum == EPERM)
		error_hint(err, "a chroot or a seccomp filter around this process forbids a second user namespace");
	else if (err->errnum == EAGAIN)
		error_hint(err, "nested user namespaces need a process more while the job is built: raise the limit of its processes (pids), or "
				"that of this user");
}

static void hint_keyring(struct error *err)
{
	if (err->errnum == EDQUOT)
		error_hint(err, "this user's quota of keys is used up (see /proc/key-users); root can raise it: "
				"sysctl -w kernel.keys.maxkeys=2000");
}

static void hint_landlock(struct error *err)
{
	if (err->errnum == ENOSYS || err->errnum == EOPNOTSUPP)
		error_hint(err, "Landlock needs Linux 5.19 and \"landlock\" in /sys/kernel/security/lsm; --landlock auto goes without it");
	else if (err->errnum == EMFILE)
		error_hint(err, "to put it on takes five descriptors, of which the job's limit \"nofile\" leaves fewer: allow 5, or --landlock off");
}

/* What is done to one process, after its world is there. */
static void hint_by_job(struct error *err, const struct hint_facts *facts)
{
	switch ((int)err->stage) {
	case STAGE_LIMITS:
		hint_limits(err);
		break;
	case STAGE_CREDENTIALS:
	case STAGE_INIT_IDS:
		hint_credentials(err);
		break;
	case STAGE_TERMINAL:
		hint_terminal(err);
		break;
	case STAGE_NESTING:
		hint_nesting(err, facts);
		break;
	case STAGE_KEYRING:
		hint_keyring(err);
		break;
	case STAGE_LANDLOCK:
		hint_landlock(err);
		break;
	case STAGE_CHROOT:
	case STAGE_CWD:
		hint_directory(err);
		break;
	case STAGE_SECCOMP:
		hint_seccomp(err);
		break;
	case STAGE_EXEC:
		hint_exec(err, facts);
		break;
	default:
		break;
	}
}

void hint_choose(struct error *err, const struct hint_facts *facts)
{
	if (err->hint[0] != '\0')
		return;
	switch ((int)err->stage) {
	case STAGE_CLONE:
	case STAGE_CGROUP_NAMESPACE:
	case STAGE_TIME_NAMESPACE:
	case STAGE_FORK:
		hint_clone(err, facts);
		break;
	case STAGE_ID_BLOCK:
		if (err->errnum == EBUSY)
			error_hint(err, "`nsjob gc` removes what killed runs left");
		break;
	case STAGE_ID_MAP:
		hint_id_map(err, facts);
		break;
	case STAGE_MOUNT:
	case STAGE_PIVOT:
		hint_mount(err, facts);
		break;
	case STAGE_OPEN_NAMESPACES:
	case STAGE_JOIN:
		hint_join(err, facts);
		break;
	case STAGE_HOSTNAME:
	case STAGE_LOOPBACK:
		if (err->errnum == EPERM || err->errnum == EACCES)
			hint_refused_namespace(err, facts);
		break;
	case STAGE_CGROUP:
		hint_cgroup(err);
		break;
	default:
		hint_by_job(err, facts);
	}
}

void hint_add(struct error *err, const struct plan *plan)
{
	struct hint_facts facts;

	if (err->errnum == 0 || err->hint[0] != '\0')
		return;
	hint_gather(plan, &facts);
	hint_choose(err, &facts);
}
