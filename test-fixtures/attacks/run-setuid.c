/* run-setuid FILE: runs a copy of this program that belongs to another id and has the setuid bit. The copy is seen by its name. */
#include "attack.h"

int main(int argc, char **argv)
{
	if (argc < 2) {
		if (geteuid() != getuid())
			escaped("setuid: euid is %u", (unsigned int)geteuid());
		refused("setuid: euid stayed %u", (unsigned int)geteuid());
	}
	(void)execl(argv[1], "/run-setuid", NULL);
	refused("execve: %s", errno_name(errno));
}
