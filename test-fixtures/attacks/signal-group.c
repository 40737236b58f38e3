/* SIGURG, which nobody minds, to its own process group: who shares it with the caller signals the caller. The canary counts. */
#include "attack.h"

int main(void)
{
	(void)kill(0, SIGURG);
	refused("sent to its own group");
}
