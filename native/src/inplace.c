/* SPDX-License-Identifier: Apache-2.0 */
#include "inplace.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "idblock.h"
#include "init.h"
#include "job.h"
#include "launch.h"
#include "pins.h"
#include "report.h"
#include "sync.h"
#include "sys.h"
#include "wire.h"

/* exec gives a process the last part of a file's name, in which there is no slash: no program is called like this. */
static const char own_name[] = "nsjob/inplace";

/* The longest between two looks at who uses a block of ids. */
#define HOLD_SECONDS 16

static int set_timer(int64_t millis)
{
	struct itimerval limit = {
		.it_value = {.tv_sec = millis / 1000, .tv_usec = (suseconds_t)(millis % 1000 * 1000)}};

	return setitimer(ITIMER_REAL, &limit, NULL);
}

/* After the last word: who waits for us shall find what the supervisor has to say about it. */
static _Noreturn void fail(int sync, const struct error *err)
{
	struct sync_message message;

	sync_send_error(sync, err);
	(void)sync_receive(sync, &message, NULL, error_scratch());
	_exit(125);
}

static int leave_namespaces(struct launch *launch, struct error *err)
{
	char kinds[64];

	if (ns_any_entered(&launch->plan) && (stage_enter(STAGE_JOIN, err) < 0 || ns_join(launch->joined, err) < 0))
		return -1;
	if (stage_enter(STAGE_CLONE, err) < 0)
		return -1;
	/* All in one call: a new user namespace is made first, and owns the others. */
	if (unshare((int)ns_clone_flags(&launch->plan)) < 0) {
		ns_new_names(&launch->plan, kinds, sizeof(kinds));
		return error_set(err, "unshare", errno, kinds, "cannot create the new namespaces");
	}
	return 0;
}

static _Noreturn void become_command(struct launch *launch)
{
	static struct error err;

	if (init_build_world(launch, &err) < 0 || init_loopback(&launch->plan, &err) < 0 ||
	    sync_send(launch->init_sync_peer, SYNC_BUILT, launch->init_pidfd, &err) < 0)
		fail(launch->init_sync_peer, &err);
	job_main(launch);
}

static _Noreturn void child_main(struct launch *launch)
{
	static struct error err;

	stage_restart();
	/* Until the command runs; what then is the plan's. job.c repeats it where a change of ids clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		(void)error_set(&err, "prctl", errno, "pdeathsig", "cannot tie the child to its parent");
	else if (init_build_world(launch, &err) == 0 && init_loopback(&launch->plan, &err) == 0)
		job_main(launch);
	fail(launch->job_sync_peer, &err);
}

/* As unshare(1): whoever waits for us sees how the child ended. */
static _Noreturn void end_like(int status)
{
	sigset_t one;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)sigemptyset(&one);
	(void)sigaddset(&one, WTERMSIG(status));
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	(void)raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

static void take_signals(sigset_t *ret_taken)
{
	static const int taken[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD};

	(void)sigemptyset(ret_taken);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		(void)sigaddset(ret_taken, taken[i]);
	/* All others have their usual effect again, so that ^Z stops us as it stops the child. */
	(void)sigprocmask(SIG_SETMASK, ret_taken, NULL);
}

static _Noreturn void wait_for_child(const struct launch *launch, pid_t child, int child_pidfd)
{
	struct sync_message message;
	sigset_t taken;
	int status = 0;
	pid_t ended;

	take_signals(&taken);
	/* Not reaped before the supervisor has seen whether it executed. If that is gone, the child is as good as that. */
	(void)sync_receive(launch->init_sync_peer, &message, NULL, error_scratch());
	(void)set_timer(0);
	while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
		siginfo_t info;

		/* What the terminal sends, it sends to the child too: they are one group. */
		if (sigwaitinfo(&taken, &info) > 0 && info.si_signo != SIGCHLD && info.si_code <= 0)
			(void)sys_pidfd_send_signal(child_pidfd, info.si_signo, 0);
	}
	if (ended < 0)
		_exit(125);
	end_like(status);
}

static _Noreturn void fork_command(struct launch *launch)
{
	static struct error err;
	int pidfd = -1;
	pid_t child;

	/* A root that is left behind takes along whoever stands in it; we must not be a way back. */
	if (stage_enter(STAGE_FORK, &err) < 0)
		fail(launch->init_sync_peer, &err);
	if (launch->plan.new_root && chdir("/") < 0) {
		(void)error_set(&err, "chdir", errno, "/", "cannot leave the caller's directory");
		fail(launch->init_sync_peer, &err);
	}
	child = clone_process(0, &pidfd);
	if (child == 0)
		child_main(launch);
	if (child < 0) {
		(void)error_set(&err, clone_call(), errno, "", "cannot create the command's process");
		fail(launch->init_sync_peer, &err);
	}
	fd_close(&launch->job_sync_peer);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		(void)error_set(&err, "prctl", errno, "dumpable", "cannot protect the waiting process");
	else if (sync_send(launch->init_sync_peer, SYNC_BUILT, pidfd, &err) == 0)
		wait_for_child(launch, child, pidfd);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	fail(launch->init_sync_peer, &err);
}

static _Noreturn void unshare_main(struct launch *launch)
{
	static struct error err;
	struct sync_message message;

	stage_restart();
	(void)signal(SIGIO, SIG_DFL); /* the supervisor's affair now, and no handler is to be seen before exec */
	fd_close(&launch->connection);
	fd_close(&launch->init_sync);
	fd_close(&launch->job_sync);
	(void)prctl(PR_SET_NAME, own_name, 0, 0, 0); /* which exec changes: has_executed() */
	if (leave_namespaces(launch, &err) < 0 || sync_send(launch->init_sync_peer, SYNC_JOINED, -1, &err) < 0 ||
	    sync_expect(launch->init_sync_peer, SYNC_PROCEED, "supervisor", &message, NULL, &err) < 0)
		fail(launch->init_sync_peer, &err);
	if (launch->plan.in_place.fork)
		fork_command(launch);
	become_command(launch);
}

static int become_supervisor(struct launch *launch, struct error *err)
{
	struct sync_message message;

	/* The other one's is not inherited. */
	if (set_timer(launch->plan.setup_millis) < 0)
		return error_set(err, "setitimer", errno, "", "cannot limit the set-up time");
	fd_close(&launch->init_sync_peer);
	return sync_expect(launch->init_sync, SYNC_JOINED, "the process", &message, NULL, err);
}

int inplace_spawn(struct launch *launch, struct error *err)
{
	_cleanup_close_ int pidfd = -1;
	int status = 0;
	pid_t between;

	if (stage_enter(STAGE_CLONE, err) < 0)
		return -1;
	launch->init_pid = getpid();
	launch->init_pidfd = sys_pidfd_open(launch->init_pid);
	if (launch->init_pidfd < 0)
		return error_set(err, "pidfd_open", errno, "", "cannot take hold of our own process");
	between = clone_process(0, &pidfd);
	if (between == 0) {
		pid_t supervisor = clone_process(0, &pidfd);

		if (supervisor == 0)
			return become_supervisor(launch, err);
		_exit(supervisor > 0 ? 0 : 1);
	}
	/* Its parent ends at once: a command does not expect to have a child that it never made. */
	while (between > 0 && waitpid(between, &status, 0) < 0 && errno == EINTR)
		;
	if (between < 0 || status != 0)
		return error_set(err, clone_call(), between < 0 ? errno : EAGAIN, "", "cannot create the supervisor of the set-up");
	unshare_main(launch);
}

int inplace_let_go(const struct plan *plan, struct error *err)
{
	/* Timers and death signals survive exec; the parent of a command in place is the caller, and never tied to it. */
	if (set_timer(0) < 0)
		return error_set(err, "setitimer", errno, "", "cannot leave set-up");
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)plan->in_place.kill_signal, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "pdeathsig", "cannot set the signal for the end of the parent");
	return 0;
}

/* READY and the end of file are not enough: it may have been killed in between. */
static bool has_executed(const struct launch *launch)
{
	struct proc_stat stat;
	char name[32];

	if (launch->plan.in_place.fork)
		return proc_read_stat(launch->job_dir, &stat, error_scratch()) == 0 && (stat.flags & PROC_PF_FORKNOEXEC) == 0;
	/*
	 * That flag went when we were executed ourselves. The name goes with every exec, and a zombie still has it. Reaped
	 * already: then its parent knows how it ended, and no way of ours to fail ends without a word.
	 */
	if (fd_read_file(launch->job_dir, "comm", name, sizeof(name)) < 0)
		return true;
	return strncmp(name, own_name, sizeof(own_name) - 1) != 0;
}

/*
 * The ids of the block are the command's as long as it lives, and of what it leaves running; a lock needs somebody to hold it.
 * Given to another job earlier, the two could send each other signals, and read each other's files.
 */
static void hold_ids(struct launch *launch)
{
	int keep[] = {launch->job_pidfd, launch->proc_dir, launch->lock.fd, launch->lock.directory};
	struct pollfd end = {.fd = launch->job_pidfd, .events = POLLIN};
	int seconds = 1;
	struct error ignored;

	if (launch->plan.block.directory == NULL)
		return;
	fd_close(&launch->connection);
	(void)setsid();
	for (int fd = 0; fd <= 2; fd++)
		(void)dup2(launch->null_fd, fd);
	(void)fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), &ignored);
	(void)!chdir("/");
	while (poll(&end, 1, -1) < 0 && errno == EINTR)
		;
	/* The kernel tells nobody when the last process of a user namespace ends: looked at less and less often. */
	for (; idblock_used(&launch->lock, launch->proc_dir, &launch->plan.uids); seconds = seconds < HOLD_SECONDS ? 2 * seconds : seconds)
		(void)poll(NULL, 0, seconds * 1000);
	idblock_release(&launch->lock);
}

int inplace_finish(struct launch *launch, struct error *err)
{
	uint64_t nanos[STAGE_COUNT] = {0};
	uint64_t begun = clock_nanos();
	struct sync_message message;
	int received;

	if (sync_send(launch->job_sync, SYNC_EXEC, -1, err) < 0 ||
	    sync_expect(launch->job_sync, SYNC_READY, "the process", &message, NULL, err) < 0)
		return -1;
	received = sync_receive(launch->job_sync, &message, NULL, err);
	if (received > 0 && message.type == SYNC_ERROR) {
		*err = *message.error;
		return -1;
	}
	if (received != 0 || !has_executed(launch)) {
		(void)error_set(err, "", ECHILD, launch->plan.process.argv[0], "the process ended before it could execute the program");
		err->stage = STAGE_EXEC;
		return -1;
	}
	pins_commit(&launch->plan);
	nanos[STAGE_EXEC] = clock_nanos() - begun;
	(void)wire_send(launch->connection, FRAME_STARTED, report_started(nanos), error_scratch());
	(void)sync_send(launch->init_sync, SYNC_RUN, -1, error_scratch());
	hold_ids(launch);
	return 0;
}
