/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's mounts. Which directories have to be made on the way, and what is missing, is found out once: a program written
 * for this one world would know it.
 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../src/fd.h"
#include "../src/sys.h"

#define HARDENED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define MAX_KNOWN 256

/* While preparing: what there will be in the new root. */
struct known {
	const char *paths[MAX_KNOWN];
	size_t count;
	const char *trees[MAX_KNOWN]; /* of the host: all below exists, or cannot be made */
	size_t tree_count;
};

static bool is_known(const struct known *known, const char *path)
{
	for (size_t i = 0; i < known->tree_count; i++) {
		size_t length = strlen(known->trees[i]);

		if (strncmp(path, known->trees[i], length) == 0 && (path[length] == '/' || path[length] == '\0'))
			return true;
	}
	for (size_t i = 0; i < known->count; i++) {
		if (strcmp(known->paths[i], path) == 0)
			return true;
	}
	return false;
}

/* Every directory above `target`, and itself if it is one to mount on. */
static bool plan_directories(struct known *known, struct floor_step *step, const char *target, bool whole)
{
	for (const char *slash = strchr(target + 1, '/');; slash = strchr(slash + 1, '/')) {
		char *path = slash != NULL ? strndup(target, (size_t)(slash - target)) : strdup(target);

		if (slash == NULL && !whole) {
			free(path);
			return true;
		}
		if (!is_known(known, path)) {
			if (step->directory_count == MAX_PARENTS || known->count == MAX_KNOWN)
				return false;
			step->directories[step->directory_count++] = path + 1;
			known->paths[known->count++] = path;
		}
		if (slash == NULL)
			return true;
	}
}

static bool prepare_step(struct known *known, const struct mount_step *step, struct floor_step *out)
{
	struct stat status;

	switch ((int)step->op) {
	case MOUNT_PROPAGATION:
	case MOUNT_ROOT:
	case MOUNT_PIVOT:
	case MOUNT_MASK:
	case MOUNT_READ_ONLY:
		return true;
	case MOUNT_BIND:
		if (step->map != NULL)
			return false;
		out->skip = stat(step->source, &status) < 0;
		if (out->skip)
			return step->optional;
		out->file = !S_ISDIR(status.st_mode) && !is_known(known, step->target);
		if (!plan_directories(known, out, step->target, S_ISDIR(status.st_mode)))
			return false;
		known->trees[known->tree_count++] = step->target;
		return true;
	case MOUNT_DEV:
		known->paths[known->count++] = "/dev/mqueue";
		return plan_directories(known, out, step->target, true);
	case MOUNT_PROC:
	case MOUNT_TMPFS:
	case MOUNT_MQUEUE:
		return plan_directories(known, out, step->target, true);
	case MOUNT_WRITABLE: /* makes its own directory */
		known->paths[known->count++] = step->target;
		return plan_directories(known, out, step->target, false);
	case MOUNT_SYMLINK:
	case MOUNT_FILE:
		return plan_directories(known, out, step->target, false);
	default:
		return false;
	}
}

bool floor_prepare_mounts(struct floor *floor, const char **refused)
{
	const struct plan *plan = &floor->plan;
	struct known known = {.count = 0};

	for (size_t i = 0; i < LIMIT_MOUNTS; i++)
		floor->sources[i] = -1;
	floor->steps = calloc(plan->mount_count + 1, sizeof(*floor->steps));
	*refused = "a mount that the floor does not know";
	if (floor->steps == NULL || plan->mount_count > MAX_KNOWN / 4)
		return false;
	for (size_t i = 0; plan->new_root && i < plan->mount_count; i++) {
		if (!prepare_step(&known, &plan->mounts[i], &floor->steps[i]))
			return false;
	}
	return true;
}

static int take(int directory, const char *path, unsigned int flags, uint64_t attributes)
{
	struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
	int tree = open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);

	if (tree >= 0 && mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0) {
		(void)close(tree);
		return -1;
	}
	return tree;
}

static uint64_t attributes_of(const struct mount_step *step)
{
	return (step->read_only ? MOUNT_ATTR_RDONLY : 0u) | (step->no_suid ? MOUNT_ATTR_NOSUID : 0u) |
	       (step->no_dev ? MOUNT_ATTR_NODEV : 0u) | (step->no_exec ? MOUNT_ATTR_NOEXEC : 0u) |
	       (step->no_symfollow ? MOUNT_ATTR_NOSYMFOLLOW : 0u);
}

static int take_all(const struct floor *floor, int sources[])
{
	for (size_t i = 0; i < floor->plan.mount_count; i++) {
		const struct mount_step *step = &floor->plan.mounts[i];

		if (step->op != MOUNT_BIND || floor->steps[i].skip)
			continue;
		sources[i] = take(AT_FDCWD, step->source, step->recursive ? AT_RECURSIVE : 0, attributes_of(step));
		if (sources[i] < 0)
			return -1;
	}
	return 0;
}

/* A root caller's init could not reach them; others have the right to only inside. */
int floor_take_sources(struct floor *floor)
{
	return geteuid() == 0 ? take_all(floor, floor->sources) : 0;
}

void floor_drop_sources(struct floor *floor)
{
	for (size_t i = 0; i < floor->plan.mount_count; i++)
		fd_close(&floor->sources[i]);
}

static int fresh(const char *type, const char *const options[], unsigned int attributes)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);
	int tree;

	must(context);
	for (size_t i = 0; options[i] != NULL; i += 2)
		must(fsconfig(context, FSCONFIG_SET_STRING, options[i], options[i + 1], 0));
	must(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	tree = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	must(tree);
	(void)close(context);
	return tree;
}

static int fresh_tmpfs(long long bytes, unsigned int most_inodes, mode_t bits, bool no_exec)
{
	char size[32], inodes[16], mode[16];
	const char *const options[] = {"size", size, "nr_inodes", inodes, "mode", mode, NULL};

	(void)snprintf(size, sizeof(size), "%lld", bytes);
	(void)snprintf(inodes, sizeof(inodes), "%u", most_inodes);
	(void)snprintf(mode, sizeof(mode), "%o", bits);
	return fresh("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (no_exec ? MOUNT_ATTR_NOEXEC : 0u));
}

static void attach(int tree, int root, const char *path)
{
	must(move_mount(tree, "", root, path, MOVE_MOUNT_F_EMPTY_PATH));
}

static void make_writable(int directory, const char *name, mode_t mode, bool no_exec)
{
	int tree;

	must(mkdirat(directory, name, mode));
	tree = take(directory, name, 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (no_exec ? MOUNT_ATTR_NOEXEC : 0u));
	must(tree);
	attach(tree, directory, name);
	(void)close(tree);
}

static void make_dev(const struct mount_step *step, int root)
{
	static const char *const nodes[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
	static const char *const links[][2] = {{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
					       {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"}};
	static const char *const directories[] = {"mqueue", "pts"};
	static const char *const pts[] = {"ptmxmode", "0666", "mode", "0620", "max", "64", NULL};
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
	int dev = fresh_tmpfs(step->size + 65536, step->inodes + 64, 0755, true);
	int tree;

	attach(dev, root, step->target + 1);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		int point;

		tree = take(AT_FDCWD, nodes[i], 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
		if (tree < 0 && errno == ENOENT)
			continue;
		must(tree);
		point = openat(dev, nodes[i] + 5, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
		must(point);
		must(move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
		(void)close(point);
		(void)close(tree);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		must(symlinkat(links[i][1], dev, links[i][0]));
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		must(mkdirat(dev, directories[i], 0755));
	tree = fresh("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	attach(tree, dev, "pts");
	(void)close(tree);
	make_writable(dev, "shm", 01777, true);
	must(mount_setattr(dev, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)));
	(void)close(dev);
}

static void hide(const struct mount_step *step, int root)
{
	int file = openat(root, ".empty-file", O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
	struct stat status;

	must(file);
	(void)close(file);
	must(mkdirat(root, ".empty-directory", 0755));
	for (size_t i = 0; step->paths[i] != NULL; i++) {
		int tree;

		if (fstatat(root, step->paths[i] + 1, &status, 0) < 0)
			continue;
		tree = take(root, S_ISDIR(status.st_mode) ? ".empty-directory" : ".empty-file", 0, HARDENED | MOUNT_ATTR_RDONLY);
		must(tree);
		attach(tree, root, step->paths[i] + 1);
		(void)close(tree);
	}
	must(unlinkat(root, ".empty-file", 0));
	must(unlinkat(root, ".empty-directory", AT_REMOVEDIR));
}

static void make_read_only(const struct mount_step *step, int root)
{
	for (size_t i = 0; step->paths[i] != NULL; i++) {
		int tree = take(root, step->paths[i] + 1, AT_RECURSIVE, HARDENED | MOUNT_ATTR_RDONLY);

		if (tree < 0)
			continue;
		attach(tree, root, step->paths[i] + 1);
		(void)close(tree);
	}
}

static void make_file(const struct mount_step *step, int root)
{
	int file = openat(root, step->target + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, step->mode);

	must(file);
	if (step->content_size > 0)
		must(write(file, step->content, step->content_size));
	(void)close(file);
}

static void pivot(const struct mount_step *step, int root)
{
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

	must(fchdir(root));
	must(sys_pivot_root(".", "."));
	must(umount2(".", MNT_DETACH));
	if (step->read_only)
		must(mount_setattr(root, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)));
}

static void mount_fresh(const struct mount_step *step, int root)
{
	static const char *const none[] = {NULL};
	int tree;

	if (root < 0) {
		must(mount("proc", step->target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
		return;
	}
	tree = step->op == MOUNT_TMPFS ? fresh_tmpfs(step->size, step->inodes, step->mode, step->no_exec)
				       : fresh(step->op == MOUNT_PROC ? "proc" : "mqueue", none, HARDENED);
	attach(tree, root, step->target + 1);
	(void)close(tree);
}

static void run_step(const struct floor *floor, size_t index, const int sources[], int *root)
{
	const struct mount_step *step = &floor->plan.mounts[index];
	const struct floor_step *prepared = &floor->steps[index];

	for (size_t i = 0; i < prepared->directory_count; i++)
		must(mkdirat(*root, prepared->directories[i], 0755));
	if (prepared->file)
		must(mknodat(*root, step->target + 1, S_IFREG | 0444, 0));
	if (step->op == MOUNT_PROPAGATION && step->propagation != 0) {
		must(mount(NULL, step->target, NULL, step->propagation | (step->recursive ? MS_REC : 0), NULL));
	} else if (step->op == MOUNT_ROOT) {
		*root = fresh_tmpfs(step->size, step->inodes, step->mode, step->no_exec);
		must(move_mount(*root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH));
	} else if (step->op == MOUNT_BIND && !prepared->skip) {
		attach(sources[index], *root, step->target + 1);
	} else if (step->op == MOUNT_PROC || step->op == MOUNT_TMPFS || step->op == MOUNT_MQUEUE) {
		mount_fresh(step, *root);
	} else if (step->op == MOUNT_WRITABLE) {
		make_writable(*root, step->target + 1, step->mode, step->no_exec);
	} else if (step->op == MOUNT_DEV) {
		make_dev(step, *root);
	} else if (step->op == MOUNT_SYMLINK) {
		must(symlinkat(step->text, *root, step->target + 1));
	} else if (step->op == MOUNT_FILE) {
		make_file(step, *root);
	} else if (step->op == MOUNT_MASK) {
		hide(step, *root);
	} else if (step->op == MOUNT_READ_ONLY) {
		make_read_only(step, *root);
	} else if (step->op == MOUNT_PIVOT) {
		pivot(step, *root);
	}
}

void floor_mount(const struct floor *floor)
{
	static int sources[LIMIT_MOUNTS];
	int root = -1;

	(void)umask(0);
	memcpy(sources, floor->sources, sizeof(sources));
	if (geteuid() != 0 && sources[0] < 0)
		must(take_all(floor, sources));
	for (size_t i = 0; i < floor->plan.mount_count; i++)
		run_step(floor, i, sources, &root);
}
