/* chroot-breakout FILE: the old way out of a chroot, for who may chroot: a new one below, with the working directory left outside. */
#include "attack.h"

int main(int argc, char **argv)
{
	const char *file = argument(argc, argv, 1);
	char text[16];

	need(chroot("/usr"), "chroot");
	for (int i = 0; i < 64; i++)
		(void)!chdir("..");
	need(chroot("."), "chroot to the top");
	if (read_file(file, text, sizeof(text)) > 0)
		escaped("%s: read", file);
	refused("%s behind chroot: %s", file, errno_name(errno));
}
