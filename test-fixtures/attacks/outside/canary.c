/* canary NAME: what attacks look for on the host, all of it this test's own. Prints one line when it is there: the key of shared
 * memory. "count" on its standard input is answered by how many SIGURG came. Ends, and takes everything away, at end of file. */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals++;
}

static void listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path + 1, name, length);
	if (bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) < 0 ||
	    listen(fd, 100) < 0) {
		perror("canary: socket");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
	char queue[80], line[64];
	key_t key = (key_t)(0x6e530000 | (getpid() & 0xffff));
	int shm = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666);
	mqd_t opened;

	if (argc != 2 || shm < 0) {
		perror("canary: shared memory");
		return 1;
	}
	(void)sigaction(SIGURG, &action, NULL);
	listen_at(argv[1]);
	(void)snprintf(queue, sizeof(queue), "/%.70s", argv[1]);
	opened = mq_open(queue, O_CREAT | O_EXCL | O_RDWR, 0666, NULL);
	if (opened < 0)
		perror("canary: message queue");
	printf("%d\n", key);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		printf("%d\n", (int)signals);
		fflush(stdout);
	}
	(void)shmctl(shm, IPC_RMID, NULL);
	(void)mq_unlink(queue);
	return 0;
}
