/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories of the new root that are known: made by us, one in the other, from the root's own filesystem on. So there is no symlink
 * on the way to them and nothing lies over them, and what goes there needs no walk. They are forgotten when anything is mounted
 * elsewhere than on a name that has just been made, since that may be above one of them.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fault.h"
#include "fd.h"
#include "pages.h"
#include "rootfs.h"

#define KNOWN 8
/* Longer ones are looked up each time. */
#define KNOWN_PATH 56

static _written_ struct {
	size_t count;
	int fds[KNOWN];
	char paths[KNOWN][KNOWN_PATH];
} known;

void rootfs_forget(void)
{
	if (known.count == 0)
		return;
	fd_close_many(known.fds, known.count);
	known.count = 0;
}

static int find(const char *path, size_t length)
{
	for (size_t i = 0; i < known.count; i++) {
		if (strncmp(known.paths[i], path, length) == 0 && known.paths[i][length] == '\0')
			return known.fds[i];
	}
	return -1;
}

/* -1 also when there is something already, whatever it is. */
static int make(int parent, const char *path, size_t start, size_t length)
{
	char name[KNOWN_PATH];
	int fd;

	memcpy(name, path + start, length - start);
	name[length - start] = '\0';
	if (mkdirat(parent, name, 0755) < 0)
		return -1;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	memcpy(known.paths[known.count], path, length);
	known.paths[known.count][length] = '\0';
	known.fds[known.count++] = fd;
	return fd;
}

int rootfs_known(const struct rootfs *root, const char *path, const char **ret_name)
{
	const char *name = strrchr(path, '/') + 1;
	int fd = root->fd;

	*ret_name = name;
	if (!root->own_top || fault_off("resolve"))
		return -1;
	for (const char *start = path + 1; start < name && fd >= 0;) {
		const char *end = strchr(start, '/');
		size_t length = (size_t)(end - path);
		int parent = fd;

		if (length >= KNOWN_PATH)
			return -1;
		fd = find(path, length);
		if (fd < 0 && known.count < KNOWN)
			fd = make(parent, path, (size_t)(start - path), length);
		start = end + 1;
	}
	return fd;
}
