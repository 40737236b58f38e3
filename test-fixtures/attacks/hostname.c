/* hostname NAME: the host's name. */
#include "attack.h"

#include <sys/utsname.h>

int main(int argc, char **argv)
{
	struct utsname names;

	(void)uname(&names);
	if (strcmp(names.nodename, argument(argc, argv, 1)) == 0)
		escaped("sees the host's name");
	refused("sees %s", names.nodename);
}
