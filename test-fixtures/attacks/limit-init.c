/* A limit set on the job's init ends it; who has its uid may. The one asked for changes nothing. */
#include "attack.h"

#include <sys/resource.h>

int main(void)
{
	struct rlimit limit;

	need(getrlimit(RLIMIT_CORE, &limit), "getrlimit");
	judge(prlimit(1, RLIMIT_CORE, &limit, NULL), "prlimit of pid 1");
}
