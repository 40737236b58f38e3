/* The read-only root made writable again, by who may mount. */
#include "attack.h"

#include <sys/mount.h>

int main(void)
{
	judge(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL), "remount of the root");
}
