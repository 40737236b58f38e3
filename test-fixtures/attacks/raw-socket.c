/* Packets of its own making: CAP_NET_RAW, in its own network as well. */
#include "attack.h"

#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
	judge(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw socket");
}
