/* with-descriptor NUMBER FILE PROGRAM [ARG...]: a shell of Debian's opens no descriptor above 9. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc < 4)
		return 99;
	fd = open(argv[2], O_RDONLY);
	if (fd < 0 || dup2(fd, atoi(argv[1])) < 0) {
		perror(argv[2]);
		return 99;
	}
	(void)close(fd);
	(void)execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 99;
}
