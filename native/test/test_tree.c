/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "error.h"
#include "fd.h"
#include "proc.h"
#include "sys.h"
#include "tree.h"

#define FOREST 24
#define REFUSED 101

/* What the processes of a test tell each other. */
/* Longer than the test waits: an uncaught chain fails the test, and then ends. */
#define CHASE_SECONDS (2 * TAP_CHILD_SECONDS)

struct board {
	volatile int born;
	volatile pid_t pids[4096];
};

static struct board *board;

static void announce(void)
{
	int place = __atomic_fetch_add(&board->born, 1, __ATOMIC_SEQ_CST);

	if (place < 4096)
		board->pids[place] = getpid();
}

static _Noreturn void linger(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)alarm(TAP_CHILD_SECONDS); /* whatever the test does, nothing stays behind */
	announce();
	for (;;)
		(void)pause();
}

/* A session of its own, twice forked, deaf to TERM: its parent is whoever reaps orphans. */
static void plant(int depth)
{
	if (fork() != 0)
		return;
	(void)setsid();
	if (depth > 0) {
		plant(depth - 1);
		plant(depth - 1);
	}
	if (fork() != 0)
		_exit(0);
	linger();
}

static bool wait_for_births(int count)
{
	for (int i = 0; i < 2000 && board->born < count; i++)
		(void)poll(NULL, 0, 5);
	return board->born >= count;
}

/* Kills until nothing is left to reap: rounds, or -1. */
static int kill_all_of(int proc_dir, pid_t root)
{
	for (int round = 0; round < 400; round++) {
		int alive = tree_kill(proc_dir, root);

		if (alive < 0)
			return -1;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return round;
		(void)poll(NULL, 0, 2);
	}
	return -1;
}

/* Runs in a child of its own, which is the root of the tree and its reaper. */
static int kill_forest(void *ignored)
{
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	pid_t self = tree_self(proc_dir);

	(void)ignored;
	if (proc_dir < 0 || self <= 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 1;
	for (int i = 0; i < FOREST; i++)
		plant(1);
	if (!wait_for_births(FOREST * 3))
		return 2;
	if (kill_all_of(proc_dir, self) < 0)
		return 3;
	for (int i = 0; i < board->born; i++) {
		if (kill(board->pids[i], 0) == 0)
			return 4;
	}
	return tree_kill(proc_dir, self) == 0 ? 0 : 5;
}

static void test_forest(void)
{
	pid_t bystander = fork();
	pid_t grandchild;
	int ends[2];

	if (bystander == 0)
		linger();
	if (!wait_for_births(1) || pipe2(ends, O_CLOEXEC) < 0)
		tap_bail("cannot start the bystander");
	board->born = 0;
	CHECK_NUMBER(tap_child(kill_forest, NULL), 0, "a forest of double-forked, TERM-ignoring sessions is killed whole");
	CHECK(kill(bystander, 0) == 0 && waitpid(bystander, NULL, WNOHANG) == 0, "a process beside the tree is spared");
	grandchild = getpid();
	CHECK(kill(grandchild, 0) == 0, "and so is the one above it");
	(void)kill(bystander, SIGKILL);
	(void)tap_wait(bystander);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/*
 * A process that forks and exits without end: each look sees another pid. Should nobody catch it, it must not go on for ever:
 * an alarm does not survive fork, a deadline does.
 */
static int chase(void)
{
	time_t end = time(NULL) + (time_t)CHASE_SECONDS;

	announce();
	while (time(NULL) < end) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
	}
	return 0;
}

static int kill_runner(void *ignored)
{
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	pid_t self = tree_self(proc_dir);

	(void)ignored;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 1;
	for (int i = 0; i < 3; i++) {
		if (fork() == 0)
			_exit(chase());
	}
	if (!wait_for_births(3))
		return 2;
	return kill_all_of(proc_dir, self) < 0 ? 3 : 0;
}

/* Only below the given root: its siblings and itself stay. */
static int kill_below(void *ignored)
{
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	pid_t root, sibling;
	int result = 0;

	(void)ignored;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 1;
	sibling = fork();
	if (sibling == 0)
		linger();
	root = fork();
	if (root == 0) {
		if (fork() == 0)
			linger();
		linger();
	}
	if (!wait_for_births(3))
		return 2;
	if (tree_kill(proc_dir, root) != 1)
		result = 3;
	if (waitpid(root, NULL, WNOHANG) != 0 || waitpid(sibling, NULL, WNOHANG) != 0)
		result = 4;
	(void)kill(root, SIGKILL);
	(void)kill(sibling, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return result;
}

/* A stopped process and a zombie: the one is killed, the other not counted. */
static int kill_stopped(void *ignored)
{
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	siginfo_t info;
	pid_t stopped, zombie;
	int alive;

	(void)ignored;
	zombie = fork();
	if (zombie == 0)
		_exit(0);
	(void)waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
	stopped = fork();
	if (stopped == 0)
		linger();
	(void)kill(stopped, SIGSTOP);
	(void)waitid(P_PID, (id_t)stopped, &info, WSTOPPED);
	alive = tree_kill(proc_dir, tree_self(proc_dir));
	if (alive != 1)
		return 1;
	return tap_wait(stopped) == 128 + SIGKILL && tap_wait(zombie) == 0 ? 0 : 2;
}

/*
 * As init does where it joined a pid namespace: /proc shows the outer namespace, signals go by inner pids. The inner pids
 * 2, 3, ... are other processes outside: killing by the shown number would hit them.
 */
static int kill_from_inside(void *ignored)
{
	struct error err;
	int proc_dir = tree_open_proc(&err);
	pid_t pid;

	(void)ignored;
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		return REFUSED;
	pid = fork();
	if (pid == 0) {
		pid_t self = tree_self(proc_dir);

		(void)alarm(TAP_CHILD_SECONDS);
		if (getpid() != 1 || self <= 1)
			_exit(1);
		plant(1);
		plant(0);
		if (!wait_for_births(4))
			_exit(2);
		_exit(kill_all_of(proc_dir, self) < 0 ? 3 : 0);
	}
	return pid < 0 ? REFUSED : tap_wait(pid);
}

static int no_proc(void *ignored)
{
	_cleanup_close_ int not_proc = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)ignored;
	/* /tmp has no numbers in it, or none with a stat file: nobody is found, nobody is killed. */
	return tree_self(not_proc) == -1 && tree_kill(not_proc, getpid()) == 0 && tree_kill(-1, getpid()) == -1 ? 0 : 1;
}

int main(void)
{
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	int result;

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	CHECK(proc_dir >= 0 && (fcntl(proc_dir, F_GETFD) & FD_CLOEXEC) != 0, "/proc is opened, close-on-exec");
	CHECK_NUMBER(tree_self(proc_dir), getpid(), "and shows us");
	test_forest();
	board->born = 0;
	CHECK_NUMBER(tap_child(kill_runner, NULL), 0, "processes that fork and exit without end are caught");
	board->born = 0;
	CHECK_NUMBER(tap_child(kill_below, NULL), 0, "only what is below the root is killed");
	board->born = 0;
	CHECK_NUMBER(tap_child(kill_stopped, NULL), 0, "stopped processes are killed, zombies are not counted");
	board->born = 0;
	result = tap_child(kill_from_inside, NULL);
	if (result == REFUSED)
		tap_skip("an outer /proc in an inner pid namespace", "user namespaces are refused here");
	else
		CHECK_NUMBER(result, 0, "an outer /proc in an inner pid namespace: the right processes are killed");
	CHECK_NUMBER(tap_child(no_proc, NULL), 0, "what is not a /proc kills nobody");
	return tap_done();
}
