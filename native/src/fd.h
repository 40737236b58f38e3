/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File descriptors: ownership, whole reads and writes, closing everything else.
 */
#ifndef NSJOB_FD_H
#define NSJOB_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>

struct error;

/* Closes *fd if it is one (>= 0), keeps errno. */
void fd_close(int *fd);

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

#define _cleanup_close_ __attribute__((cleanup(fd_close)))
#define _cleanup_free_ __attribute__((cleanup(free_pointer)))

/* Gives ownership away. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Descriptors 0-2 that are closed become /dev/null, so that no socket of ours ever lands there. */
int fd_fill_stdio(struct error *err);

/*
 * Closes every descriptor from 3 up but the given ones, which it sorts; negative entries are dropped. Falls back to
 * /proc/self/fd where close_range(2) is missing, and fails rather than leave one open.
 */
int fd_close_all_but(int keep[], size_t count, struct error *err);

/* Closes what of them is a descriptor, rows of successive ones at once. */
void fd_close_many(int fds[], size_t count);

/* Reads exactly size bytes: 0, -1 with errno, or -1 with errno = 0 at end of file. */
int fd_read_full(int fd, void *buffer, size_t size);
/* Sends everything without SIGPIPE: 0 or -1 with errno. Sockets only. */
int fd_send_full(int fd, const void *buffer, size_t size);

/* Reads a small /proc file at a path below a directory descriptor into a NUL-terminated buffer: length or -1. */
ssize_t fd_read_file(int directory, const char *path, char *buffer, size_t size);
/* One write(2) of the text, as procfs demands: 0 or -1 with errno. */
int fd_write_file(int directory, const char *path, const char *text, size_t length);

#endif
