/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new root under construction, with symlinks planted in the way. Each attack has its control: the same path taken by an
 * ordinary call reaches the victim.
 */
#include "rootfs_world.h"

#include "bind.h"
#include "launch.h"
#include "mask.h"
#include "newmount.h"

/* In the root: links that lead out. */
static int plant(struct rootfs *root)
{
	struct mount_step step = {.op = MOUNT_ROOT, .size = 1 << 20, .inodes = 100, .mode = 0755};
	struct error err;

	if (rootfs_start(root, &step, &err) < 0)
		return fail(&err, 1);
	/* "/" of a lookup is still the old root, so these lead out unless the lookup is held inside. */
	if (symlinkat("/", root->fd, "top") < 0 || symlinkat("/tmp", root->fd, "absolute") < 0 ||
	    symlinkat("../../../../tmp", root->fd, "climbing") < 0 || symlinkat("/proc/self/root/tmp", root->fd, "magic") < 0 ||
	    symlinkat("/nowhere", root->fd, "dangling") < 0)
		return 2;
	return 0;
}

static int attack(struct rootfs *root)
{
	static const char *const paths[] = {"/absolute/nsjob-rootfs-victim/made", "/climbing/nsjob-rootfs-victim/made",
					    "/top/tmp/nsjob-rootfs-victim/made"};
	struct mount_step step = {.op = MOUNT_DIRECTORY, .mode = 0755};
	struct error err;

	/* What the links name exists inside too: a lookup that stays inside must find that and nothing else. */
	step.target = "/tmp/nsjob-rootfs-victim";
	if (rootfs_make_directory(root, &step, &err) < 0)
		return fail(&err, 3);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		step.target = paths[i];
		if (rootfs_make_directory(root, &step, &err) < 0)
			return fail(&err, 4);
		if (!victim_untouched())
			return 5;
		if (faccessat(root->fd, "tmp/nsjob-rootfs-victim/made", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return 6;
		if (unlinkat(root->fd, "tmp/nsjob-rootfs-victim/made", AT_REMOVEDIR) < 0)
			return 7;
	}
	/* The control: without RESOLVE_IN_ROOT the same paths get out. */
	if (mkdirat(root->fd, "absolute/nsjob-rootfs-victim/made", 0755) < 0 || victim_untouched())
		return 8;
	return 0;
}

static int magic_and_dangling(struct rootfs *root)
{
	struct mount_step step = {.op = MOUNT_FILE, .mode = 0644, .content = NULL, .target = "/magic/nsjob-rootfs-victim/file"};
	struct mount_step proc = {.op = MOUNT_DIRECTORY, .mode = 0755, .target = "/proc"};
	struct error err;
	int tree;

	/* A magic link inside: the host's proc is bound there, /proc/self/root is the old root. */
	tree = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0 || rootfs_attach(root, tree, proc.target, true, &err) < 0)
		return UNAVAILABLE;
	if (rootfs_make_file(root, &step, &err) == 0 || !victim_untouched())
		return 3;
	if (err.errnum != ELOOP)
		return fail(&err, 4);
	/* The control. */
	if (openat(root->fd, "magic/nsjob-rootfs-victim/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0 || victim_untouched())
		return 5;
	step.target = "/dangling/x";
	if (rootfs_make_file(root, &step, &err) == 0)
		return 6;
	return 0;
}

/* Nothing is created where a host's tree is bound, not even for somebody who could. */
static int foreign(struct rootfs *root)
{
	struct mount_step step = {.op = MOUNT_DIRECTORY, .mode = 0755, .target = "/bound/made"};
	struct error err;
	int tree, point;

	tree = open_tree(AT_FDCWD, VICTIM, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || rootfs_attach(root, tree, "/bound", true, &err) < 0)
		return 3;
	if (rootfs_make_directory(root, &step, &err) == 0 || err.errnum != EROFS || !victim_untouched())
		return 4;
	point = rootfs_mount_point(root, "/bound/deep/er", true, &err);
	if (point >= 0 || err.errnum != EROFS || access(VICTIM "/deep", F_OK) == 0)
		return 5;
	/* The control: it is writable, so only the rule held. */
	return mkdirat(root->fd, "bound/made", 0755) == 0 && !victim_untouched() ? 0 : 6;
}

static bool is_mounted(const char *path)
{
	struct stat below, above;

	return stat(path, &below) == 0 && stat("/tmp/shared", &above) == 0 && below.st_dev != above.st_dev;
}

/* A clone of a shared mount is its peer, unless it is made private before anything is mounted below it. */
static int clones(struct rootfs *root)
{
	struct error err;
	int source, tree, peer;

	if (mkdir("/tmp/shared", 0755) < 0 || mount("s", "/tmp/shared", "tmpfs", 0, NULL) < 0 ||
	    mount(NULL, "/tmp/shared", NULL, MS_SHARED, NULL) < 0 || mkdir("/tmp/shared/one", 0755) < 0 ||
	    mkdir("/tmp/shared/two", 0755) < 0)
		return 3;
	source = open("/tmp/shared", O_PATH | O_CLOEXEC);
	tree = newmount_clone(source, true, 0, "shared", &err);
	if (tree < 0 || rootfs_attach(root, tree, "/private", true, &err) < 0)
		return fail(&err, 4);
	tree = newmount_make("tmpfs", (const char *const[]){NULL}, 0, &err);
	if (tree < 0 || rootfs_attach(root, tree, "/private/one", true, &err) < 0)
		return fail(&err, 5);
	if (is_mounted("/tmp/shared/one"))
		return 6;
	/* The control: as open_tree(2) gives it. */
	peer = open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (peer < 0 || rootfs_attach(root, peer, "/peer", true, &err) < 0)
		return 7;
	tree = newmount_make("tmpfs", (const char *const[]){NULL}, 0, &err);
	if (tree < 0 || rootfs_attach(root, tree, "/peer/two", true, &err) < 0)
		return fail(&err, 8);
	return is_mounted("/tmp/shared/two") ? 0 : 9;
}

static int pivots(struct rootfs *root)
{
	struct mount_step pivot = {.op = MOUNT_PIVOT, .read_only = true};
	struct mount_step link = {.op = MOUNT_SYMLINK, .target = "/var/run", .text = "/run"};
	struct mount_step below = {.op = MOUNT_TMPFS, .size = 1 << 16, .inodes = 5, .mode = 01777};
	struct error err;
	struct stat status;
	int tree;

	/* The ordinary /var/run -> /run: what is mounted on the one is on the other. */
	if (rootfs_make_symlink(root, &link, &err) < 0)
		return fail(&err, 3);
	tree = rootfs_tmpfs(root, &below, &err);
	if (rootfs_mount_point(root, "/run", true, &err) < 0 || tree < 0 || rootfs_attach(root, tree, "/var/run", true, &err) < 0)
		return fail(&err, 4);
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 5);
	if (access(VICTIM, F_OK) == 0 || access("/etc", F_OK) == 0 || access("/climbing", F_OK) == 0)
		return 6;
	if (mkdir("/x", 0755) == 0 || errno != EROFS || mkdir("/run/x", 0755) < 0 || stat("/var/run/x", &status) < 0)
		return 7;
	return 0;
}

static int masks(struct rootfs *root)
{
	static const char *paths[] = {"/secret", "/hidden", "/absent", "/dir/absent", NULL};
	struct mount_step secret = {.op = MOUNT_FILE, .mode = 0666, .target = "/secret", .content_size = 1};
	struct mount_step hidden = {.op = MOUNT_DIRECTORY, .mode = 0755, .target = "/hidden/below"};
	struct mount_step mask = {.op = MOUNT_MASK, .paths = paths};
	struct mount_step pivot = {.op = MOUNT_PIVOT};
	unsigned char content = 's';
	struct stat status;
	struct error err;

	secret.content = &content;
	if (rootfs_make_file(root, &secret, &err) < 0 || rootfs_make_directory(root, &hidden, &err) < 0 ||
	    mask_hide(root, &mask, &err) < 0 || rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 3);
	if (stat("/secret", &status) < 0 || status.st_size != 0 || access("/hidden/below", F_OK) == 0)
		return 4;
	if (open("/secret", O_WRONLY | O_CLOEXEC) >= 0 || errno != EROFS || mkdir("/hidden/x", 0755) == 0)
		return 5;
	if (access("/.nsjob-empty-file", F_OK) == 0 || access("/.nsjob-empty-directory", F_OK) == 0)
		return 6;
	/* The control: it is the mount that hides. */
	if (umount2("/secret", MNT_DETACH) < 0 || stat("/secret", &status) < 0 || status.st_size != 1)
		return 7;
	return 0;
}

/* The host's own tree as the root, with everything below read-only, and something of ours on top. */
static int host_as_root(struct rootfs *root)
{
	static const char *paths[] = {"/tmp/nsjob-rootfs-victim/secret", NULL};
	struct mount_step step = {.op = MOUNT_ROOT_BIND, .source = "/", .recursive = true, .read_only = true, .no_suid = true, .no_dev = true};
	struct mount_step steps[] = {step};
	static struct launch launch;
	struct mount_step mask = {.op = MOUNT_MASK, .paths = paths};
	struct mount_step pivot = {.op = MOUNT_PIVOT, .read_only = true};
	struct mount_step own = {.op = MOUNT_TMPFS, .size = 1 << 16, .inodes = 5, .mode = 01777};
	struct error err;
	struct stat status;
	int tree;

	close(open(VICTIM "/secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	launch_init(&launch, -1);
	launch.plan.mounts = steps;
	launch.plan.mount_count = 1;
	if (bind_take_sources(&launch, &err) < 0 || bind_root(root, &steps[0], launch.sources[0], &err) < 0)
		return fail(&err, 4);
	tree = rootfs_tmpfs(root, &own, &err);
	if (tree < 0 || rootfs_attach(root, tree, "/dev", true, &err) < 0 || mask_hide(root, &mask, &err) < 0)
		return fail(&err, 5);
	if (rootfs_mount_point(root, "/nsjob-missing", true, &err) >= 0 || err.errnum != EROFS)
		return 6;
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 7);
	/* A mount below the source came along, and is read-only too. */
	if (mkdir(VICTIM "/x", 0755) == 0 || errno != EROFS || mkdir("/x", 0755) == 0 || errno != EROFS)
		return 8;
	if (mkdir("/dev/x", 0755) < 0 || access("/dev/null", F_OK) == 0)
		return 9;
	return open(paths[0], O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS && stat(paths[0], &status) == 0 ? 0 : 10;
}

/* A file of the host's is covered, not written; what is created is created on filesystems of ours only. */
static int covers(struct rootfs *root)
{
	struct mount_step cover = {.op = MOUNT_FILE, .mode = 0444, .target = "/bound/theirs", .content_size = 1};
	struct mount_step missing = {.op = MOUNT_FILE, .mode = 0444, .target = "/bound/missing", .content_size = 1};
	struct mount_step pivot = {.op = MOUNT_PIVOT};
	unsigned char content = 'o';
	char text[8] = "";
	struct error err;
	int tree;

	cover.content = missing.content = &content;
	tree = open_tree(AT_FDCWD, VICTIM, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return 3;
	close(open(VICTIM "/theirs", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	if (rootfs_attach(root, tree, "/bound", true, &err) < 0 || rootfs_make_file(root, &cover, &err) < 0)
		return fail(&err, 4);
	if (rootfs_make_file(root, &missing, &err) == 0 || err.errnum != EROFS)
		return 5;
	if (fd_read_file(AT_FDCWD, VICTIM "/theirs", text, sizeof(text)) != 0)
		return 6;
	if (rootfs_pivot(root, &pivot, &err) < 0)
		return fail(&err, 7);
	if (fd_read_file(AT_FDCWD, "/bound/theirs", text, sizeof(text)) != 1 || text[0] != 'o')
		return 8;
	if (open("/bound/theirs", O_WRONLY | O_CLOEXEC) >= 0 || errno != EROFS || access("/.nsjob-file", F_OK) == 0)
		return 9;
	/* The control: below it the host's is as it was, and the bind is writable. */
	return umount2("/bound/theirs", MNT_DETACH) == 0 && fd_read_file(AT_FDCWD, "/bound/theirs", text, sizeof(text)) == 0 ? 0 : 10;
}

int main(void)
{
	check(attack, plant, "absolute and climbing symlinks stay in the new root");
	check(magic_and_dangling, plant, "magic and dangling symlinks are refused");
	check(foreign, plant, "nothing is created in a tree of the host's");
	check(clones, plant, "what is mounted below a clone does not show in its source");
	check(pivots, plant, "after the pivot the old root is gone, and /var/run leads to /run");
	check(covers, plant, "a file is put over one of the host's, which stays as it is");
	check(masks, plant, "masks hide files and directories, and only those that are there");
	check(host_as_root, NULL, "a copy of the host's tree is read-only with all that is mounted in it");
	return tap_done();
}
