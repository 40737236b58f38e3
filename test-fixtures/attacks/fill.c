/* fill DIRECTORY MEBIBYTES: memory by way of a tmpfs. */
#include "attack.h"

int main(int argc, char **argv)
{
	static char block[1 << 20];
	char path[256];
	long most = number_argument(argc, argv, 2);
	int fd;

	(void)snprintf(path, sizeof(path), "%s/fill", argument(argc, argv, 1));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		broken("%s: %s", path, errno_name(errno));
	for (long count = 0; count < most; count++) {
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			refused("MiB %ld: %s", count, errno_name(errno));
	}
	escaped("wrote %ld MiB", most);
}
