/* AF_VSOCK with a bit set that the kernel cuts off and a comparison of 64 bits trips over (as CVE-2019-10063 did for ioctl). */
#include "attack.h"

#include <sys/socket.h>

int main(void)
{
	judge(syscall(SYS_socket, 1UL << 32 | AF_VSOCK, (unsigned long)SOCK_STREAM, 0UL), "socket with a high bit");
}
