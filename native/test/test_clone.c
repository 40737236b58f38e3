/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "filter.h"
#include "proc.h"
#include "sys.h"

#define BROKEN 100
/* A namespace that this user may not make: the test says so and skips. */
#define REFUSED 101

struct clone_case {
	int errnum; /* what clone3 answers; 0 = itself */
	uint64_t flags;
	const char *call;
};

static ino_t namespace_of(const char *kind)
{
	char path[64];
	struct stat status;

	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* In the clone: 7 when it is where it should be. */
static int in_the_clone(const struct clone_case *test, ino_t user, ino_t uts)
{
	bool new_user = (test->flags & CLONE_NEWUSER) != 0;

	if ((namespace_of("user") != user) != new_user || (namespace_of("uts") != uts) != new_user)
		return 1;
	if ((test->flags & CLONE_NEWPID) != 0 && getpid() != 1)
		return 2;
	return 7;
}

/* Runs in a forked child: a clone with a pidfd that works, is close-on-exec, and is of the right process. */
static int clone_and_look(void *argument)
{
	const struct clone_case *test = argument;
	ino_t user = namespace_of("user");
	ino_t uts = namespace_of("uts");
	int pidfd = -1;
	struct pollfd ended = {.events = POLLIN};
	struct error err;
	siginfo_t info = {0};
	pid_t pid;

	if (test->errnum != 0 && filter_refuse(SYS_clone3, test->errnum) < 0)
		return BROKEN;
	pid = clone_process(test->flags, &pidfd);
	if (pid == 0)
		_exit(in_the_clone(test, user, uts));
	if (pid < 0)
		return errno == EPERM || errno == ENOSPC ? REFUSED : 1;
	if (strcmp(clone_call(), test->call) != 0)
		return 2;
	if (pidfd < 0 || (fcntl(pidfd, F_GETFD) & FD_CLOEXEC) == 0)
		return 3;
	ended.fd = pidfd;
	if (poll(&ended, 1, 10000) != 1 || proc_pid_of(pidfd, &err) != pid)
		return 4;
	/* Without __WALL: the exit signal is SIGCHLD. */
	if (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0)
		return 5;
	return info.si_code == CLD_EXITED && info.si_status == 7 ? 0 : 10 + info.si_status;
}

static void test_fallbacks(void)
{
	static struct clone_case cases[] = {
		{0, 0, "clone3"},
		{ENOSYS, 0, "clone"},
		{EPERM, 0, "clone"},
		{0, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID, "clone3"},
		{ENOSYS, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID, "clone"},
		{EPERM, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID, "clone"},
	};

	/* Asked without a filter: with one, EPERM may be the filter's, and that is what the fallback is for. */
	bool allowed = tap_child(clone_and_look, &cases[3]) != REFUSED;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *kinds = cases[i].flags != 0 ? "with user, uts and pid" : "plain";
		const char *how = cases[i].errnum == 0 ? "as it is" : cases[i].errnum == ENOSYS ? "ENOSYS" : "EPERM";
		int result;

		if (cases[i].flags != 0 && !allowed) {
			tap_skip("a clone into new namespaces", "user namespaces are refused here");
			continue;
		}
		result = tap_child(clone_and_look, &cases[i]);
		if (!CHECK(result == 0, "clone3 %s: a child %s, by %s", how, kinds, cases[i].call))
			tap_print("# the child returned %d", result);
	}
}

/* CLONE_PARENT: the grandchild is ours to wait for, and its pidfd comes from the one in between. */
static int clone_a_sibling(void *argument)
{
	const struct clone_case *test = argument;
	pid_t middle;
	siginfo_t info = {0};
	int children = 0;

	if (test->errnum != 0 && filter_refuse(SYS_clone3, test->errnum) < 0)
		return BROKEN;
	middle = fork();
	if (middle == 0) {
		int pidfd = -1;
		pid_t sibling = clone_process(CLONE_PARENT, &pidfd);

		if (sibling == 0)
			_exit(7);
		_exit(sibling > 0 && pidfd >= 0 && strcmp(clone_call(), test->call) == 0 ? 7 : 1);
	}
	/* The kernel gives the sibling the exit signal of the one in between: SIGCHLD, no __WALL needed. */
	while (waitid(P_ALL, 0, &info, WEXITED) == 0) {
		if (info.si_code != CLD_EXITED || info.si_status != 7)
			return 1;
		children++;
	}
	return children == 2 ? 0 : 2;
}

static int refuse_both(void *ignored)
{
	int pidfd = 77;

	(void)ignored;
	if (filter_refuse(SYS_clone3, ENOSYS) < 0 || filter_refuse(SYS_clone, EPERM) < 0)
		return BROKEN;
	return clone_process(0, &pidfd) == -1 && errno == EPERM && pidfd == 77 && strcmp(clone_call(), "clone") == 0 ? 0 : 1;
}

static int refuse_for_good(void *ignored)
{
	int pidfd = 77;

	(void)ignored;
	if (filter_refuse(SYS_clone3, EAGAIN) < 0)
		return BROKEN;
	return clone_process(0, &pidfd) == -1 && errno == EAGAIN && pidfd == 77 && strcmp(clone_call(), "clone3") == 0 ? 0 : 1;
}

int main(void)
{
	static struct clone_case itself = {0, 0, "clone3"};
	static struct clone_case missing = {ENOSYS, 0, "clone"};

	test_fallbacks();
	CHECK_NUMBER(tap_child(clone_a_sibling, &itself), 0, "a sibling by clone3");
	CHECK_NUMBER(tap_child(clone_a_sibling, &missing), 0, "a sibling by clone");
	CHECK_NUMBER(tap_child(refuse_both, NULL), 0, "both refused: the last errno and call, no descriptor");
	CHECK_NUMBER(tap_child(refuse_for_good, NULL), 0, "another errno is not tried again");
	return tap_done();
}
