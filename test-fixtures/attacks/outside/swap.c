/* swap ONE OTHER: exchanges two names again and again until its standard input ends; then prints how often. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	long count = 0;

	if (argc != 3)
		return 99;
	while (poll(&input, 1, 0) == 0) {
		for (int i = 0; i < 64; i++, count++) {
			if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0) {
				perror("renameat2");
				return 1;
			}
		}
	}
	printf("%ld\n", count);
	return 0;
}
