/* SPDX-License-Identifier: Apache-2.0 */
#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "fault.h"
#include "sys.h"

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

int fd_fill_stdio(struct error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* open(2) returns the lowest free number, and all below are open: it is this one. */
		if (open("/dev/null", O_RDWR) != fd)
			return error_set(err, "open", errno, "/dev/null", "cannot fill closed standard descriptor %d", fd);
	}
	return 0;
}

/* Moves the descriptors to the front, in order; mostly they are already. No qsort(3), which would allocate. */
static size_t put_in_order(int fds[], size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		int fd = fds[i];
		size_t place = used;

		if (fd < 0)
			continue;
		for (; place > 0 && fds[place - 1] > fd; place--)
			fds[place] = fds[place - 1];
		fds[place] = fd;
		used++;
	}
	return used;
}

void fd_close_many(int fds[], size_t count)
{
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;

		while (end < count && fds[i] >= 0 && fds[end] == fds[end - 1] + 1)
			end++;
		if (end - i > 1 && sys_close_range((unsigned int)fds[i], (unsigned int)fds[end - 1], 0) == 0) {
			for (; i < end; i++)
				fds[i] = -1;
			continue;
		}
		fd_close(&fds[i++]);
	}
}

static bool is_kept(int fd, const int keep[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keep[i] == fd)
			return true;
	}
	return false;
}

/* Linux before 5.9, or a container that answers ENOSYS. No bounded loop: whatever /proc lists is closed. */
static int close_listed(const int keep[], size_t count, struct error *err)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (directory == NULL)
		return error_set(err, "opendir", errno, "/proc/self/fd", "cannot list descriptors to close");
	while ((entry = readdir(directory)) != NULL) {
		char *end = NULL;
		long number = strtol(entry->d_name, &end, 10);

		if (*end != '\0' || number < 3 || number > INT_MAX || number == dirfd(directory) ||
		    is_kept((int)number, keep, count))
			continue;
		(void)close((int)number);
	}
	(void)closedir(directory);
	return 0;
}

int fd_close_all_but(int keep[], size_t count, struct error *err)
{
	unsigned int first = 3;

	if (fault_off("descriptors"))
		return 0;
	count = put_in_order(keep, count);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < 3)
			continue;
		if ((unsigned int)keep[i] > first && sys_close_range(first, (unsigned int)keep[i] - 1, 0) < 0)
			goto fallback;
		first = (unsigned int)keep[i] + 1;
	}
	if (sys_close_range(first, UINT_MAX, 0) == 0)
		return 0;
fallback:
	if (errno != ENOSYS && errno != EPERM)
		return error_set(err, "close_range", errno, "", "cannot close inherited descriptors");
	return close_listed(keep, count, err);
}

int fd_read_full(int fd, void *buffer, size_t size)
{
	char *position = buffer;

	while (size > 0) {
		ssize_t got = read(fd, position, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got == 0)
				errno = 0;
			return -1;
		}
		position += got;
		size -= (size_t)got;
	}
	return 0;
}

int fd_send_full(int fd, const void *buffer, size_t size)
{
	const char *position = buffer;

	while (size > 0) {
		ssize_t sent = send(fd, position, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1;
		position += sent;
		size -= (size_t)sent;
	}
	return 0;
}

ssize_t fd_read_file(int directory, const char *path, char *buffer, size_t size)
{
	_cleanup_close_ int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;

	if (fd < 0)
		return -1;
	while (length < size - 1) {
		ssize_t got = read(fd, buffer + length, size - 1 - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	buffer[length] = '\0';
	return (ssize_t)length;
}

int fd_write_file(int directory, const char *path, const char *text, size_t length)
{
	_cleanup_close_ int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return -1;
	do {
		written = write(fd, text, length);
	} while (written < 0 && errno == EINTR);
	if (written < 0)
		return -1;
	if ((size_t)written != length) {
		errno = EIO;
		return -1;
	}
	return 0;
}
