/* handle FILE: what open_by_handle_at(2) wants for it: the type, and the bytes as hexadecimal digits. */
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	union {
		struct file_handle head;
		unsigned char raw[sizeof(struct file_handle) + 128];
	} handle = {.head.handle_bytes = 128};
	int mount;

	if (argc != 2 || name_to_handle_at(AT_FDCWD, argv[1], &handle.head, &mount, 0) < 0) {
		perror("handle");
		return 1;
	}
	printf("%d ", handle.head.handle_type);
	for (unsigned int i = 0; i < handle.head.handle_bytes; i++)
		printf("%02x", handle.raw[sizeof(handle.head) + i]);
	puts("");
	return 0;
}
