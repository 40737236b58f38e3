/* find-text TEXT: the canary, which the caller has in a path, looked for in all that the job may read about itself and others. */
#include "attack.h"

#include <dirent.h>

static void look(const char *text, const char *pid, const char *file)
{
	static char content[1 << 16];
	char path[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	length = read_file(path, content, sizeof(content));
	if (length > 0 && memmem(content, (size_t)length, text, strlen(text)) != NULL)
		escaped("in %s", path);
	length = readlink(path, content, sizeof(content));
	if (length > 0 && memmem(content, (size_t)length, text, strlen(text)) != NULL)
		escaped("in the link %s", path);
}

int main(int argc, char **argv)
{
	static const char *const files[] = {"environ", "cgroup", "cmdline", "comm", "exe", "cwd", "root", "maps", "mountinfo",
					    "mounts", "stat", "status", "fd/0", "fd/1", "fd/2", "net/unix"};
	static char text[256];
	struct dirent *entry;
	DIR *processes = opendir("/proc");

	/* Taken away from its own command line first. */
	(void)snprintf(text, sizeof(text), "%s", argument(argc, argv, 1));
	memset(argv[1], 0, strlen(argv[1]));
	if (processes == NULL)
		refused("/proc: %s", errno_name(errno));
	while ((entry = readdir(processes)) != NULL) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			look(text, entry->d_name, files[i]);
	}
	refused("found nowhere");
}
