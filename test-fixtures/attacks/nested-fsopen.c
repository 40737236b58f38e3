/* The new mount API: its parser of parameters was an escape by itself (CVE-2022-0185). */
#include "attack.h"

#include <sched.h>

int main(void)
{
	need(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	judge(syscall(SYS_fsopen, "tmpfs", 0), "fsopen in nested namespaces");
}
