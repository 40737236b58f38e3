/* SPDX-License-Identifier: Apache-2.0 */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "plan.h"

/* Later than the headers of Debian 12, which end with ABI 2. */
#define TRUNCATE (UINT64_C(1) << 14)
#define IOCTL_DEV (UINT64_C(1) << 15)
#define FOR_FILES                                                                                                       \
	((uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE) | TRUNCATE | \
	 IOCTL_DEV)
#define ABI_IOCTL_DEV 5
#define ABI_SCOPES 6

struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

/* What each version of the interface knows: a ruleset with other bits is refused as a whole. */
static uint64_t known_access(int abi)
{
	static const uint64_t known[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};

	return known[abi < ABI_IOCTL_DEV ? abi : ABI_IOCTL_DEV];
}

static int add_rule(int ruleset, int fd, uint64_t access, const char *subject, struct error *err)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};

	if (access != 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return error_set(err, "landlock_add_rule", errno, subject, "cannot allow a path");
	return 0;
}

static int allow_path(int ruleset, const struct landlock_rule *rule, uint64_t known, struct error *err)
{
	_cleanup_close_ int fd = open(rule->path, O_PATH | O_CLOEXEC);
	struct stat status;

	if (fd < 0) {
		/* Optional and missing, or where the job's ids do not reach: nothing to allow. */
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			       ? 0
			       : error_set(err, "open", errno, rule->path, "cannot open a path to allow");
	}
	if (fstat(fd, &status) < 0)
		return error_set(err, "fstat", errno, rule->path, "cannot look at a path to allow");
	return add_rule(ruleset, fd, rule->access & known & (S_ISDIR(status.st_mode) ? ~UINT64_C(0) : FOR_FILES), rule->path,
			err);
}

/*
 * The streams are the caller's files, outside of the job's tree. Through /dev/stdout they can be opened again, as they are:
 * for writing where they are open for writing. Pipes and sockets have no path and need no rule (EBADFD).
 */
static int allow_streams(int ruleset, uint64_t known, struct error *err)
{
	static const uint64_t access[] = {
		[O_RDONLY] = LANDLOCK_ACCESS_FS_READ_FILE | IOCTL_DEV,
		[O_WRONLY] = LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL_DEV,
		[O_RDWR] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL_DEV,
	};

	for (int fd = 0; fd <= 2; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || (flags & O_ACCMODE) > O_RDWR)
			return error_set(err, "fcntl", errno, "", "cannot look at standard descriptor %d", fd);
		if (add_rule(ruleset, fd, access[flags & O_ACCMODE] & known, "standard streams", err) < 0 &&
		    err->errnum != EBADFD)
			return -1;
	}
	return 0;
}

static int probe(const struct plan *plan, int32_t *ret_abi, struct error *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*ret_abi = 0;
	if (abi >= (long)plan->process.landlock.minimum_abi) {
		*ret_abi = (int32_t)abi;
		return 0;
	}
	if (!plan->process.landlock.required)
		return 0;
	return error_set(err, "landlock_create_ruleset", abi < 0 ? errno : EOPNOTSUPP, "landlock",
			 "this kernel's Landlock is not what the job needs");
}

int landlock_apply(const struct plan *plan, int32_t *ret_abi, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct ruleset ruleset = {0};
	uint64_t known;

	if (probe(plan, ret_abi, err) < 0)
		return -1;
	if (*ret_abi == 0)
		return 0;
	known = known_access(*ret_abi) & plan->process.landlock.handled;
	ruleset.handled_fs = known;
	ruleset.scoped = *ret_abi >= ABI_SCOPES ? plan->process.landlock.scoped : 0;
	if (ruleset.handled_fs == 0 && ruleset.scoped == 0) {
		*ret_abi = 0;
		return 0;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	if (fd < 0)
		return error_set(err, "landlock_create_ruleset", errno, "landlock", "cannot create a ruleset");
	for (size_t i = 0; i < plan->process.landlock.rule_count; i++) {
		if (allow_path(fd, &plan->process.landlock.rules[i], known, err) < 0)
			return -1;
	}
	if (known != 0 && allow_streams(fd, known, err) < 0)
		return -1;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return error_set(err, "landlock_restrict_self", errno, "landlock", "cannot put the ruleset on");
	return 0;
}
