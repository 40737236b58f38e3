/* open-for-reading FILE...: what the job must not see, or not see anything in. */
#include "attack.h"

int main(int argc, char **argv)
{
	char text[64];
	int number = 0;

	(void)argument(argc, argv, 1);
	for (int i = 1; i < argc; i++) {
		ssize_t length = read_file(argv[i], text, sizeof(text));

		if (length > 0)
			escaped("%s: read", argv[i]);
		number = length < 0 ? errno : 0;
	}
	refused("%s: %s", argv[argc - 1], number == 0 ? "empty" : errno_name(number));
}
