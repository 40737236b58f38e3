/* A file of more than the limit, sparse. */
#include "attack.h"

int main(void)
{
	int fd = open("/tmp/large", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		broken("/tmp/large: %s", errno_name(errno));
	(void)signal(SIGXFSZ, SIG_IGN);
	judge(ftruncate(fd, (2L << 30)), "2 GiB");
}
