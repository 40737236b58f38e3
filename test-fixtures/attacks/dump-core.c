/* Leaves its memory on the disk. */
#include "attack.h"

int main(void)
{
	int status;
	pid_t pid;

	(void)!chdir("/tmp");
	pid = fork();
	if (pid == 0)
		abort();
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		broken("the child is lost");
	if (WCOREDUMP(status))
		escaped("dumped core");
	refused("dumped nothing");
}
