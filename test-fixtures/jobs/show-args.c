/* show-args [-e NAME]... [ARG...]: argv, working directory, umask, the names in the environment, and the values of those
 * asked for with -e, as one line of JSON. argv is shown whole, options included. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"

extern char **environ;

static void print_names(void)
{
	fputs("\"names\":[", stdout);
	for (char **entry = environ; *entry != NULL; entry++) {
		char *name = strndup(*entry, strcspn(*entry, "="));
		if (entry != environ)
			putchar(',');
		job_json_string(name);
		free(name);
	}
	putchar(']');
}

static void print_values(char **argv)
{
	const char *comma = "";
	fputs("\"env\":{", stdout);
	for (char **arg = argv + 1; arg[0] != NULL && strcmp(arg[0], "-e") == 0 && arg[1] != NULL; arg += 2) {
		fputs(comma, stdout);
		job_json_string(arg[1]);
		putchar(':');
		job_json_string(getenv(arg[1]));
		comma = ",";
	}
	putchar('}');
}

int main(int argc, char **argv)
{
	char cwd[PATH_MAX];
	fputs("{\"argv\":[", stdout);
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			putchar(',');
		job_json_string(argv[i]);
	}
	fputs("],\"cwd\":", stdout);
	job_json_string(getcwd(cwd, sizeof cwd));
	printf(",\"umask\":%u,", umask(0));
	print_names();
	putchar(',');
	print_values(argv);
	puts("}");
	return 0;
}
