/* The same, with bits set that the kernel cuts off (CVE-2019-10063). */
#include "attack.h"

#include <sys/ioctl.h>

int main(void)
{
	if (!isatty(0))
		broken("standard input is no terminal");
	judge(syscall(SYS_ioctl, 0, 1UL << 32 | TIOCSTI, "x"), "TIOCSTI with a high bit");
}
