/* SPDX-License-Identifier: Apache-2.0 */
#include "idblock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "text.h"

/* mkdir -p with 0755 on the way and 0700 at the end. */
static int make_directories(const char *path, struct error *err)
{
	char partial[LIMIT_PATH];
	size_t length = strlen(path);

	memcpy(partial, path, length + 1);
	for (char *slash = strchr(partial + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return error_set(err, "mkdir", errno, partial, "cannot make the directory of id blocks");
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set(err, "mkdir", errno, path, "cannot make the directory of id blocks");
	return 0;
}

static int open_directory(const char *path, int *ret_fd, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct stat status;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (make_directories(path, err) < 0)
			return -1;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, "open", errno, path, "cannot open the directory of id blocks");
	/* Whoever can write here can make two jobs share their ids. */
	if (status.st_uid != geteuid() || (status.st_mode & 022) != 0)
		return error_set(err, "", EPERM, path, "the directory of id blocks must be ours and writable by nobody else");
	*ret_fd = fd_take(&fd);
	return 0;
}

/* 1 locked, 0 taken, -1 error. */
static int try_base(int directory, uint32_t base, int *ret_fd, struct error *err)
{
	/*
	 * Of the open file description, so shared with init by fork and gone with the last copy; unlike flock(2) it also
	 * excludes the fcntl locks by which Java tells a stale file (fcntl(2)).
	 */
	struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[16];

	(void)snprintf(name, sizeof(name), "%" PRIu32, base);
	for (;;) {
		_cleanup_close_ int fd = openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		struct stat status;

		if (fd < 0)
			return error_set(err, "open", errno, name, "cannot make the lock of an id block");
		if (fcntl(fd, F_OFD_SETLK, &whole_file) < 0) {
			if (errno == EAGAIN || errno == EACCES)
				return 0;
			return error_set(err, "fcntl", errno, name, "cannot lock an id block");
		}
		if (fstat(fd, &status) < 0)
			return error_set(err, "fstat", errno, name, "cannot lock an id block");
		/* Unlinked by its last owner between our open and our lock: that lock protects nothing, take a new file. */
		if (status.st_nlink == 0)
			continue;
		*ret_fd = fd_take(&fd);
		return 1;
	}
}

int idblock_lock(const struct id_block *block, struct id_lock *ret_lock, struct error *err)
{
	_cleanup_close_ int directory = -1;

	if (block->directory == NULL)
		return 0;
	if (open_directory(block->directory, &directory, err) < 0)
		return -1;
	for (size_t i = 0; i < block->base_count; i++) {
		int locked = try_base(directory, block->bases[i], &ret_lock->fd, err);

		if (locked < 0)
			return -1;
		if (locked > 0) {
			ret_lock->base = block->bases[i];
			ret_lock->directory = fd_take(&directory);
			return 0;
		}
	}
	return error_set(err, "", EBUSY, block->directory, "all %zu id blocks offered are in use", block->base_count);
}

static bool is_in(uint32_t id, uint32_t base, const struct id_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		/* Smaller ones wrap around to large differences. */
		if (id - (base + map->ranges[i].outside) < map->ranges[i].count)
			return true;
	}
	return false;
}

/* Real, effective, saved, and for files. */
static bool has_id(int proc_dir, const char *pid, uint32_t base, const struct id_map *map)
{
	char path[32], text[2048];
	uint32_t ids[4];
	const char *line;

	(void)snprintf(path, sizeof(path), "%.10s/status", pid);
	/* Gone meanwhile, mostly. */
	if (fd_read_file(proc_dir, path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "\nUid:");
	if (line == NULL)
		return false;
	line += strlen("\nUid:");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (!text_uint32(&line, &ids[i]))
			return false;
	}
	return is_in(ids[0], base, map) || is_in(ids[1], base, map) || is_in(ids[2], base, map) || is_in(ids[3], base, map);
}

static bool look(const struct id_lock *lock, int proc_dir, const struct id_map *uids)
{
	int fd = openat(proc_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *name;
	bool found = false;

	if (directory == NULL) {
		fd_close(&fd);
		return true; /* Out of descriptors: not known is not unused. */
	}
	while (!found && (name = readdir(directory)) != NULL)
		found = name->d_name[0] >= '1' && name->d_name[0] <= '9' && has_id(proc_dir, name->d_name, lock->base, uids);
	(void)closedir(directory);
	return found;
}

bool idblock_used(const struct id_lock *lock, int proc_dir, const struct id_map *uids)
{
	return look(lock, proc_dir, uids) || look(lock, proc_dir, uids);
}

void idblock_release(struct id_lock *lock)
{
	char name[16];

	if (lock->fd < 0)
		return;
	(void)snprintf(name, sizeof(name), "%" PRIu32, lock->base);
	/* While still locked: nobody can hold a lock on the name we remove. */
	(void)unlinkat(lock->directory, name, 0);
	fd_close(&lock->fd);
	fd_close(&lock->directory);
}
