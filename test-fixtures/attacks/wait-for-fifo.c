/* Waits where no signal but KILL ends it, for somebody who comes after two seconds. */
#include "attack.h"

#include <sys/stat.h>

int main(void)
{
	sigset_t all;
	pid_t pid;

	if (mkfifo("/tmp/fifo", 0600) < 0)
		broken("mkfifo: %s", errno_name(errno));
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	pid = fork();
	if (pid == 0) {
		(void)sleep(2);
		_exit(open("/tmp/fifo", O_WRONLY));
	}
	judge(open("/tmp/fifo", O_RDONLY), "two seconds on a FIFO");
}
