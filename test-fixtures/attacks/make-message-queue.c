/* Kernel memory that no process answers for. */
#include "attack.h"

#include <mqueue.h>

int main(void)
{
	struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t queue = mq_open("/attack", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);

	if (queue >= 0)
		(void)mq_unlink("/attack");
	judge(queue, "mq_open");
}
