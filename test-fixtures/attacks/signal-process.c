/* signal-process PID: signal 0 to a process of the host: it has the right to send it any other. */
#include "attack.h"

int main(int argc, char **argv)
{
	judge(kill((pid_t)number_argument(argc, argv, 1), 0), "kill");
}
