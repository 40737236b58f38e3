/*
 * leave-privileges HOW FILE: makes a set-user-id file, or gives a file capabilities, as a job would that wants to find it later.
 * 0: done. 1: refused, and standard error says how.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "job.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define USAGE "leave-privileges chmod|fchmod|fchmodat|fchmodat2|open|creat|tmpfile|openat2|mknod|file-capability|nested FILE"
#define MODE 04755

/* All that uid 12345 needs to read any file. */
static int give_capabilities(const char *path)
{
	struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = {{.permitted = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH}},
	};

	return setxattr(path, "security.capability", &data, sizeof(data), 0);
}

static int put(const char *file, const char *text)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* In a user namespace below the job's, where all capabilities are back. */
static int nested(const char *path)
{
	char users[32], groups[32];

	(void)snprintf(users, sizeof(users), "0 %u 1", getuid());
	(void)snprintf(groups, sizeof(groups), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER) < 0 || put("setgroups", "deny") < 0 || put("gid_map", groups) < 0 || put("uid_map", users) < 0)
		return -1;
	return give_capabilities(path);
}

static long leave(const char *how, const char *path)
{
	struct open_how openat2_how = {.flags = O_CREAT | O_WRONLY, .mode = MODE};

	if (strcmp(how, "chmod") == 0)
		return chmod(path, MODE);
	if (strcmp(how, "fchmod") == 0)
		return fchmod(open(path, O_RDONLY | O_CLOEXEC), MODE);
	if (strcmp(how, "fchmodat") == 0)
		return syscall(SYS_fchmodat, AT_FDCWD, path, MODE);
	if (strcmp(how, "fchmodat2") == 0)
		return syscall(SYS_fchmodat2, AT_FDCWD, path, MODE, 0);
	if (strcmp(how, "file-capability") == 0)
		return give_capabilities(path);
	if (strcmp(how, "nested") == 0)
		return nested(path);
	(void)unlink(path);
	if (strcmp(how, "open") == 0)
		return open(path, O_CREAT | O_WRONLY | O_CLOEXEC, MODE);
	if (strcmp(how, "creat") == 0)
		return creat(path, MODE);
	if (strcmp(how, "tmpfile") == 0)
		return open("/src", O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);
	if (strcmp(how, "openat2") == 0)
		return syscall(SYS_openat2, AT_FDCWD, path, &openat2_how, sizeof(openat2_how));
	if (strcmp(how, "mknod") == 0)
		return mknod(path, S_IFREG | MODE, 0);
	job_misused(USAGE);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		job_misused(USAGE);
	umask(0);
	if (leave(argv[1], argv[2]) >= 0)
		return 0;
	fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	return 1;
}
