/* A capability of the user namespace, used on what belongs to it. */
#include "attack.h"

int main(void)
{
	judge(sethostname("attacker", 8), "sethostname");
}
