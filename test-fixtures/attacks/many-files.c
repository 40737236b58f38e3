/* many-files DIRECTORY COUNT: inodes are memory as well. */
#include "attack.h"

int main(int argc, char **argv)
{
	char path[256];
	long most = number_argument(argc, argv, 2);

	for (long count = 0; count < most; count++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%ld", argument(argc, argv, 1), count);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			refused("file %ld: %s", count, errno_name(errno));
		(void)close(fd);
	}
	escaped("made %ld files", most);
}
