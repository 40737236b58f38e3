/* Two seconds of the processor by each of two children. */
#include "attack.h"

#include <time.h>

int main(void)
{
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid < 0)
			broken("fork: %s", errno_name(errno));
		while (pid == 0 && clock() < CLOCKS_PER_SEC)
			;
		if (pid == 0)
			_exit(0);
	}
	while (wait(NULL) > 0)
		;
	escaped("had two seconds of the processor");
}
