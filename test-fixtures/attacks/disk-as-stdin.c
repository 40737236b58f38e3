/* A disk is all of its files. */
#include "attack.h"

#include <sys/stat.h>

int main(void)
{
	struct stat status;

	if (fstat(0, &status) == 0 && S_ISBLK(status.st_mode))
		escaped("standard input is a disk");
	refused("standard input is no disk");
}
