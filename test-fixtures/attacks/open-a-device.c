/* open-a-device FILE: a device of the host's. That it opens is enough. */
#include "attack.h"

int main(int argc, char **argv)
{
	judge(open(argument(argc, argv, 1), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), argv[1]);
}
