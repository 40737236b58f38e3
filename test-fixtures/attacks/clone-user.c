/* The same by clone, with a bit that only a comparison of all 64 would see. */
#include "attack.h"

#include <sched.h>

int main(void)
{
	long pid = syscall(SYS_clone, 1UL << 32 | (unsigned long)(CLONE_NEWUSER | SIGCHLD), NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	judge(pid, "clone with CLONE_NEWUSER");
}
