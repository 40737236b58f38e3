/* connect-to-loopback PORT: services of the host that trust whoever is on the machine. */
#include "attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number_argument(argc, argv, 1)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	judge(connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect");
}
