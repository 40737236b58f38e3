/* leave-setuid DIRECTORY: a setuid file of the host's root, where what the job writes is the host's root's on disk. */
#include "attack.h"

#include <linux/openat2.h>
#include <sys/stat.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static char path[256];

static void look(const char *how)
{
	struct stat status;

	if (stat(path, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0)
		escaped("by %s", how);
	(void)unlink(path);
}

static void make(void)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		broken("%s: %s", path, errno_name(errno));
	(void)close(fd);
}

int main(int argc, char **argv)
{
	struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 04755};
	const char *directory = argument(argc, argv, 1);
	int fd;

	(void)umask(0);
	(void)snprintf(path, sizeof(path), "%s/setuid", directory);
	make();
	(void)chmod(path, 04755);
	look("chmod");
	make();
	fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)fchmod(fd, 02755);
	look("fchmod");
	make();
	(void)syscall(SYS_fchmodat, AT_FDCWD, path, 04755);
	look("fchmodat");
	make();
	(void)syscall(SYS_fchmodat2, AT_FDCWD, path, 04755, 0);
	look("fchmodat2");
	(void)open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 04755);
	look("open");
	(void)creat(path, 04755);
	look("creat");
	(void)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	look("openat2");
	(void)mknod(path, S_IFREG | 04755, 0);
	look("mknod");
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 04755);
	if (fd >= 0) {
		char name[64];

		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		(void)linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
		look("O_TMPFILE");
	}
	refused("no way was left");
}
