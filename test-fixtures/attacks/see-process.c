/* see-process PID: whether a process of the host is there, whoever it belongs to. */
#include "attack.h"

int main(int argc, char **argv)
{
	if (kill((pid_t)number_argument(argc, argv, 1), 0) == 0 || errno == EPERM)
		escaped("it is there");
	refused("kill: %s", errno_name(errno));
}
