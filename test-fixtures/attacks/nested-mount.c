/* A mount of its own, in nested namespaces. */
#include "attack.h"

#include <sched.h>
#include <sys/mount.h>

int main(void)
{
	need(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	judge(mount("x", "/tmp", "tmpfs", 0, NULL), "mount of a tmpfs in nested namespaces");
}
