/* Memory of another process without ptrace. */
#include "attack.h"

#include <sys/uio.h>

static char secret[] = "secret";

int main(void)
{
	char copy[sizeof(secret)];
	struct iovec local = {.iov_base = copy, .iov_len = sizeof(copy)};
	struct iovec remote = {.iov_base = secret, .iov_len = sizeof(secret)};

	judge(process_vm_readv(idle_child(), &local, 1, &remote, 1, 0), "process_vm_readv");
}
