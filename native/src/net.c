/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "error.h"
#include "fd.h"

int net_loopback_up(struct error *err)
{
	/* Any socket carries the ioctl; a unix one works where AF_INET is compiled out of the caller's filter. */
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};

	if (fd < 0)
		return error_set(err, "socket", errno, "lo", "cannot reach the network interfaces");
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return error_set(err, "ioctl", errno, "lo", "cannot read the loopback interface");
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_set(err, "ioctl", errno, "lo", "cannot bring the loopback interface up");
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0 || (request.ifr_flags & IFF_UP) == 0)
		return error_set(err, "ioctl", errno, "lo", "the loopback interface is still down");
	return 0;
}
