/* The mask of a file of /proc taken off, by who may unmount. */
#include "attack.h"

#include <sys/mount.h>

int main(void)
{
	judge(umount2("/proc/interrupts", MNT_DETACH), "umount of a mask");
}
