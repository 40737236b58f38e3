/* SPDX-License-Identifier: Apache-2.0 */
#include "ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "init.h"
#include "launch.h"
#include "plan_memory.h"
#include "sync.h"
#include "sys.h"

/* Where clone(2) has the signal that tells of the end. */
#define SHAPE_SOME 1u
#define SHAPE_NO_GROUPS 2u
#define SHAPE_FLAGS (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* Beside the shape: how many times in a row the next plan's was another, up to so many; and that the newest job's plan has come. */
#define KNOWN_SHAPE UINT64_C(0xffffffff)
#define KNOWN_MISSES 32
#define KNOWN_NEWS (UINT64_C(1) << 63)
#define MISSES_MASK 3u
#define MISSES_TOO_MANY 2u

/* Of streams and of what the supervisor has opened for init. A plan with more has more to do than to wait for clone. */
#define PASSED_FDS 64u
/* A copy of all mounts keeps busy what others have unmounted, and a network takes 100 KiB: not for who starts nothing more. */
#define IDLE_MILLIS 10000

static struct {
	uint64_t shape; /* 0: there is none */
	int mounts;     /* /proc/self/mountinfo as it was before, which tells by poll(2) of changes */
	struct utsname names;
	bool hidden;    /* while it waits */
	pid_t unfit;    /* killed, and to be reaped */
} ahead = {.mounts = -1};

union rights {
	struct cmsghdr align;
	char space[CMSG_SPACE(PASSED_FDS * sizeof(int))];
};

/*
 * The copy of the mounts must be no different from one that is made now. poll(2) tells of each that came, went or has other
 * flags, but not of other propagation: so only where that is the first thing to be set, in all of them.
 */
static bool mounts_may_be_older(const struct plan *plan)
{
	const struct mount_step *first = plan->mounts;

	return plan->namespaces[NS_MNT].mode != NS_MODE_NEW ||
	       (plan->mount_count > 0 && !plan->process.as_pid1 && first->op == MOUNT_PROPAGATION &&
		first->propagation == MS_PRIVATE &&
		first->recursive && strcmp(first->target, "/") == 0);
}

uint64_t ahead_shape(const struct plan *plan)
{
	/* What is born in another cgroup of version 2, or from another process than the supervisor, is not made ahead. */
	for (size_t i = 0; i < plan->cgroup_count; i++) {
		if (plan->cgroups[i].version == 2)
			return 0;
	}
	if (plan->in_place.wanted || ns_any_entered(plan) || plan->process.enter.pid > 0 || !mounts_may_be_older(plan))
		return 0;
	return ns_clone_flags(plan) | SHAPE_SOME | (plan->drop_groups ? SHAPE_NO_GROUPS : 0);
}

/*
 * What nobody takes costs the next job a kill, and its maker a clone: where kinds alternate none is made, until two in a row are
 * the same again. Jobs that begin at once may count wrongly; it is a guess.
 */
void ahead_learn(ahead_known *known, const struct plan *plan)
{
	uint64_t before = atomic_load(known);
	uint64_t shape = ahead_shape(plan);
	uint64_t misses = before >> KNOWN_MISSES & MISSES_MASK;

	if (shape == (before & KNOWN_SHAPE))
		misses = 0;
	else if (misses < MISSES_TOO_MANY)
		misses++;
	atomic_store(known, shape | misses << KNOWN_MISSES | KNOWN_NEWS);
}

uint64_t ahead_guess(const ahead_known *known)
{
	uint64_t now = atomic_load(known);

	return (now >> KNOWN_MISSES & MISSES_MASK) < MISSES_TOO_MANY ? now & KNOWN_SHAPE : 0;
}

void ahead_expect(ahead_known *known)
{
	(void)atomic_fetch_and(known, ~KNOWN_NEWS);
}

bool ahead_has_come(const ahead_known *known)
{
	return (atomic_load(known) & KNOWN_NEWS) != 0;
}

/* In the same order on both sides, whatever the numbers are there. The streams come before these. */
static size_t list_passed(struct launch *launch, int *list[PASSED_FDS])
{
	int *const single[] = {&launch->lock.fd, &launch->lock.directory, &launch->self, &launch->starter_sync_peer};
	size_t count = 0;
	size_t found = 0;

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]) + launch->plan.mount_count + launch->cgroups.made; i++) {
		size_t source = i - sizeof(single) / sizeof(single[0]);
		int *fd = i < sizeof(single) / sizeof(single[0]) ? single[i]
			  : source < launch->plan.mount_count    ? &launch->sources[source]
								 : &launch->cgroups.doors[source - launch->plan.mount_count];

		if (*fd < 0)
			continue;
		found++;
		if (count < PASSED_FDS - 3)
			list[count++] = fd;
	}
	return found == count ? count : PASSED_FDS;
}

/* Everything of it that init needs: the launch as it stands, the plan's memory, and descriptors. */
static int send_launch(struct launch *launch)
{
	union rights rights = {0};
	size_t size;
	void *memory = plan_memory_whole(&size);
	struct iovec parts[] = {{.iov_base = launch, .iov_len = sizeof(*launch)}, {.iov_base = memory, .iov_len = size}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &rights};
	struct cmsghdr *message;
	int *list[PASSED_FDS];
	int fds[PASSED_FDS] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	size_t count = list_passed(launch, list);

	if (memory == NULL || count > PASSED_FDS - 3)
		return -1;
	for (size_t i = 0; i < count; i++)
		fds[i + 3] = *list[i];
	header.msg_controllen = CMSG_SPACE((count + 3) * sizeof(int));
	message = CMSG_FIRSTHDR(&header);
	message->cmsg_level = SOL_SOCKET;
	message->cmsg_type = SCM_RIGHTS;
	message->cmsg_len = CMSG_LEN((count + 3) * sizeof(int));
	memcpy(CMSG_DATA(message), fds, (count + 3) * sizeof(int));
	return sendmsg(launch->init_sync, &header, MSG_NOSIGNAL | MSG_DONTWAIT) > 0 ? 0 : -1;
}

/* True when the launch is that of a job. What is left of the supervisor's numbers in it means nothing here. */
static bool receive_launch(struct launch *launch)
{
	union rights rights;
	struct iovec parts[] = {{.iov_base = launch, .iov_len = sizeof(*launch)},
				{.iov_base = plan_memory_place(), .iov_len = PLAN_MEMORY_BYTES}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &rights, .msg_controllen = sizeof(rights)};
	int sync = launch->init_sync_peer;
	int *list[PASSED_FDS];
	int fds[PASSED_FDS];
	size_t count;
	ssize_t got;

	do {
		got = recvmsg(sync, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= (ssize_t)sizeof(*launch) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return false;
	launch->init_sync_peer = sync;
	launch->connection = launch->init_sync = launch->job_sync = launch->starter_sync = -1;
	launch->init_pidfd = launch->init_dir = -1;
	count = list_passed(launch, list) + 3;
	if (CMSG_FIRSTHDR(&header) == NULL || CMSG_FIRSTHDR(&header)->cmsg_len != CMSG_LEN(count * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&header)), count * sizeof(int));
	for (size_t i = 3; i < count; i++)
		*list[i - 3] = fds[i];
	/* We have had none of the three: what came first has their numbers. */
	for (int fd = 0; fd <= 2; fd++) {
		if (fds[fd] != fd || fcntl(fd, F_SETFD, 0) < 0)
			return false;
	}
	return true;
}

static _Noreturn void wait_for_launch(struct launch *launch)
{
	int keep[] = {launch->init_sync_peer, launch->job_sync_peer, launch->proc_dir, launch->null_fd};
	struct pollfd peer = {.fd = launch->init_sync_peer, .events = POLLIN};
	sigset_t all;

	/* Else a job without capabilities, but of root's ids, could look into it: it has them all in this user namespace. */
	if (ahead.hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(1);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	/* As init_main() does once more: it ends with the supervisor. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), error_scratch()) < 0)
		_exit(1);
	for (int fd = 0; fd <= 2; fd++)
		(void)close(fd);
	if (poll(&peer, 1, 0) > 0 && (peer.revents & POLLHUP) != 0)
		_exit(1);
	plan_memory_touch();
	(void)prctl(PR_SET_NAME, "nsjob-ahead", 0, 0, 0);
	/* From here on as any init. */
	if (!receive_launch(launch) || (ahead.hidden && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0))
		_exit(1);
	init_main(launch);
}

static bool clone_with_groups(struct launch *launch, uint64_t shape)
{
	launch->init_pid = clone_process(shape & SHAPE_FLAGS, &launch->init_pidfd);
	if (launch->init_pid == 0)
		wait_for_launch(launch);
	return launch->init_pid > 0;
}

/* Init has none then, and we have them as before: the plan that comes may want to keep them. */
static bool clone_without_groups(struct launch *launch, uint64_t shape)
{
	static gid_t groups[LIMIT_GROUPS];
	int count = getgroups(LIMIT_GROUPS, groups);
	bool cloned;

	if (count < 0 || setgroups(0, NULL) < 0)
		return false;
	cloned = clone_with_groups(launch, shape);
	/* Else we are not who we were: nobody's supervisor. */
	if (setgroups((size_t)count, groups) < 0)
		_exit(125);
	return cloned;
}

/*
 * The files of a hidden process are root's: nobody else's supervisor could write its maps. Tried out on ourselves, as it is root
 * of the user namespace that our program was executed in.
 */
static bool may_hide(void)
{
	_cleanup_close_ int map = -1;

	if (geteuid() != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return false;
	map = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		_exit(125);
	return map >= 0;
}

void ahead_make(struct launch *launch, uint64_t shape)
{
	if ((shape & SHAPE_SOME) == 0 || (shape & ~(uint64_t)(SHAPE_FLAGS | SHAPE_SOME | SHAPE_NO_GROUPS)) != 0)
		return;
	ahead.hidden = may_hide();
	ahead.mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (ahead.mounts >= 0 && uname(&ahead.names) == 0 && plan_memory_place() != NULL &&
	    (shape & SHAPE_NO_GROUPS ? clone_without_groups(launch, shape) : clone_with_groups(launch, shape))) {
		ahead.shape = shape;
		fd_close(&launch->init_sync_peer);
		return;
	}
	launch->init_pid = 0;
	fd_close(&ahead.mounts);
}

static bool mounts_changed(void)
{
	struct pollfd mounts = {.fd = ahead.mounts, .events = POLLPRI};

	return (ahead.shape & CLONE_NEWNS) != 0 && poll(&mounts, 1, 0) != 0;
}

static bool names_changed(void)
{
	struct utsname now;

	return (ahead.shape & CLONE_NEWUTS) != 0 &&
	       (uname(&now) < 0 || strcmp(now.nodename, ahead.names.nodename) != 0 ||
		strcmp(now.domainname, ahead.names.domainname) != 0);
}

void ahead_await(struct launch *launch, int socket)
{
	while (ahead.shape != 0) {
		struct pollfd events[] = {{.fd = socket, .events = POLLIN},
					  {.fd = ahead.shape & CLONE_NEWNS ? ahead.mounts : -1, .events = POLLPRI},
					  {.fd = launch->init_sync, .events = POLLIN}};
		int ready = poll(events, 3, IDLE_MILLIS);

		if (ready < 0)
			continue;
		/* Changes of mounts are told once: looked at first. */
		if (ready > 0 && events[1].revents == 0 && events[2].revents == 0)
			return;
		ahead_end(launch, true);
	}
}

size_t ahead_keep(const struct launch *launch, int fds[AHEAD_FDS])
{
	const int all[AHEAD_FDS] = {launch->proc_dir, launch->null_fd, launch->job_sync, launch->job_sync_peer,
				    launch->init_sync, launch->init_sync_peer, launch->init_pidfd, ahead.mounts};

	memcpy(fds, all, sizeof(all));
	return AHEAD_FDS;
}

bool ahead_fits(struct launch *launch)
{
	if (ahead.shape != 0 && ahead.shape == ahead_shape(&launch->plan) && !mounts_changed() && !names_changed())
		return true;
	ahead_end(launch, false);
	return false;
}

bool ahead_take(struct launch *launch)
{
	if (send_launch(launch) < 0) {
		ahead_end(launch, false);
		return false;
	}
	fd_close(&ahead.mounts);
	ahead.shape = 0;
	return true;
}

void ahead_end(struct launch *launch, bool reaped)
{
	if (ahead.shape == 0)
		return;
	(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
	ahead.shape = 0;
	ahead.unfit = launch->init_pid;
	launch->init_pid = 0;
	fd_close(&launch->init_pidfd);
	fd_close(&launch->init_sync);
	fd_close(&ahead.mounts);
	if (reaped)
		(void)ahead_reap();
}

bool ahead_reap(void)
{
	if (ahead.unfit <= 0)
		return false;
	while (waitpid(ahead.unfit, NULL, __WALL) < 0 && errno == EINTR)
		;
	ahead.unfit = 0;
	return true;
}
