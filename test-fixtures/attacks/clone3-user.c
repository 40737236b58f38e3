/* The same by clone3, whose flags lie behind a pointer where no filter can see them. */
#include "attack.h"

#include <linux/sched.h>

int main(void)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	judge(pid, "clone3 with CLONE_NEWUSER");
}
