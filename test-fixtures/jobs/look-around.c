/* look-around: which other processes it sees are open to it, and what of them, a line each: "7 nsjob-init exe mem". What nobody
 * may look into is not printed. It may be killed for the attempt by a filter, but for ptrace(2), which it leaves for last. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "job.h"

static int readable_link(int process, const char *name)
{
	char target[PATH_MAX];

	return readlinkat(process, name, target, sizeof target) >= 0;
}

static int openable(int process, const char *name, int flags)
{
	int fd = openat(process, name, flags);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void look(int process, int pid)
{
	char comm[64] = "";
	int fd = openat(process, "comm", O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, comm, sizeof comm - 1);
	char found[128] = "";

	if (fd >= 0)
		close(fd);
	comm[length > 0 ? length - 1 : 0] = '\0';
	if (readable_link(process, "exe"))
		strcat(found, " exe");
	if (readable_link(process, "root"))
		strcat(found, " root");
	if (readable_link(process, "cwd"))
		strcat(found, " cwd");
	if (readable_link(process, "fd/0"))
		strcat(found, " fd");
	if (openable(process, "environ", O_RDONLY))
		strcat(found, " environ");
	if (openable(process, "mem", O_RDWR))
		strcat(found, " mem");
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0)
		strcat(found, " ptrace");
	if (found[0] != '\0')
		printf("%d %s%s\n", pid, comm, found);
}

int main(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	if (processes == NULL)
		return 1;
	while ((entry = readdir(processes)) != NULL) {
		int pid = atoi(entry->d_name);
		int process = pid > 0 && pid != getpid() ? openat(dirfd(processes), entry->d_name, O_RDONLY | O_DIRECTORY) : -1;

		if (process < 0)
			continue;
		look(process, pid);
		close(process);
	}
	return 0;
}
