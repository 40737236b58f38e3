/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <sched.h>

#include "error.h"
#include "fd.h"
#include "hint.h"
#include "plan.h"

#define NONE NULL

struct hint_case {
	enum stage stage;
	int errnum;
	const char *syscall, *subject, *message;
	struct hint_facts facts;
	const char *expected; /* part of the hint; NONE: there is none */
};

/* Who asks, and what the two sysctls say: -1 is a kernel without them. */
#define FACTS(id, userns_clone, apparmor) \
	.euid = (id), .unprivileged_userns_clone = (userns_clone), .apparmor_restricts_userns = (apparmor), .has_plan = true
#define USER FACTS(1000, -1, -1)
#define ROOT FACTS(0, -1, -1)
#define USER_CLONE_OFF FACTS(1000, 0, -1)
#define USER_APPARMOR FACTS(1000, -1, 1)

static const struct hint_case cases[] = {
	/* clone: who switched namespaces off? */
	{STAGE_CLONE, EPERM, "clone", "user", "", {USER_CLONE_OFF, .new_user = true}, "kernel.unprivileged_userns_clone=1"},
	{STAGE_CLONE, EPERM, "clone", "user", "", {USER_APPARMOR, .new_user = true}, "apparmor_restrict_unprivileged_userns=0"},
	{STAGE_CLONE, EACCES, "clone", "user", "", {USER_APPARMOR, .new_user = true}, "AppArmor"},
	{STAGE_CLONE, EPERM, "clone", "net", "", {USER}, "add -U"},
	{STAGE_CLONE, EPERM, "clone", "net", "", {USER_APPARMOR}, "add -U"},
	{STAGE_CLONE, EPERM, "clone", "user", "", {USER, .new_user = true, .seccomp = 2}, "seccomp"},
	{STAGE_CLONE, EPERM, "clone", "user", "", {USER, .new_user = true}, "chroot"},
	{STAGE_CLONE, EPERM, "clone", "mnt", "", {ROOT}, "CAP_SYS_ADMIN"},
	{STAGE_CLONE, EPERM, "clone", "mnt", "", {ROOT, .seccomp = 2}, "seccomp"},
	/* These sysctls do not bind root. */
	{STAGE_CLONE, EPERM, "clone", "mnt", "", {FACTS(0, 0, 1)}, "CAP_SYS_ADMIN"},
	{STAGE_CLONE, ENOSPC, "clone3", "user", "", {USER, .new_user = true, .exhausted = "net"}, "user.max_net_namespaces is 0"},
	{STAGE_CLONE, ENOSPC, "clone3", "user", "", {USER, .new_user = true}, "used up"},
	{STAGE_CLONE, EUSERS, "clone3", "user", "", {USER, .new_user = true}, "32"},
	{STAGE_CLONE, EAGAIN, "clone3", "", "", {USER}, "RLIMIT_NPROC"},
	{STAGE_CLONE, EINVAL, "clone3", "", "", {USER}, "/proc/self/ns"},
	{STAGE_CLONE, ENOMEM, "clone3", "", "", {USER}, NONE},
	{STAGE_FORK, EAGAIN, "clone3", "", "", {USER}, "too many processes"},
	{STAGE_CGROUP_NAMESPACE, ENOSPC, "unshare", "cgroup", "", {USER, .exhausted = "cgroup"}, "max_cgroup_namespaces"},
	{STAGE_TIME_NAMESPACE, EINVAL, "unshare", "time", "", {USER}, "lacks"},
	{STAGE_NESTING, ENOSPC, "unshare", "user,mnt", "", {USER}, "user.max_*"},
	{STAGE_NESTING, EROFS, "write", "max_user_namespaces", "", {USER}, "--allow-nesting"},
	{STAGE_NESTING, EPERM, "unshare", "user,mnt", "", {USER}, "chroot"},
	{STAGE_KEYRING, EDQUOT, "keyctl", "session keyring", "", {USER}, "kernel.keys.maxkeys"},
	{STAGE_LANDLOCK, EOPNOTSUPP, "landlock_create_ruleset", "landlock", "", {USER}, "--landlock auto"},
	{STAGE_LANDLOCK, EMFILE, "landlock_create_ruleset", "landlock", "", {USER}, "nofile"},
	{STAGE_NESTING, EAGAIN, "clone3", "", "", {USER}, "pids"},
	{STAGE_CREDENTIALS, EPERM, "", "capabilities", "cannot be given", {ROOT}, "CapBnd"},
	{STAGE_SECCOMP, EACCES, "seccomp", "144 instructions", "", {USER}, "no_new_privs"},
	{STAGE_SECCOMP, EINVAL, "seccomp", "144 instructions", "", {USER}, "--seccomp none"},
	{STAGE_SECCOMP, ENOSYS, "seccomp", "144 instructions", "", {ROOT}, "--seccomp none"},
	{STAGE_SECCOMP, ENOMEM, "seccomp", "144 instructions", "", {USER}, NONE},
	/* ids */
	{STAGE_ID_BLOCK, EBUSY, "", "", "", {ROOT}, "nsjob gc"},
	{STAGE_ID_BLOCK, EACCES, "mkdir", "", "", {ROOT}, NONE},
	{STAGE_ID_MAP, EPERM, "", "/usr/bin/newuidmap", "refused the map: newuidmap: Cannot determine your user name.", {USER}, "/etc/passwd"},
	{STAGE_ID_MAP, EPERM, "", "/usr/bin/newuidmap", "refused the map: uid range [1-2) not allowed", {USER}, "/etc/subuid"},
	{STAGE_ID_MAP, ENOENT, "execve", "/usr/bin/newuidmap", "cannot execute the tool", {USER}, "apt-get install uidmap"},
	{STAGE_ID_MAP, EPERM, "write", "uid_map", "cannot write the map", {USER_APPARMOR, .new_user = true}, "AppArmor"},
	{STAGE_ID_MAP, EPERM, "", "uid_map", "the host's id 0 is never mapped into a job", {ROOT}, "-r does"},
	{STAGE_ID_MAP, EPERM, "write", "uid_map", "cannot write the map", {USER, .new_user = true}, "only the own id"},
	{STAGE_INIT_IDS, EINVAL, "setresuid", "1", "", {USER}, "not mapped"},
	{STAGE_CREDENTIALS, EINVAL, "setresuid", "1", "", {USER}, "not mapped"},
	{STAGE_CREDENTIALS, EPERM, "setresuid", "1", "", {USER}, "-U"},
	/* cgroups */
	{STAGE_CGROUP, ENOENT, "mkdir", "/cg/x", "cannot make a cgroup for the job", {ROOT}, "start a new JVM"},
	{STAGE_CGROUP, ERANGE, "write", "/cg/cpuset/x/cpuset.cpus", "the kernel refuses", {ROOT}, "Cpus_allowed_list"},
	{STAGE_CGROUP, ENODEV, "write", "/cg/x/io.max", "the kernel refuses", {ROOT}, "/sys/block"},
	{STAGE_CGROUP, EACCES, "mkdir", "/cg/x", "cannot make a cgroup for the job", {USER}, "moved to another one"},
	{STAGE_CGROUP, EAGAIN, "mkdir", "/cg/x", "cannot make a cgroup for the job", {USER}, "cgroup.max.descendants"},
	{STAGE_CGROUP, EBUSY, "write", "/cg/x/memory.limit_in_bytes", "the kernel refuses", {ROOT}, NONE},
	/* limits */
	{STAGE_LIMITS, EPERM, "prlimit", "nofile", "", {USER}, "fs.nr_open"},
	{STAGE_LIMITS, EPERM, "prlimit", "core", "", {USER}, "CAP_SYS_RESOURCE"},
	{STAGE_LIMITS, EACCES, "setpriority", "-5", "", {USER}, "CAP_SYS_NICE"},
	{STAGE_LIMITS, EPERM, "setpriority", "-5", "", {USER}, "below the caller's own"},
	{STAGE_LIMITS, EPERM, "ioprio_set", "realtime", "", {USER}, "best-effort"},
	{STAGE_LIMITS, EACCES, "write", "oom_score_adj", "", {USER}, "only be raised"},
	{STAGE_LIMITS, EINVAL, "sched_setaffinity", "cpuAffinity", "", {USER}, "Cpus_allowed_list"},
	{STAGE_LIMITS, 0, "prlimit", "cpu", "", {USER}, NONE},
	/* the world inside */
	{STAGE_MOUNT, EPERM, "mount", "/proc", "cannot mount a fresh proc", {USER, .new_user = true}, "too revealing"},
	{STAGE_MOUNT, EPERM, "mount", "/", "cannot set the propagation of mounts", {ROOT}, "CAP_SYS_ADMIN"},
	{STAGE_MOUNT, EACCES, "mount", "/proc", "cannot mount a fresh proc", {USER_APPARMOR, .new_user = true}, "AppArmor"},
	{STAGE_MOUNT, ENOENT, "mount", "/x", "cannot mount a fresh proc", {USER}, NONE},
	{STAGE_MOUNT, ENOSYS, "mount_setattr", "/usr", "cannot restrict a mount", {USER}, "Linux 5.6"},
	{STAGE_MOUNT, EROFS, "", "/x", "is missing, and would have to be created in a tree of the host's", {USER}, "make it there first"},
	{STAGE_MOUNT, EACCES, "openat2", "/x", "cannot open the source of a bind", {USER}, "closed to this user"},
	{STAGE_MOUNT, ENOENT, "openat2", "/x", "cannot open the source of a bind", {ROOT}, "optional"},
	{STAGE_MOUNT, EINVAL, "fsconfig", "overlay", "cannot make a mount of type overlay", {ROOT}, "extended attributes"},
	{STAGE_MOUNT, ELOOP, "fsconfig", "overlay", "cannot make a mount of type overlay", {ROOT}, "side by side"},
	{STAGE_MOUNT, ENODEV, "fsopen", "overlay", "cannot make a mount of type overlay", {ROOT}, "no overlayfs"},
	{STAGE_MOUNT, EINVAL, "mount_setattr", "/x", "cannot map the ids of a mount", {ROOT}, "cannot be id-mapped"},
	{STAGE_MOUNT, EPERM, "mount_setattr", "/x", "cannot map the ids of a mount", {USER}, "only the host's root"},
	{STAGE_MOUNT, EEXIST, "symlinkat", "/x", "cannot create a symlink in the job's root", {USER}, "two entries"},
	{STAGE_PIVOT, EPERM, "pivot_root", "/", "cannot exchange the roots", {ROOT}, "CAP_SYS_ADMIN"},
	{STAGE_EXEC, ENOENT, "execve", "/bin/sh", "", {USER, .new_root = true}, "--ro-bind"},
	{STAGE_HOSTNAME, EPERM, "sethostname", "x", "", {USER}, "add -U"},
	{STAGE_LOOPBACK, EPERM, "ioctl", "lo", "", {ROOT}, "CAP_SYS_ADMIN"},
	/* joining */
	{STAGE_JOIN, EPERM, "setns", "net", "", {USER}, "CAP_SYS_ADMIN over its owner"},
	{STAGE_JOIN, EPERM, "setns", "net", "", {ROOT}, "outer user namespace"},
	{STAGE_JOIN, EINVAL, "setns", "user", "", {USER}, "re-enter"},
	{STAGE_OPEN_NAMESPACES, EINVAL, "", "/proc/7/ns/uts", "a namespace of kind uts, not net", {USER}, "/proc/PID/ns/KIND"},
	{STAGE_OPEN_NAMESPACES, ENOTTY, "ioctl", "/dev/null", "not a namespace file", {USER}, "/proc/PID/ns/KIND"},
	{STAGE_OPEN_NAMESPACES, EACCES, "open", "/proc/7/ns/net", "", {USER}, "another user's"},
	{STAGE_OPEN_NAMESPACES, ENOENT, "open", "/proc/7/ns/net", "", {USER}, "gone"},
	{STAGE_OPEN_NAMESPACES, ESRCH, "pidfd_open", "/proc/7/ns/net", "", {USER}, "gone"},
	/* the program */
	{STAGE_CWD, ENOENT, "chdir", "/x", "", {USER}, "--cwd"},
	{STAGE_CWD, EACCES, "chdir", "/root", "", {ROOT}, "cannot search"},
	{STAGE_CWD, ENOTDIR, "chdir", "/etc/passwd", "", {USER}, "no such directory"},
	{STAGE_CHROOT, EPERM, "chroot", "/srv", "", {USER}, "add -U"},
	{STAGE_CHROOT, ENOENT, "open", "/srv", "", {USER}, "--chroot"},
	{STAGE_CHROOT, EACCES, "fchdir", "/srv", "", {USER}, "cannot search it"},
	{STAGE_CHROOT, ENOTDIR, "open", "/etc/passwd", "", {USER}, "no such directory"},
	{STAGE_EXEC, ENOENT, "execve", "/bin/sh", "", {USER, .chroot = true}, "--chroot"},
	{STAGE_EXEC, EACCES, "execve", "/tmp", "", {USER, .chroot = true}, "not executable"},
	{STAGE_EXEC, ENOENT, "execve", "nosuch", "", {USER}, "PATH"},
	{STAGE_EXEC, ENOENT, "execve", "/nonexistent/nosuch", "", {USER}, "no such program"},
	{STAGE_EXEC, ENOENT, "execve", "bin/sh", "", {USER}, "relative to the job's working directory"},
	{STAGE_EXEC, ENOENT, "execve", "/etc/passwd", "", {USER}, "interpreter"},
	{STAGE_EXEC, EACCES, "execve", "/tmp", "", {USER}, "directory"},
	{STAGE_EXEC, EACCES, "execve", "/etc/passwd", "", {USER}, "not executable"},
	{STAGE_EXEC, EACCES, "execve", "nosuch", "", {USER}, "not executable"},
	{STAGE_EXEC, ENOEXEC, "execve", "/etc/passwd", "", {USER}, "#!"},
	{STAGE_EXEC, E2BIG, "execve", "/bin/true", "", {USER}, "too long"},
	{STAGE_EXEC, ETXTBSY, "execve", "/bin/true", "", {USER}, "writing"},
	/* nothing to say */
	{STAGE_PLAN, EPERM, "", "", "", {USER}, NONE},
	{STAGE_CONNECT, ENOENT, "connect", "", "", {USER}, NONE},
};

static void fill(struct error *err, const struct hint_case *test)
{
	memset(err, 0, sizeof(*err));
	err->stage = test->stage;
	err->errnum = test->errnum;
	(void)snprintf(err->syscall, sizeof(err->syscall), "%s", test->syscall);
	(void)snprintf(err->subject, sizeof(err->subject), "%s", test->subject);
	(void)snprintf(err->message, sizeof(err->message), "%s", test->message);
}

static void test_causes(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err;
		bool good;

		fill(&err, &cases[i]);
		hint_choose(&err, &cases[i].facts);
		good = cases[i].expected != NONE ? strstr(err.hint, cases[i].expected) != NULL : err.hint[0] == '\0';
		CHECK(good, "%s, %s, euid %d: %s", stage_name(cases[i].stage), strerrorname_np(cases[i].errnum),
		      (int)cases[i].facts.euid, cases[i].expected != NONE ? cases[i].expected : "no hint");
		if (!good)
			tap_print("# the hint is \"%s\"", err.hint);
		CHECK(strlen(err.hint) < sizeof(err.hint) - 1, "and it is not cut");
	}
}

static void test_left_alone(void)
{
	struct error err;

	fill(&err, &cases[0]);
	error_hint(&err, "said already");
	hint_choose(&err, &cases[0].facts);
	CHECK_TEXT(err.hint, "said already", "a hint that is there stays");
	hint_add(&err, NULL);
	CHECK_TEXT(err.hint, "said already", "also with the machine's own facts");
	fill(&err, &cases[0]);
	err.errnum = 0;
	hint_add(&err, NULL);
	CHECK_TEXT(err.hint, "", "no errno, no hint");
}

static void test_gather(void)
{
	struct plan plan = {.job = "x"};
	struct hint_facts facts;

	plan.namespaces[NS_USER].mode = NS_MODE_NEW;
	hint_gather(NULL, &facts);
	CHECK(facts.euid == geteuid() && !facts.has_plan && !facts.new_user && facts.exhausted == NULL, "facts without a plan");
	CHECK(facts.seccomp == 0 || facts.seccomp == 2, "our own seccomp mode is known");
	hint_gather(&plan, &facts);
	CHECK(facts.has_plan && facts.new_user, "facts with a plan");
}

/* ---- one for real: a user namespace whose own limit is 0 ---- */

struct real {
	const char *sysctl;
	enum ns_kind kind;
	int flag;
	const char *expected;
};

#define REFUSED 101

static int use_up(void *argument)
{
	const struct real *real = argument;
	struct plan plan = {.job = "x"};
	struct error err;
	char map[32];
	int length = snprintf(map, sizeof(map), "0 %u 1", geteuid());

	if (unshare(CLONE_NEWUSER) < 0)
		return REFUSED;
	if (fd_write_file(AT_FDCWD, "/proc/self/uid_map", map, (size_t)length) < 0)
		return 1;
	/* The limits of a user namespace belong to its own root; the host's are not touched. */
	if (fd_write_file(AT_FDCWD, real->sysctl, "0", 1) < 0)
		return REFUSED;
	if (unshare(real->flag) == 0 || errno != ENOSPC)
		return 2;
	plan.namespaces[real->kind].mode = NS_MODE_NEW;
	(void)stage_enter(STAGE_CLONE, &err);
	(void)error_set(&err, "unshare", errno, "", "cannot create the job's namespaces");
	hint_add(&err, &plan);
	return strstr(err.hint, real->expected) != NULL ? 0 : 3;
}

static void test_real(void)
{
	static struct real reals[] = {
		{"/proc/sys/user/max_user_namespaces", NS_USER, CLONE_NEWUSER, "user.max_user_namespaces is 0"},
		{"/proc/sys/user/max_net_namespaces", NS_NET, CLONE_NEWNET, "user.max_net_namespaces is 0"},
	};

	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		int result = tap_child(use_up, &reals[i]);

		if (result == REFUSED)
			tap_skip(reals[i].expected, "no user namespace with limits of its own here");
		else
			CHECK_NUMBER(result, 0, reals[i].expected);
	}
}

int main(void)
{
	test_causes();
	test_left_alone();
	test_gather();
	test_real();
	return tap_done();
}
