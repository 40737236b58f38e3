/* read-message-queue NAME: a POSIX message queue of the host's. */
#include "attack.h"

#include <mqueue.h>

int main(int argc, char **argv)
{
	judge(mq_open(argument(argc, argv, 1), O_RDONLY | O_NONBLOCK), "mq_open");
}
