/* exchange send|receive WAY TOKEN: two jobs that run at the same time pass one bit. Who sends says "ready" and waits. */
#include "attack.h"

#include <arpa/inet.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static const char *token;

static void say_ready(void)
{
	(void)puts("ready");
	(void)fflush(stdout);
}

static unsigned int token_number(void)
{
	unsigned int number = 2166136261u;

	for (const char *at = token; *at != '\0'; at++)
		number = (number ^ (unsigned char)*at) * 16777619u;
	return number;
}

static socklen_t unix_address(struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	(void)snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "%s", token);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(token));
}

static int by_abstract_socket(bool send)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (!send)
		return connect(fd, (struct sockaddr *)&address, length);
	return bind(fd, (struct sockaddr *)&address, length) < 0 ? -1 : listen(fd, 1);
}

static int by_loopback(bool send)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(20000 + token_number() % 10000)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!send)
		return connect(fd, (struct sockaddr *)&address, sizeof(address));
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : listen(fd, 1);
}

/* Who receives says so the same way, and who sends takes everything away: outside of a sandbox it would stay. */
static int by_shared_memory(bool send)
{
	int id = shmget((key_t)(token_number() & 0x7fffffff), 4096, send ? IPC_CREAT | IPC_EXCL | 0666 : 0);
	volatile char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (memory == (void *)-1)
		return -1;
	if (!send)
		memory[0] = 1;
	else
		say_ready();
	while (send && memory[0] == 0)
		(void)usleep(1000);
	return send ? shmctl(id, IPC_RMID, NULL) : 0;
}

static int by_message_queue(bool send)
{
	struct mq_attr now = {.mq_maxmsg = 1, .mq_msgsize = 1};
	char name[128];
	mqd_t queue;

	(void)snprintf(name, sizeof(name), "/%s", token);
	queue = mq_open(name, send ? O_CREAT | O_EXCL | O_RDWR : O_RDWR, 0666, send ? &now : NULL);
	if (queue < 0 || !send)
		return queue < 0 ? -1 : mq_send(queue, "x", 1, 0);
	say_ready();
	while (mq_getattr(queue, &now) == 0 && now.mq_curmsgs == 0)
		(void)usleep(1000);
	return mq_unlink(name);
}

static int by_file(const char *directory, bool send)
{
	struct stat status;
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, token);
	fd = open(path, send ? O_CREAT | O_EXCL | O_RDWR : O_RDWR, 0666);
	if (fd < 0 || !send)
		return fd < 0 ? -1 : (int)write(fd, "x", 1);
	say_ready();
	while (fstat(fd, &status) == 0 && status.st_size == 0)
		(void)usleep(1000);
	return unlink(path);
}

static int by_keyring(bool send)
{
	if (send)
		return (int)syscall(SYS_add_key, "user", token, "x", 1UL, KEY_SPEC_SESSION_KEYRING);
	return (int)syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", token, 0);
}

/* The lock is the inode's, whoever opened it through whatever mount. */
static int by_lock(bool send)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	if (send)
		return flock(fd, LOCK_EX);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		errno = ENOLCK;
		return -1;
	}
	return 0;
}

static int pass(const char *way, bool send)
{
	if (strcmp(way, "abstract-socket") == 0)
		return by_abstract_socket(send);
	if (strcmp(way, "loopback") == 0)
		return by_loopback(send);
	if (strcmp(way, "shared-memory") == 0)
		return by_shared_memory(send);
	if (strcmp(way, "message-queue") == 0)
		return by_message_queue(send);
	if (strcmp(way, "keyring") == 0)
		return by_keyring(send);
	if (strcmp(way, "lock") == 0)
		return by_lock(send);
	if (way[0] == '/')
		return by_file(way, send);
	broken("no way is called %s", way);
}

int main(int argc, char **argv)
{
	bool send = strcmp(argument(argc, argv, 1), "send") == 0;
	int result;

	(void)umask(0);
	(void)alarm(15);
	token = argument(argc, argv, 3);
	result = pass(argument(argc, argv, 2), send);
	if (!send)
		judge(result, "the other job's bit");
	need(result, "sending");
	say_ready();
	(void)sleep(10);
	return ATTACK_BROKEN;
}
