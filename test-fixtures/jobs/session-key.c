/* session-key add NAME COMMAND [ARG...]: runs COMMAND with a session keyring that holds a key of this name, as a login has one.
 * session-key find NAME: prints "found" when the session keyring holds such a key, else an errno. */
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"

#define USAGE "session-key add NAME COMMAND [ARG...] | find NAME"

/* What the possessor may do is everything; by uid, nothing: the keyring alone gives the key away. */
enum { POSSESSOR_ALL = 0x3f000000 };

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "find") == 0) {
		long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argv[2], 0);

		if (key > 0)
			puts("found");
		else
			printf("%d\n", errno);
		return 0;
	}
	if (argc < 4 || strcmp(argv[1], "add") != 0)
		job_misused(USAGE);
	long key = -1;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) >= 0)
		key = syscall(SYS_add_key, "user", argv[2], "secret", 6UL, KEY_SPEC_SESSION_KEYRING);
	if (key < 0 || syscall(SYS_keyctl, KEYCTL_SETPERM, key, POSSESSOR_ALL, 0, 0) < 0) {
		perror("session-key");
		return JOB_MISUSED;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return JOB_MISUSED;
}
