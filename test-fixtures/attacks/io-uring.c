/* io_uring does system calls that no filter sees. */
#include "attack.h"

#include <linux/io_uring.h>

int main(void)
{
	struct io_uring_params parameters = {0};

	judge(syscall(SYS_io_uring_setup, 1U, &parameters), "io_uring_setup");
}
