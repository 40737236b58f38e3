/* As pid 1 it would be the one that reaps, and could outlive who started it. */
#include "attack.h"

int main(void)
{
	if (getpid() == 1)
		escaped("pid is 1");
	refused("pid is %d", getpid());
}
