/* Where on the host its cgroups are. */
#include "attack.h"

int main(void)
{
	char text[8192];

	if (read_file("/proc/self/cgroup", text, sizeof(text)) < 0)
		refused("/proc/self/cgroup: %s", errno_name(errno));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		const char *path = strrchr(line, ':');

		if (path != NULL && strcmp(path, ":/") != 0)
			escaped("%s", line);
	}
	refused("every path is /");
}
