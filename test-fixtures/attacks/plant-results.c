/* plant-results FILE: among its results a link to a file of the host's, and what a reader would wait for or not come to an end with. */
#include "attack.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
	if (symlink(argument(argc, argv, 1), "/work/link") < 0 || mkfifo("/work/fifo", 0666) < 0 ||
	    symlink("/dev/zero", "/work/zero") < 0 || link("/work/fifo", "/work/other") < 0)
		broken("/work: %s", errno_name(errno));
	refused("left a link and a FIFO");
}
