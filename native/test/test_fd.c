/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "error.h"
#include "fd.h"
#include "filter.h"

/* What the forked children return when the test, not the helper, goes wrong. */
#define BROKEN 100

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static int open_at(int fd)
{
	return dup2(0, fd) == fd ? 0 : -1;
}

struct close_case {
	int errnum; /* what close_range answers; 0 = itself */
	int high;   /* the highest descriptor there is */
};

/* Gaps, high numbers, an unsorted list to keep with -1s, duplicates, standard streams and closed ones in it. */
static int close_with_gaps(void *argument)
{
	const struct close_case *test = argument;
	const int opened[] = {3, 4, 5, 9, 10, 11, 40, 41, 200, test->high - 1, test->high};
	int keep[] = {41, -1, 5, test->high - 1, 9, -1, 5, 1, 77, 3};
	const int left[] = {0, 1, 2, 3, 5, 9, 41, test->high - 1};
	struct rlimit limit;
	struct error err;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return BROKEN;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return BROKEN;
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		if (open_at(opened[i]) < 0)
			return BROKEN;
	}
	if (test->errnum != 0 && filter_refuse(SYS_close_range, test->errnum) < 0)
		return BROKEN;
	if (fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), &err) < 0)
		return 1;
	for (int fd = 0; fd <= test->high; fd++) {
		bool due = false;

		for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
			due = due || left[i] == fd;
		if (is_open(fd) != due)
			return 2 + (due ? 1 : 0);
	}
	return 0;
}

static int close_nothing_kept(void *argument)
{
	const struct close_case *test = argument;
	int keep[] = {-1, -1};
	struct error err;

	if (open_at(3) < 0 || open_at(test->high) < 0)
		return BROKEN;
	if (test->errnum != 0 && filter_refuse(SYS_close_range, test->errnum) < 0)
		return BROKEN;
	if (fd_close_all_but(keep, 2, &err) < 0)
		return 1;
	for (int fd = 3; fd <= test->high; fd++) {
		if (is_open(fd))
			return 2;
	}
	return is_open(0) && is_open(1) && is_open(2) ? 0 : 3;
}

/* More than one page of /proc/self/fd, and closing while it is read. */
static int close_many(void *argument)
{
	const struct close_case *test = argument;
	int keep[] = {500};
	struct error err;

	for (int fd = 3; fd < 900; fd++) {
		if (open_at(fd) < 0)
			return BROKEN;
	}
	if (test->errnum != 0 && filter_refuse(SYS_close_range, test->errnum) < 0)
		return BROKEN;
	if (fd_close_all_but(keep, 1, &err) < 0)
		return 1;
	for (int fd = 3; fd < 900; fd++) {
		if (is_open(fd) != (fd == 500))
			return 2;
	}
	return 0;
}

static int close_refused_otherwise(void *ignored)
{
	int keep[] = {3};
	struct error err;

	(void)ignored;
	if (filter_refuse(SYS_close_range, EINVAL) < 0)
		return BROKEN;
	return fd_close_all_but(keep, 1, &err) < 0 && err.errnum == EINVAL ? 0 : 1;
}

static void test_close_all_but(void)
{
	struct rlimit limit;
	struct close_case cases[] = {{0, 0}, {ENOSYS, 0}, {EPERM, 0}};

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		tap_bail("getrlimit: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *how = cases[i].errnum == 0 ? "close_range" : cases[i].errnum == ENOSYS ? "ENOSYS" : "EPERM";

		cases[i].high = limit.rlim_max > 20000 ? 19999 : (int)limit.rlim_max - 1;
		CHECK(tap_child(close_with_gaps, &cases[i]) == 0, "%s: gaps, high numbers, an unsorted list", how);
		cases[i].high = 300;
		CHECK(tap_child(close_nothing_kept, &cases[i]) == 0, "%s: nothing to keep", how);
		CHECK(tap_child(close_many, &cases[i]) == 0, "%s: hundreds of descriptors", how);
	}
	CHECK_NUMBER(tap_child(close_refused_otherwise, NULL), 0, "any other errno is an error, not a descriptor left open");
}

static bool is_null_device(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3) &&
	       (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
}

static int fill(void *argument)
{
	const int mask = *(const int *)argument;
	struct error err;

	for (int fd = 0; fd <= 2; fd++) {
		if ((mask >> fd & 1) != 0)
			(void)close(fd);
	}
	if (fd_fill_stdio(&err) < 0)
		return 1;
	for (int fd = 0; fd <= 2; fd++) {
		if (!is_open(fd))
			return 2;
		/* Those that were open are not touched: they are pipes or files here. */
		if ((mask >> fd & 1) != 0 && !is_null_device(fd))
			return 3;
	}
	return is_open(3) && is_null_device(3) ? 4 : 0;
}

static void test_fill_stdio(void)
{
	for (int mask = 0; mask < 8; mask++)
		CHECK(tap_child(fill, &mask) == 0, "standard descriptors closed: %s%s%s", mask & 1 ? "0 " : "", mask & 2 ? "1 " : "",
		      mask & 4 ? "2" : "");
}

static int fill_without_null(void *ignored)
{
	struct error err;

	(void)ignored;
	(void)close(1);
	if (filter_refuse(SYS_openat, EACCES) < 0)
		return BROKEN;
	return fd_fill_stdio(&err) < 0 && err.errnum == EACCES ? 0 : 1;
}

static void test_ownership(void)
{
	int fd = dup(0);
	int number = fd;
	int none = -1;

	CHECK(fd_take(&fd) == number && fd == -1 && is_open(number), "taking leaves -1 behind and closes nothing");
	errno = 77;
	fd_close(&number);
	CHECK(number == -1 && errno == 77, "closing leaves -1 and errno alone");
	fd_close(&none);
	CHECK(none == -1 && errno == 77, "closing nothing is nothing");
	{
		_cleanup_close_ int scoped = dup(0);

		number = scoped;
	}
	CHECK(!is_open(number), "the end of the scope closes");
}

static void test_read_full(void)
{
	char buffer[8] = "";
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], "abcdef", 6) != 6)
		tap_bail("pipe: %s", strerror(errno));
	CHECK(fd_read_full(ends[0], buffer, 4) == 0 && memcmp(buffer, "abcd", 5) == 0, "exactly as much as asked");
	fd_close(&ends[1]);
	errno = 77;
	CHECK(fd_read_full(ends[0], buffer, 4) < 0 && errno == 0, "the end in the middle is an error without an errno");
	CHECK(fd_read_full(ends[0], buffer, 0) == 0, "nothing can always be read");
	fd_close(&ends[0]);
	CHECK(fd_read_full(-1, buffer, 1) < 0 && errno == EBADF, "an error keeps its errno");
}

static int drip(void *argument)
{
	int fd = *(int *)argument;
	static const char text[] = "0123456789";

	for (size_t i = 0; i < 10; i++) {
		(void)usleep(2000);
		if (write(fd, text + i, 1) != 1)
			return 1;
	}
	return 0;
}

static void test_send_and_drip(void)
{
	char buffer[16] = "";
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		tap_bail("socketpair: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		_exit(drip(&ends[1]));
	CHECK(fd_read_full(ends[0], buffer, 10) == 0 && strcmp(buffer, "0123456789") == 0, "a slow writer is read to the end");
	CHECK_NUMBER(tap_wait(pid), 0, "and wrote it all");
	CHECK(fd_send_full(ends[0], "xyz", 3) == 0 && read(ends[1], buffer, sizeof(buffer)) == 3, "sending");
	fd_close(&ends[1]);
	CHECK(fd_send_full(ends[0], "xyz", 3) < 0 && errno == EPIPE, "sending to nobody is EPIPE, and no signal");
	fd_close(&ends[0]);
}

static void test_files(void)
{
	char path[] = "/tmp/nsjob-test.XXXXXX";
	char buffer[8];
	int fd = mkstemp(path);

	if (fd < 0)
		tap_bail("mkstemp: %s", strerror(errno));
	CHECK_NUMBER(fd_write_file(AT_FDCWD, path, "0123456789", 10), 0, "a text is written");
	CHECK(fd_read_file(AT_FDCWD, path, buffer, sizeof(buffer)) == 7 && strcmp(buffer, "0123456") == 0,
	      "reading stops a byte before the buffer's end, with a NUL");
	if (ftruncate(fd, 0) < 0)
		tap_bail("ftruncate: %s", strerror(errno));
	CHECK(fd_read_file(AT_FDCWD, path, buffer, sizeof(buffer)) == 0 && buffer[0] == '\0', "an empty file is the empty text");
	fd_close(&fd);
	(void)unlink(path);
	CHECK(fd_read_file(AT_FDCWD, path, buffer, sizeof(buffer)) < 0 && errno == ENOENT, "no file, no text");
	CHECK(fd_write_file(AT_FDCWD, path, "x", 1) < 0 && errno == ENOENT, "and none is made");
	CHECK(fd_read_file(AT_FDCWD, "/tmp", buffer, sizeof(buffer)) < 0 && errno == EISDIR, "a directory is an error");
	CHECK(fd_write_file(AT_FDCWD, "/dev/full", "x", 1) < 0 && errno == ENOSPC, "a failed write is an error");
}

int main(void)
{
	test_close_all_but();
	test_fill_stdio();
	CHECK_NUMBER(tap_child(fill_without_null, NULL), 0, "no /dev/null is an error");
	test_ownership();
	test_read_full();
	test_send_and_drip();
	test_files();
	return tap_done();
}
