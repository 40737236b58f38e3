/* climb FILE: out of the root by "..", by the roots and working directories of whoever is in /proc, to a file of the host's. */
#include "attack.h"

static void attempt(const char *prefix, const char *file)
{
	char path[4096], text[16];

	(void)snprintf(path, sizeof(path), "%s%s", prefix, file);
	if (read_file(path, text, sizeof(text)) > 0)
		escaped("%s: read", path);
}

int main(int argc, char **argv)
{
	const char *file = argument(argc, argv, 1);
	char up[] = "../../../../../../../../../../../../..";

	attempt("", file);
	attempt("/..", file);
	attempt(up, file);
	for (int pid = 1; pid < 4; pid++) {
		char prefix[64];

		(void)snprintf(prefix, sizeof(prefix), "/proc/%d/root", pid);
		attempt(prefix, file);
		(void)snprintf(prefix, sizeof(prefix), "/proc/%d/cwd/%s", pid, up);
		attempt(prefix, file);
	}
	for (int fd = 0; fd < 256; fd++) {
		char prefix[96];

		(void)snprintf(prefix, sizeof(prefix), "/proc/self/fd/%d/%s", fd, up);
		attempt(prefix, file);
	}
	refused("%s: %s", file, errno_name(errno));
}
