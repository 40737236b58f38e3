/* SPDX-License-Identifier: Apache-2.0 */
#include "self.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "sys.h"

/* Far above the size of any build of ours. */
#define LARGEST (64 * 1024 * 1024)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char subject[] = "/proc/self/exe";

/* MFD_EXEC is of Linux 6.3, and since then may be demanded (vm.memfd_noexec); older kernels refuse it. */
static int make_file(void)
{
	int fd = memfd_create("nsjob", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	return fd >= 0 || errno != EINVAL ? fd : memfd_create("nsjob", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/*
 * Not the file itself: whoever may look into the process later finds it as /proc/PID/exe, and could write to it as soon as
 * nobody executes it any more (CVE-2019-5736). The helper of an unprivileged caller belongs to the ids that its jobs have.
 */
int self_copy(int *ret_fd, struct error *err)
{
	_cleanup_close_ int program = open(subject, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int copy = -1;
	struct stat status;
	off_t done = 0;

	if (program < 0 || fstat(program, &status) < 0)
		return error_set(err, "open", errno, subject, "cannot open our own program");
	if (status.st_size > LARGEST)
		return error_set(err, "", EFBIG, subject, "our own program is too large to be copied");
	copy = make_file();
	if (copy < 0)
		return error_set(err, "memfd_create", errno, subject, "cannot make a file in memory that may be executed");
	while (done < status.st_size) {
		if (sendfile(copy, program, &done, (size_t)(status.st_size - done)) <= 0)
			return error_set(err, "sendfile", errno, subject, "cannot copy our own program");
	}
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0 || fcntl(copy, F_GET_SEALS) != SEALS)
		return error_set(err, "fcntl", errno, subject, "cannot seal the copy of our own program");
	*ret_fd = fd_take(&copy);
	return 0;
}

int self_execute(int fd, char *const argv[], char *const environment[], struct error *err)
{
	/* By descriptor: no root, and no /proc, has to have it. */
	(void)sys_execveat(fd, "", argv, environment, AT_EMPTY_PATH);
	return error_set(err, "execveat", errno, argv[0], "cannot execute the helper's own program");
}

int self_unpin(const char *path)
{
	/* A file on which nothing is mounted any more goes as well. */
	if ((umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL) || unlink(path) < 0) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	return 0;
}

int self_keep(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte;
	ssize_t got;

	while ((got = read(STDIN_FILENO, &byte, 1)) < 0 && errno == EINTR)
		;
	if (got <= 0)
		return got == 0 ? 0 : 125;
	/* Only its end is missed when there is no /dev/null: the writer is gone by then. */
	(void)dup2(null, STDIN_FILENO);
	fd_close(&null);
	return self_pause();
}

int self_pause(void)
{
	(void)prctl(PR_SET_NAME, "nsjob-pause", 0, 0, 0);
	/* A filter that refuses even this must not make a busy loop of it. */
	while (ppoll(NULL, 0, NULL, NULL) == 0 || errno == EINTR)
		;
	return 125;
}
