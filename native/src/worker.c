/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ahead.h"
#include "clone.h"
#include "error.h"
#include "fd.h"
#include "plan_memory.h"
#include "sys.h"

/* What a plan and its report take, roughly; below what makes free(3) give memory back. */
#define HEAP_AHEAD (48u * 1024u)
#define STACK_AHEAD (16u * 1024u)

static void unblock_children(void)
{
	sigset_t children;

	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD);
	(void)sigprocmask(SIG_UNBLOCK, &children, NULL);
}

/*
 * The connection takes the place of the launcher's last descriptor, the control connection or a spare's socket, so that this ends
 * here before anything else; what else there is goes next.
 */
static _Noreturn void become_supervisor(const struct nursery *nursery, int last, const struct launch *prepared,
					const int fds[RESIDENT_FDS])
{
	struct drive drive = {.connection = last, .title = nursery->title, .known = nursery->known};
	int keep[1 + AHEAD_FDS] = {last};
	size_t count = 1;

	if (prepared != NULL)
		count += ahead_keep(prepared, keep + 1);
	if (dup3(fds[0], last, O_CLOEXEC) < 0)
		_exit(125);
	driver_begin();
	(void)prctl(PR_SET_NAME, "nsjob-super", 0, 0, 0);
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(fds[fd + 1], fd) < 0)
			_exit(125);
	}
	if (fd_close_all_but(keep, count, error_scratch()) < 0)
		_exit(125);
	/* Nothing is buffered, and what exit(3) does else is pages that nobody has touched yet. */
	_exit(driver_run(&drive));
}

/* Ours, and not of those that we fork: they may be there for long, beside a job. */
static void keep_to_ourselves(const struct nursery *nursery)
{
	if (nursery->known != NULL && madvise(nursery->known, sizeof(*nursery->known), MADV_DONTFORK) < 0)
		_exit(125);
}

void worker_learn(struct nursery *nursery)
{
	void *page = mmap(NULL, sizeof(*nursery->known), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		nursery->known = page;
}

pid_t worker_fork(const struct nursery *nursery, const int fds[RESIDENT_FDS])
{
	pid_t pid = clone_plain();

	if (pid == 0) {
		unblock_children();
		keep_to_ourselves(nursery);
		become_supervisor(nursery, nursery->control, NULL, fds);
	}
	return pid;
}

/* The fault of each page that a job will touch is taken now: of our program, which fork does not copy, of heap and stack. */
static __attribute__((noinline)) void touch_ahead(void)
{
	extern const char __executable_start[], __etext[];
	volatile char stack[STACK_AHEAD];
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t text = (uintptr_t)__executable_start & ~(page - 1);
	char *heap = malloc(HEAP_AHEAD);

	for (size_t i = 0; i < sizeof(stack); i += page)
		stack[i] = 1;
	(void)madvise((void *)text, (uintptr_t)__etext - text, MADV_POPULATE_READ);
	for (size_t i = 0; heap != NULL && i < HEAP_AHEAD; i += page)
		((volatile char *)heap)[i] = 1;
	free(heap);
}

size_t worker_passed_fds(struct msghdr *header, int fds[RESIDENT_FDS])
{
	struct cmsghdr *message = CMSG_FIRSTHDR(header);
	size_t count;

	if (message == NULL || message->cmsg_level != SOL_SOCKET || message->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (message->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(message), count * sizeof(int));
	return count;
}

union rights {
	struct cmsghdr align;
	char space[CMSG_SPACE(RESIDENT_FDS * sizeof(int))];
};

static _Noreturn void wait_for_job(const struct nursery *nursery, struct launch *prepared, int socket)
{
	char byte;
	union rights rights;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof(rights)};
	int fds[RESIDENT_FDS];
	ssize_t got;

	ahead_await(prepared, socket);
	do {
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		ahead_end(prepared, true);
	/* The launcher is gone, or has no use for a spare any more. */
	if (got == 0)
		exit(0);
	if (got != 1 || (header.msg_flags & MSG_CTRUNC) != 0 || worker_passed_fds(&header, fds) != RESIDENT_FDS)
		exit(125);
	become_supervisor(nursery, socket, prepared, fds);
}

static _Noreturn void be_spare(const struct nursery *nursery, int socket, uint64_t shape)
{
	int keep[] = {nursery->control};
	struct launch *prepared;

	if (dup3(socket, nursery->control, O_CLOEXEC) < 0 || fd_close_all_but(keep, 1, error_scratch()) < 0)
		_exit(125);
	(void)prctl(PR_SET_NAME, "nsjob-spare", 0, 0, 0);
	unblock_children();
	keep_to_ourselves(nursery);
	plan_memory_prepare();
	prepared = driver_prepare(&nursery->title, shape);
	touch_ahead();
	plan_memory_touch();
	wait_for_job(nursery, prepared, nursery->control);
}

void worker_fork_spare(struct nursery *nursery)
{
	struct spare *spare = &nursery->spare;
	uint64_t shape = nursery->known != NULL ? ahead_guess(nursery->known) : 0;
	int ends[2];

	spare->pid = 0;
	spare->socket = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	spare->pid = clone_plain();
	if (spare->pid == 0)
		be_spare(nursery, ends[1], shape);
	fd_close(&ends[1]);
	if (spare->pid > 0) {
		spare->socket = ends[0];
		return;
	}
	spare->pid = 0;
	fd_close(&ends[0]);
}

pid_t worker_take_spare(struct spare *spare, const int fds[RESIDENT_FDS])
{
	char byte = 0;
	union rights rights = {0};
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof(rights)};
	struct cmsghdr *message = CMSG_FIRSTHDR(&header);
	pid_t pid = spare->pid;

	if (pid == 0)
		return -1;
	message->cmsg_level = SOL_SOCKET;
	message->cmsg_type = SCM_RIGHTS;
	message->cmsg_len = CMSG_LEN(RESIDENT_FDS * sizeof(int));
	memcpy(CMSG_DATA(message), fds, RESIDENT_FDS * sizeof(int));
	/* It has ended: reap() hears of it. */
	if (sendmsg(spare->socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		return -1;
	spare->pid = 0;
	fd_close(&spare->socket);
	return pid;
}

bool worker_lost_spare(struct spare *spare, pid_t pid)
{
	if (spare->pid != pid)
		return false;
	spare->pid = 0;
	fd_close(&spare->socket);
	return true;
}
