/* many-processes COUNT: all alive at once. */
#include "attack.h"

int main(int argc, char **argv)
{
	long most = number_argument(argc, argv, 1);

	for (long count = 0; count < most; count++) {
		pid_t pid = fork();

		if (pid < 0)
			refused("fork of number %ld: %s", count, errno_name(errno));
		while (pid == 0)
			(void)pause();
	}
	escaped("has %ld children", most);
}
