/* A fresh /proc, with none of the masks, in nested namespaces. */
#include "attack.h"

#include <sched.h>
#include <sys/mount.h>

int main(void)
{
	int status;
	pid_t pid;

	need(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), "unshare");
	pid = fork();
	if (pid == 0)
		_exit(mount("proc", "/tmp", "proc", 0, NULL) == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		broken("the child is lost");
	errno = WEXITSTATUS(status);
	judge(errno == 0 ? 0 : -1, "mount of a fresh proc");
}
