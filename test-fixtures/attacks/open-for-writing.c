/* open-for-writing FILE...: the host's knobs are opened, and not written. */
#include "attack.h"

int main(int argc, char **argv)
{
	int number = 0;

	(void)argument(argc, argv, 1);
	for (int i = 1; i < argc; i++) {
		if (open(argv[i], O_WRONLY | O_CLOEXEC) >= 0)
			escaped("%s: opened for writing", argv[i]);
		number = errno;
	}
	refused("%s: %s", argv[argc - 1], errno_name(number));
}
