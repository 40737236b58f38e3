/* socket-family FAMILY TYPE PROTOCOL: families that a network namespace does not hold, or that are rarely used and badly tried. */
#include "attack.h"

#include <sys/socket.h>

int main(int argc, char **argv)
{
	judge(socket((int)number_argument(argc, argv, 1), (int)number_argument(argc, argv, 2), (int)number_argument(argc, argv, 3)),
	      "socket");
}
