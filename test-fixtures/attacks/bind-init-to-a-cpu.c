/* Chooses the processor on which the job's init waits. */
#include "attack.h"

#include <sched.h>

int main(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		broken("sched_getaffinity: %s", errno_name(errno));
	judge(sched_setaffinity(1, sizeof(set), &set), "sched_setaffinity of pid 1");
}
