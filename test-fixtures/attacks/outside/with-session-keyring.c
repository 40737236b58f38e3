/* with-session-keyring NAME PROGRAM [ARG...]: as a login does; whoever says the same name has the same keyring. */
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long keyring;

	if (argc < 3)
		return 99;
	keyring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, argv[1]);
	/* Search and write for its possessor and user: a name is found again only where it may be searched. */
	if (keyring < 0 || syscall(SYS_keyctl, KEYCTL_SETPERM, keyring, 0x3f3f0000) < 0) {
		perror("with-session-keyring");
		return 99;
	}
	(void)execvp(argv[2], argv + 2);
	return 99;
}
