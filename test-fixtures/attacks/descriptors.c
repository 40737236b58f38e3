/* Any open descriptor but the first three. */
#include "attack.h"

int main(void)
{
	/* Above the limit there may be some too: it stops new ones only. */
	for (int fd = 3; fd < 4096; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			escaped("descriptor %d is open", fd);
	}
	refused("none but 0, 1 and 2");
}
