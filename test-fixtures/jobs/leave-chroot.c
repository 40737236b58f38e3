/*
 * leave-chroot DIRECTORY FILE: the old way out of a chroot, for who may chroot(2): another one in a new DIRECTORY, with the working
 * directory left outside of it, and then up. Prints what FILE holds out there. 0: done. 1: refused, and standard error says how.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"

#define USAGE "leave-chroot DIRECTORY FILE"

static int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	char text[64];
	size_t size;
	FILE *file;

	if (argc != 3)
		job_misused(USAGE);
	if (mkdir(argv[1], 0700) < 0)
		return failed("mkdir");
	if (chroot(argv[1]) < 0)
		return failed("chroot");
	for (int i = 0; i < 64; i++) {
		if (chdir("..") < 0)
			return failed("chdir");
	}
	if (chroot(".") < 0)
		return failed("chroot to the top");
	file = fopen(argv[2], "re");
	if (file == NULL)
		return failed("open");
	size = fread(text, 1, sizeof(text), file);
	fwrite(text, 1, size, stdout);
	return 0;
}
