/* userfaultfd stops the kernel in the middle of a copy: the tool that makes races winnable. */
#include "attack.h"

#define USER_MODE_ONLY 1

int main(void)
{
	judge(syscall(SYS_userfaultfd, O_CLOEXEC | USER_MODE_ONLY), "userfaultfd");
}
