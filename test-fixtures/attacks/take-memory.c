/* take-memory anonymous|memfd|shm|pipes MEBIBYTES: memory that is another kind of the kernel's each time. */
#include "attack.h"

#include <sys/mman.h>
#include <sys/shm.h>

#define MIB (1UL << 20)

static void touch(char *memory, size_t size)
{
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
}

static void map(size_t size, int flags, int fd)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	need(memory == MAP_FAILED ? -1 : 0, "mmap");
	touch(memory, size);
}

static void fill_pipes(size_t size)
{
	static char block[65536];

	/* Each holds 64 KiB of the kernel's memory until it is read. */
	for (size_t done = 0; done < size; done += sizeof(block)) {
		int ends[2];

		need(pipe2(ends, O_NONBLOCK), "pipe");
		need(write(ends[1], block, sizeof(block)), "write to a pipe");
	}
}

int main(int argc, char **argv)
{
	const char *kind = argument(argc, argv, 1);
	size_t size = (size_t)number_argument(argc, argv, 2) * MIB;

	if (strcmp(kind, "anonymous") == 0) {
		map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	} else if (strcmp(kind, "memfd") == 0) {
		int fd = memfd_create("attack", 0);

		need(ftruncate(fd, (off_t)size), "ftruncate");
		map(size, MAP_SHARED, fd);
	} else if (strcmp(kind, "shm") == 0) {
		int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
		char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

		need(memory == (void *)-1 ? -1 : 0, "shmat");
		touch(memory, size);
	} else {
		fill_pipes(size);
	}
	escaped("has %s MiB", argv[2]);
}
