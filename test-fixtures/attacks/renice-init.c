/* Starves the job's init. */
#include "attack.h"

#include <sys/resource.h>

int main(void)
{
	judge(setpriority(PRIO_PROCESS, 1, 19), "setpriority of pid 1");
}
