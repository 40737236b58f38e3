/* connect-to-abstract NAME: sockets without a file belong to the network namespace (CVE-2020-15257). */
#include "attack.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *name = argument(argc, argv, 1);
	size_t length = strlen(name);

	memcpy(address.sun_path + 1, name, length);
	judge(connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)), "connect");
}
