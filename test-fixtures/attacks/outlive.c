/* outlive TEXT: leaves a child that has a session of its own, no parent, no death signal, and its standard output. */
#include "attack.h"

#include <sys/prctl.h>

int main(int argc, char **argv)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGPIPE};
	const char *text = argument(argc, argv, 1);
	pid_t pid;

	if (argc > 2) {
		(void)sleep(30);
		return ATTACK_BROKEN;
	}
	pid = fork();
	if (pid == 0) {
		(void)setsid();
		if (fork() != 0)
			_exit(0);
		(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
			(void)signal(signals[i], SIG_IGN);
		(void)execl("/proc/self/exe", argv[0], text, "stay", NULL);
		_exit(ATTACK_BROKEN);
	}
	(void)waitpid(pid, NULL, 0);
	(void)usleep(50000);
	refused("left a child behind");
}
