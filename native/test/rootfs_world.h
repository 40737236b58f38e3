/* SPDX-License-Identifier: Apache-2.0 */
/* A process with namespaces of its own and a victim on a tmpfs, for tests of what is put into a new root. */
#ifndef NSJOB_TEST_ROOTFS_WORLD_H
#define NSJOB_TEST_ROOTFS_WORLD_H

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "rootfs.h"

#define UNAVAILABLE 77
#define VICTIM "/tmp/nsjob-rootfs-victim"

static inline int fail(const struct error *err, int code)
{
	tap_print("# %s: %s (%s)", err->subject, err->message, strerror(err->errnum));
	return code;
}

/* Namespaces of the child's own, and a victim on a tmpfs. */
static inline int isolate(void)
{
	char users[32], groups[32];

	/* Somebody in there must be mapped, or nothing can be created (EOVERFLOW). */
	(void)snprintf(users, sizeof(users), "0 %u 1", geteuid());
	(void)snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", 4) < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/uid_map", users, strlen(users)) < 0 ||
	    fd_write_file(AT_FDCWD, "/proc/self/gid_map", groups, strlen(groups)) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("victim", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir(VICTIM, 0755) < 0)
		return UNAVAILABLE;
	return 0;
}

static inline bool victim_untouched(void)
{
	return access(VICTIM "/made", F_OK) < 0 && access("/tmp/made", F_OK) < 0 && access(VICTIM "/file", F_OK) < 0;
}

struct attempt {
	int (*body)(struct rootfs *root);
	int (*prepare)(struct rootfs *root); /* or NULL */
};

static inline int attempt(void *argument)
{
	const struct attempt *attempt = argument;
	struct rootfs root;
	struct error err;
	int code = isolate();

	if (code != 0)
		return code;
	if (rootfs_begin(&root, &err) < 0)
		return fail(&err, 1);
	code = attempt->prepare != NULL ? attempt->prepare(&root) : 0;
	return code != 0 ? code : attempt->body(&root);
}

static inline void check(int (*body)(struct rootfs *root), int (*prepare)(struct rootfs *root), const char *text)
{
	struct attempt argument = {.body = body, .prepare = prepare};
	int code = tap_child(attempt, &argument);

	if (code == UNAVAILABLE)
		tap_skip(text, "no user and mount namespaces here");
	else
		CHECK_NUMBER(code, 0, text);
}

#endif
