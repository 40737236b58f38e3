/* Into namespaces by their files. */
#include "attack.h"

#include <sched.h>

int main(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	int number;

	if (fd < 0)
		broken("/proc/self/ns/user: %s", errno_name(errno));
	/* Its own user namespace cannot be entered: EINVAL is the kernel's answer, EPERM the filter's. */
	(void)setns(fd, CLONE_NEWUSER);
	number = errno;
	if (number == EINVAL)
		escaped("setns: the kernel was asked");
	refused("setns: %s", errno_name(number));
}
