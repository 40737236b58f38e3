/* read-shared-memory KEY: System V shared memory of the host's. */
#include "attack.h"

#include <sys/shm.h>

int main(int argc, char **argv)
{
	int id = shmget((key_t)number_argument(argc, argv, 1), 0, 0);

	need(id, "shmget");
	judge(shmat(id, NULL, SHM_RDONLY) == (void *)-1 ? -1 : 0, "shmat");
}
