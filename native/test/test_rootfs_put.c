/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things of a new root are put: what is remembered of it is never older than what is mounted there.
 */
#include "rootfs_world.h"

#include "bind.h"
#include "launch.h"
#include "overlay.h"

static int start(struct rootfs *root)
{
	struct mount_step step = {.op = MOUNT_ROOT, .size = 1 << 20, .inodes = 1000, .mode = 0755};
	struct error err;

	return rootfs_start(root, &step, &err) < 0 ? fail(&err, 1) : 0;
}

static bool is_there(const char *directory, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return access(path, F_OK) == 0;
}

static int put_file(struct rootfs *root, const char *directory, const char *name)
{
	char path[256];
	struct mount_step file = {.op = MOUNT_FILE, .mode = 0444, .target = path};
	struct error err;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return rootfs_make_file(root, &file, &err) < 0 ? fail(&err, 1) : 0;
}

/* Things are put where their path leads now, not where it led a moment ago; `mounted` is above it, perhaps by another name. */
static int put_after_mount(struct rootfs *root, const char *directory, const char *mounted)
{
	struct mount_step link = {.op = MOUNT_SYMLINK, .target = "/alias", .text = "d"};
	struct mount_step own = {.op = MOUNT_TMPFS, .size = 1 << 16, .inodes = 9, .mode = 01777};
	struct mount_step pivot = {.op = MOUNT_PIVOT};
	struct error err;
	int tree;

	if (rootfs_make_symlink(root, &link, &err) < 0)
		return fail(&err, 2);
	if (put_file(root, directory, "before") != 0)
		return 3;
	tree = rootfs_tmpfs(root, &own, &err);
	if (tree < 0 || rootfs_attach(root, tree, mounted, true, &err) < 0)
		return fail(&err, 4);
	if (put_file(root, directory, "after") != 0)
		return 5;
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 6);
	if (is_there(directory, "before") || !is_there(directory, "after"))
		return 7;
	return umount2(mounted, MNT_DETACH) == 0 && is_there(directory, "before") && !is_there(directory, "after") ? 0 : 8;
}

static int covered(struct rootfs *root)
{
	return put_after_mount(root, "/d", "/d");
}

static int covered_by_alias(struct rootfs *root)
{
	return put_after_mount(root, "/d", "/alias");
}

static int covered_above(struct rootfs *root)
{
	return put_after_mount(root, "/d/e/f", "/d/e");
}

static int covered_above_by_alias(struct rootfs *root)
{
	return put_after_mount(root, "/d/e/f", "/alias/e");
}

/* More directories than anybody remembers, and names longer than that. */
static int many(struct rootfs *root)
{
	static char text[200];
	struct error err;
	struct mount_step pivot = {.op = MOUNT_PIVOT};

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 40; i++) {
			(void)snprintf(text, sizeof(text), "/many/%d/%s%0*d", i, i % 2 == 0 ? "" : "long/", i % 2 == 0 ? 1 : 100, i);
			if (put_file(root, text, round == 0 ? "one" : "two") != 0)
				return 3;
		}
	}
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 4);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text), "/many/%d/%s%0*d", i, i % 2 == 0 ? "" : "long/", i % 2 == 0 ? 1 : 100, i);
		if (chdir(text) < 0 || access("one", F_OK) < 0 || access("two", F_OK) < 0)
			return 5;
	}
	return 0;
}

/* Two layers, one with a name that means something in an option's text, and what is written lands in neither. */
static int overlays(struct rootfs *root)
{
	struct mount_step steps[] = {
		{.op = MOUNT_LOWER, .source = "/tmp/a,b:c", .recursive = true, .read_only = true},
		{.op = MOUNT_LOWER, .source = VICTIM, .recursive = true, .read_only = true},
		{.op = MOUNT_OVERLAY, .target = "/tmp/box", .size = 1 << 16, .inodes = 10},
	};
	static struct launch launch;
	struct error err;

	if (mkdir("/tmp/a,b:c", 0755) < 0 || mkdir("/tmp/a,b:c/one", 0755) < 0 || mkdir(VICTIM "/two", 0755) < 0 ||
	    mkdir("/tmp/box", 0755) < 0)
		return 2;
	launch_init(&launch, -1);
	launch.plan.mounts = steps;
	launch.plan.mount_count = 3;
	if (bind_take_sources(&launch, &err) < 0)
		return fail(&err, 3);
	if (overlay_make(root, &launch.plan, 2, launch.sources, &err) < 0)
		return err.errnum == EPERM || err.errnum == ENODEV ? UNAVAILABLE : fail(&err, 4);
	if (access("/tmp/box/one", F_OK) < 0 || access("/tmp/box/two", F_OK) < 0)
		return 5;
	if (rmdir("/tmp/box/two") < 0 || mkdir("/tmp/box/made", 0755) < 0 || access(VICTIM "/two", F_OK) < 0 || !victim_untouched())
		return 6;
	/* Layers were attached on top of the root directory for a moment; nothing of them is left there. */
	return access("/..", F_OK) == 0 && access("/../upper", F_OK) < 0 ? 0 : 7;
}

/* Where the old root goes only later, it is still found above the new one: what init must not leave to anybody. */
static int late(struct rootfs *root)
{
	struct mount_step pivot = {.op = MOUNT_PIVOT, .read_only = true};
	struct error err;

	root->lets_go_late = true;
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 3);
	if (!rootfs_has_old() || access(VICTIM, F_OK) == 0 || access("/.." VICTIM, F_OK) < 0)
		return 4;
	if (mkdir("/x", 0755) == 0 || errno != EROFS)
		return 5;
	if (rootfs_let_go(&err) < 0)
		return fail(&err, 6);
	return !rootfs_has_old() && access("/.." VICTIM, F_OK) < 0 && access("/..", F_OK) == 0 && rootfs_let_go(&err) == 0 ? 0 : 7;
}

int main(void)
{
	check(covered, start, "what follows a mount is put into it");
	check(covered_by_alias, start, "also where it was mounted by another name");
	check(covered_above, start, "or above where it goes");
	check(covered_above_by_alias, start, "there too by another name");
	check(many, start, "everything gets its place, however many directories there are");
	check(late, start, "the old root is gone when it is said to be, and not before");
	check(overlays, NULL, "an overlay takes layers of any name and writes to none");
	return tap_done();
}
