/* A nested user namespace gives all capabilities over a kernel that was never tried by their owners (CVE-2022-0185, ...). */
#include "attack.h"

#include <sched.h>

int main(void)
{
	judge(unshare(CLONE_NEWUSER), "unshare");
}
