/* A node of the host's disk made by itself. */
#include "attack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void)
{
	judge(mknod("/tmp/disk", S_IFBLK | 0600, makedev(7, 0)), "mknod of a disk");
}
