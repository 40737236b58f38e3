/* The kernel's log: addresses, and what else the host does. */
#include "attack.h"

int main(void)
{
	char text[64];

	judge(syscall(SYS_syslog, 3, text, sizeof(text)), "syslog");
}
