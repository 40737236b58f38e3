/* echo-both: every byte of standard input goes to standard output and to standard error. */
#include <unistd.h>

#include "job.h"

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, data, length);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		length -= (size_t)done;
	}
	return 0;
}

int main(void)
{
	static char buffer[65536];
	for (;;) {
		ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 ? 0 : 1;
		if (write_all(STDOUT_FILENO, buffer, (size_t)got) != 0 || write_all(STDERR_FILENO, buffer, (size_t)got) != 0)
			return 1;
	}
}
