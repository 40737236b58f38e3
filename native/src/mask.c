/* SPDX-License-Identifier: Apache-2.0 */
#include "mask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "newmount.h"
#include "plan.h"
#include "rootfs.h"

#define RESTRICTED (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* 1: open in *ret_fd; 0: not there. */
static int find(const struct rootfs *root, const char *path, int *ret_fd, struct error *err)
{
	*ret_fd = rootfs_open(root, path, 0);
	if (*ret_fd >= 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : error_set(err, "openat2", errno, path, "cannot open what is to be hidden");
}

static int put(int tree, int point, const char *path, struct error *err)
{
	if (move_mount(tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, "move_mount", errno, path, "cannot mount over it");
	return newmount_settle(tree, RESTRICTED, path, err);
}

static int hide_one(const struct rootfs *root, const char *path, int empty_file, int empty_directory, struct error *err)
{
	_cleanup_close_ int point = -1;
	_cleanup_close_ int tree = -1;
	struct stat status;
	int found = find(root, path, &point, err);

	if (found <= 0)
		return found;
	if (fstat(point, &status) < 0)
		return error_set(err, "fstat", errno, path, "cannot look at what is to be hidden");
	tree = newmount_clone(S_ISDIR(status.st_mode) ? empty_directory : empty_file, false, RESTRICTED, path, err);
	return tree < 0 ? -1 : put(tree, point, path, err);
}

/* Sources of our own, not /dev/null, which others can replace (CVE-2025-31133); they have no name by the time the job runs. */
int mask_hide(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	static const char file_name[] = ".nsjob-empty-file";
	static const char directory_name[] = ".nsjob-empty-directory";
	_cleanup_close_ int file = openat(root->scratch, file_name, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
	_cleanup_close_ int directory =
		mkdirat(root->scratch, directory_name, 0755) < 0 ? -1 : openat(root->scratch, directory_name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (file < 0 || directory < 0)
		return error_set(err, "openat", errno, file_name, "cannot create what hides");
	for (size_t i = 0; step->paths[i] != NULL; i++) {
		if (hide_one(root, step->paths[i], file, directory, err) < 0)
			return -1;
	}
	if (unlinkat(root->scratch, file_name, 0) < 0 || unlinkat(root->scratch, directory_name, AT_REMOVEDIR) < 0)
		return error_set(err, "unlinkat", errno, file_name, "cannot remove the names of the masks");
	return 0;
}

int mask_read_only(const struct rootfs *root, const struct mount_step *step, struct error *err)
{
	for (size_t i = 0; step->paths[i] != NULL; i++) {
		_cleanup_close_ int point = -1;
		_cleanup_close_ int tree = -1;
		int found = find(root, step->paths[i], &point, err);

		if (found < 0)
			return -1;
		if (found == 0)
			continue;
		tree = newmount_clone(point, true, RESTRICTED, step->paths[i], err);
		if (tree < 0 || put(tree, point, step->paths[i], err) < 0)
			return -1;
	}
	return 0;
}
