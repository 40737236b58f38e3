/* SPDX-License-Identifier: Apache-2.0 */
#include "chroot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"

int chroot_enter(const char *path, struct error *err)
{
	_cleanup_close_ int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return error_set(err, "open", errno, path, "cannot open the directory that is to be the job's root");
	return chroot_into(directory, path, err);
}

int chroot_into(int directory, const char *path, struct error *err)
{
	struct stat meant, found;

	if (fstat(directory, &meant) < 0)
		return error_set(err, "fstat", errno, path, "cannot look at the directory that is to be the job's root");
	/* First into it: chroot(2) leaves the working directory where it is, and outside of the root that is the way out. */
	if (fchdir(directory) < 0)
		return error_set(err, "fchdir", errno, path, "cannot enter the directory that is to be the job's root");
	if (chroot(".") < 0)
		return error_set(err, "chroot", errno, path, "cannot make it the job's root");
	if (stat("/", &found) < 0 || found.st_dev != meant.st_dev || found.st_ino != meant.st_ino)
		return error_set(err, "", EPROTO, path, "is not the job's root");
	return 0;
}
