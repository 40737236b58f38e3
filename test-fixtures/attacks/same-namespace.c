/* same-namespace KIND INODE: whether it is in the host's. */
#include "attack.h"

int main(int argc, char **argv)
{
	char path[64], link[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", argument(argc, argv, 1));
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		broken("%s: %s", path, errno_name(errno));
	link[length] = '\0';
	if (strstr(link, argument(argc, argv, 2)) != NULL)
		escaped("%s: the host's", link);
	refused("%s: its own", link);
}
