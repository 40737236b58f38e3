/* open-a-device FILE...: a device of the host's. That one of them opens is enough. */
#include "attack.h"

int main(int argc, char **argv)
{
	(void)argument(argc, argv, 1);
	for (int i = 1; i < argc; i++) {
		if (open(argv[i], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) >= 0)
			escaped("%s: opened", argv[i]);
	}
	refused("%s: %s", argv[argc - 1], errno_name(errno));
}
