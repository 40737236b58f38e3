/* SIGSTOP on itself, and every process that could wake it: who only waits for it waits for ever. */
#include "attack.h"

#include <time.h>

int main(void)
{
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		/* For the control: without the limit somebody has to let it go on. */
		struct timespec pause_time = {.tv_sec = 2};

		(void)nanosleep(&pause_time, NULL);
		(void)kill(self, SIGCONT);
		_exit(0);
	}
	(void)raise(SIGSTOP);
	escaped("went on after two seconds");
}
