/* Lets the job's init wait for the disk behind everybody else. */
#include "attack.h"

#define IDLE (3 << 13)

int main(void)
{
	judge(syscall(SYS_ioprio_set, 1, 1, IDLE), "ioprio_set of pid 1");
}
