/* Memory that cannot be taken back. */
#include "attack.h"

#include <sys/mman.h>

int main(void)
{
	size_t size = 1 << 20;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		broken("mmap: %s", errno_name(errno));
	judge(mlock(memory, size), "mlock of 1 MiB");
}
