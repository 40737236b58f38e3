/* Descriptors out of another process. */
#include "attack.h"

int main(void)
{
	long pidfd = syscall(SYS_pidfd_open, idle_child(), 0);

	if (pidfd < 0)
		broken("pidfd_open: %s", errno_name(errno));
	judge(syscall(SYS_pidfd_getfd, pidfd, 0, 0), "pidfd_getfd");
}
