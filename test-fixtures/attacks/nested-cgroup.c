/* The files of its own cgroup, by a mount of its own in nested namespaces (CVE-2022-0492). */
#include "attack.h"

#include <sched.h>
#include <sys/mount.h>

int main(void)
{
	need(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP), "unshare");
	judge(mount("cgroup2", "/tmp", "cgroup2", 0, NULL), "mount of cgroup2");
}
