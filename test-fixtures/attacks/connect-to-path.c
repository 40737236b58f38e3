/* connect-to-path SOCKET: a socket of the host's, such as that of a daemon. */
#include "attack.h"

#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", argument(argc, argv, 1));
	judge(connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect");
}
