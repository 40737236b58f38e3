/* raise-n N: dies of signal N, whatever its parent made of that signal. A pid 1 that survives it says so by status 98. */
#include <signal.h>
#include <unistd.h>

#include "job.h"

enum { SURVIVED = 98 };

int main(int argc, char **argv)
{
	if (argc != 2)
		job_misused("raise-n N");
	int signo = job_number(argv[1], 1, SIGRTMAX, "raise-n N");

	signal(signo, SIG_DFL); /* refused for KILL and STOP, which need no help */
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, signo);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), signo);
	return SURVIVED;
}
