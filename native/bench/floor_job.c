/* SPDX-License-Identifier: Apache-2.0 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../src/sys.h"

#define OF_FILES UINT64_C(0xc007) /* execute, write, read, truncate, ioctl: for what is no directory */

static void set_limits(const struct plan *plan)
{
	char text[16];

	if (plan->process.has_nice)
		must(setpriority(PRIO_PROCESS, 0, plan->process.nice));
	if (plan->process.has_affinity)
		must(sched_setaffinity(0, sizeof(plan->process.affinity), &plan->process.affinity));
	if (plan->process.has_oom_score) {
		must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		(void)snprintf(text, sizeof(text), "%d", plan->process.oom_score);
		must(floor_write_at(AT_FDCWD, "/proc/self/oom_score_adj", text, strlen(text)));
	}
	for (size_t i = 0; i < plan->process.rlimit_count; i++) {
		const struct plan_rlimit *wanted = &plan->process.rlimits[i];
		struct rlimit limit = {.rlim_cur = wanted->soft, .rlim_max = wanted->hard};

		must(setrlimit((enum __rlimit_resource)wanted->resource, &limit));
	}
}

static void become(const struct floor *floor)
{
	const struct plan *plan = &floor->plan;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct none[2] = {{0}};

	if (plan->process.has_groups)
		must(setgroups(plan->process.group_count, plan->process.groups));
	if (plan->process.has_gid)
		must(setresgid(plan->process.gid, plan->process.gid, plan->process.gid));
	if (plan->process.drop_capabilities) {
		for (int capability = 0; capability <= floor->last_capability; capability++)
			must(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
		must(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED, 0, 0, 0));
	}
	if (plan->process.has_uid)
		must(setresuid(plan->process.uid, plan->process.uid, plan->process.uid));
	if (plan->process.drop_capabilities)
		must(sys_capset(&header, none));
}

static void allow(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};

	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 && errno != EBADFD)
		floor_failed("landlock_add_rule");
}

static void put_landlock_on(const struct floor *floor)
{
	const struct plan *plan = &floor->plan;
	struct {
		uint64_t handled_fs, handled_net, scoped;
	} ruleset = {floor->landlock_known, 0, floor->landlock_scoped};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

	must(fd);
	for (size_t i = 0; i < plan->process.landlock.rule_count; i++) {
		const struct landlock_rule *rule = &plan->process.landlock.rules[i];
		int path = open(rule->path, O_PATH | O_CLOEXEC);

		if (path < 0)
			continue;
		allow(fd, path, rule->access & floor->landlock_known);
		(void)close(path);
	}
	for (int stream = 0; stream <= 2; stream++)
		allow(fd, stream, floor->landlock_known & OF_FILES & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
	must(syscall(SYS_landlock_restrict_self, fd, 0));
	(void)close(fd);
}

static void filter(const struct plan *plan)
{
	struct sock_fprog program = {.len = (unsigned short)plan->process.filter_count, .filter = plan->process.filter};

	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

_Noreturn void floor_job(const struct floor *floor)
{
	const struct plan *plan = &floor->plan;

	if (plan->process.new_session)
		must(setsid());
	if (plan->process.has_umask)
		(void)umask(plan->process.umask);
	set_limits(plan);
	become(floor);
	must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	if (plan->process.no_new_privs)
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	/* Used up quotas are no failure where the plan only tries. */
	if (plan->process.keyring != KEYRING_INHERITED)
		(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);
	if (floor->landlock_known != 0)
		put_landlock_on(floor);
	if (plan->process.cwd != NULL)
		must(chdir(plan->process.cwd));
	if (plan->process.filter != NULL)
		filter(plan);
	(void)execve(plan->process.argv[0], plan->process.argv, plan->process.environment);
	floor_failed(plan->process.argv[0]);
}
