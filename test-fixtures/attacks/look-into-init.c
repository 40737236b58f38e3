/* look-into-init FILE: environment, descriptors, root, executable of the job's init. */
#include "attack.h"

#include <dirent.h>

int main(int argc, char **argv)
{
	char path[64], target[4096];
	const char *file = argument(argc, argv, 1);

	(void)snprintf(path, sizeof(path), "/proc/1/%s", file);
	if (strcmp(file, "fd") == 0)
		judge(opendir(path) != NULL ? 0 : -1, path);
	if (strcmp(file, "exe") == 0 || strcmp(file, "root") == 0 || strcmp(file, "cwd") == 0)
		judge(readlink(path, target, sizeof(target)), path);
	judge(read_file(path, target, sizeof(target)), path);
}
