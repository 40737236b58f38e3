/* What it writes is readable for others on the host. */
#include "attack.h"

#include <sys/stat.h>

int main(void)
{
	struct stat status;
	int fd = open("/tmp/result", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 || fstat(fd, &status) < 0)
		broken("/tmp/result: %s", errno_name(errno));
	if ((status.st_mode & 077) != 0)
		escaped("mode is %o", status.st_mode & 0777);
	refused("mode is %o", status.st_mode & 0777);
}
