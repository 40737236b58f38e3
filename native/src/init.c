/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bind.h"
#include "cgroup.h"
#include "clone.h"
#include "creds.h"
#include "enter.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "job.h"
#include "launch.h"
#include "mount.h"
#include "nest.h"
#include "net.h"
#include "pins.h"
#include "rootfs.h"
#include "sync.h"
#include "timens.h"
#include "tree.h"
#include "uts.h"

/*
 * The supervisor's death must be ours: in a pid namespace for good, the kernel then takes everybody along. Without one a
 * killed init would leave the job behind, so there it holds only until the job exists (become_reaper).
 */
static int die_with_supervisor(const struct launch *launch, struct error *err)
{
	struct pollfd peer = {.fd = launch->init_sync_peer, .events = POLLIN};

	/* In place nobody stays to die with, see job.c. */
	if (launch->plan.in_place.wanted)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "pdeathsig", "cannot tie init to the supervisor");
	/* Died before the prctl? getppid() is 0 across pid namespaces and tells nothing; the socket does. */
	if (poll(&peer, 1, 0) > 0 && (peer.revents & POLLHUP) != 0)
		return error_set(err, "", EPIPE, "supervisor", "the supervisor is gone");
	return 0;
}

/* For ps; nobody depends on it. Also hides where on the host the helper lives. */
static void set_title(const struct title *title)
{
	static const char name[] = "nsjob-init";

	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
	memset(title->text, 0, title->size);
	memcpy(title->text, name, title->size < sizeof(name) - 1 ? title->size : sizeof(name) - 1);
}

static int enter_process(struct launch *launch, struct error *err)
{
	int keep[10 + LIMIT_MOUNTS] = {launch->init_sync_peer, launch->job_sync_peer, launch->lock.fd,
				      launch->lock.directory, launch->proc_dir, launch->null_fd, launch->self,
				      launch->enter_root, launch->enter_cwd, launch->starter_sync_peer};

	memcpy(keep + 10, launch->sources, sizeof(launch->sources));
	if (!fault_off("title"))
		set_title(&launch->title);
	if (die_with_supervisor(launch, err) < 0 || fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), err) < 0)
		return -1;
	/* Orphans of the job come to us instead of escaping to the host's init. pid 1 gets them anyway. */
	if (!launch_has_pid_namespace(launch) && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "subreaper", "cannot become the reaper of the job's orphans");
	return 0;
}

static int enter_cgroups(const struct launch *launch, bool late, struct error *err)
{
	if (launch->plan.cgroup_count == 0 || launch->cgroups.late != late)
		return 0;
	return stage_enter(STAGE_CGROUP, err) < 0 ? -1 : cgroup_enter(launch, err);
}

/* It begins where we are: after the cgroups are entered. */
static int make_cgroup_namespace(const struct launch *launch, bool late, struct error *err)
{
	if (launch->plan.namespaces[NS_CGROUP].mode != NS_MODE_NEW || launch->cgroups.late != late)
		return 0;
	if (stage_enter(STAGE_CGROUP_NAMESPACE, err) < 0)
		return -1;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_set(err, "unshare", errno, "cgroup", "cannot create a cgroup namespace");
	return 0;
}

int init_loopback(const struct plan *plan, struct error *err)
{
	return plan->loopback && (stage_enter(STAGE_LOOPBACK, err) < 0 || net_loopback_up(err) < 0) ? -1 : 0;
}

int init_build_world(struct launch *launch, struct error *err)
{
	const struct plan *plan = &launch->plan;

	/* A credential change clears the death signal: again at once, before anything that may hang. */
	if (stage_enter(STAGE_INIT_IDS, err) < 0 || creds_become_init(plan, err) < 0 ||
	    die_with_supervisor(launch, err) < 0)
		return -1;
	if (plan->process.enter.pid > 0 && (stage_enter(STAGE_JOIN, err) < 0 || enter_apply(launch, err) < 0))
		return -1;
	if (make_cgroup_namespace(launch, false, err) < 0)
		return -1;
	/* Before the mounts: it writes to /proc/self, and the caller's /proc is known to be there. */
	if (plan->namespaces[NS_TIME].mode == NS_MODE_NEW &&
	    (stage_enter(STAGE_TIME_NAMESPACE, err) < 0 || timens_create(plan, err) < 0))
		return -1;
	if (plan->mount_count > 0 && !plan->process.as_pid1 &&
	    (stage_enter(STAGE_MOUNT, err) < 0 || mount_run(launch, err) < 0))
		return -1;
	if (plan->has_max_user_namespaces &&
	    (stage_enter(STAGE_NESTING, err) < 0 || nest_limit(plan, launch->proc_dir, err) < 0))
		return -1;
	if ((plan->hostname != NULL || plan->domainname != NULL) &&
	    (stage_enter(STAGE_HOSTNAME, err) < 0 || uts_set_names(plan, err) < 0))
		return -1;
	/* What it was to be counted in was made meanwhile. */
	if (enter_cgroups(launch, true, err) < 0 || make_cgroup_namespace(launch, true, err) < 0)
		return -1;
	if (plan->pin_count > 0 && (stage_enter(STAGE_PIN, err) < 0 || pins_make_inside(launch, err) < 0))
		return -1;
	/* The job will change our root too; our working directory, the caller's, must not stay outside it. */
	if (plan->new_root && chdir("/") < 0)
		return error_set(err, "chdir", errno, "/", "cannot leave the caller's directory");
	return 0;
}

/* Where many jobs begin and end, these two wait for others, and the job's process has enough to do meanwhile. */
static int finish_world(const struct plan *plan, int gate, struct error *err)
{
	if (rootfs_has_old() && (stage_enter(STAGE_PIVOT, err) < 0 || rootfs_let_go(err) < 0))
		return -1;
	/* EPIPE: it has failed already, and said why itself. */
	if (gate >= 0 && write(gate, "", 1) != 1 && errno != EPIPE)
		return error_set(err, "write", errno, "job", "cannot tell the job's process that the old root is gone");
	return init_loopback(plan, err);
}

static int start_job(struct launch *launch, pid_t *ret_job, int *ret_pidfd, struct error *err)
{
	_cleanup_close_ int gate = -1;
	int ends[2];
	pid_t job;

	if (stage_enter(STAGE_FORK, err) < 0)
		return -1;
	if (rootfs_has_old()) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_set(err, "pipe2", errno, "", "cannot connect init and the job's process");
		launch->gate = ends[0];
		gate = ends[1];
	}
	/* The job is born here into the time namespace of timens.c, and into a pid namespace of its own if it wants to be 1. */
	job = clone_process(launch->plan.process.as_pid1 ? CLONE_NEWPID : 0, ret_pidfd);
	if (job < 0)
		return error_set(err, clone_call(), errno, launch->plan.process.as_pid1 ? "pid" : "",
				 "cannot create the job's process");
	if (job == 0)
		job_main(launch);
	fd_close(&launch->gate);
	fd_close(&launch->job_sync_peer);
	fd_close(&launch->starter_sync_peer);
	fd_close(&launch->self);
	bind_drop_sources(&launch->plan, launch->sources);
	*ret_job = job;
	return finish_world(&launch->plan, gate, err);
}

/*
 * From here on init is only a reaper: nothing of it is worth attacking. Done before SYNC_BUILT, so before the user's
 * program can run.
 */
static int become_reaper(struct launch *launch, struct error *err)
{
	bool subreaper = !launch_has_pid_namespace(launch);

	/* From now on the end of the sync socket tells, and init kills the tree itself before it goes (reap_for_ever). */
	if (subreaper && prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "pdeathsig", "cannot outlive the supervisor to clean up");
	/* After the fork: the job must stay readable for the supervisor until it execs, and dumpable is inherited. */
	if (!fault_off("dumpable") && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot protect init");
	/* The job's output must end when the job's processes end: init holds no copy. */
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(launch->null_fd, fd) < 0)
			return error_set(err, "dup2", errno, "/dev/null", "cannot let go of the job's standard streams");
	}
	fd_close(&launch->null_fd);
	if (!subreaper)
		fd_close(&launch->proc_dir);
	if (creds_shed_init(subreaper, err) < 0)
		return -1;
	return 0;
}

/* Reaps all that ended, or until the main process has if that is the `last`. True while children are left; reports main on the way. */
static bool reap(int sync, pid_t job, bool last, bool *main_ended)
{
	for (;;) {
		siginfo_t info = {0};
		struct exit_record record;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0) {
			if (errno == EINTR)
				continue;
			return false; /* ECHILD */
		}
		if (info.si_pid == 0)
			return true;
		if (info.si_pid != job)
			continue;
		record = (struct exit_record){.code = info.si_code, .status = info.si_status};
		/* Refused = the supervisor is gone: the loop sees that itself. */
		(void)sync_send_exit(sync, &record, error_scratch());
		*main_ended = true;
		if (last)
			return false;
	}
}

/* The supervisor was killed and there is no pid namespace: its work, done by us. */
static _Noreturn void kill_tree_and_exit(const struct launch *launch)
{
	pid_t self = tree_self(launch->proc_dir);

	for (;;) {
		siginfo_t info = {0};

		/* Unreadable /proc: what is left is reparented to whoever reaps us; staying would help nobody. */
		if (self <= 0 || tree_kill(launch->proc_dir, self) < 0)
			_exit(1);
		while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0)
			info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
			_exit(1);
		(void)poll(NULL, 0, 5);
	}
}

static int watch_children(void)
{
	sigset_t children;

	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD);
	return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * The main process is not reaped before the supervisor has looked at it: PF_FORKNOEXEC tells exec from death. Its word is
 * asked for only once there is something to reap, so that nobody is woken for it while the job runs.
 */
static int await_run(const struct launch *launch, int signals, struct error *err)
{
	struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = launch->init_sync_peer}};
	struct sync_message message;

	while (signals >= 0 && poll(events, 2, -1) < 0 && errno == EINTR)
		;
	return sync_expect(launch->init_sync_peer, SYNC_RUN, "supervisor", &message, NULL, err);
}

static _Noreturn void reap_for_ever(const struct launch *launch, pid_t job, int signals)
{
	bool main_ended = false;

	for (;;) {
		struct pollfd events[] = {{.fd = signals, .events = POLLIN},
					  {.fd = launch->init_sync_peer, .events = POLLIN}};
		struct signalfd_siginfo drained;
		bool children_left = reap(launch->init_sync_peer, job, launch_has_pid_namespace(launch), &main_ended);

		/* Main is gone: as pid 1 our exit kills the rest; else the supervisor does, and we go last. */
		if (main_ended && (launch_has_pid_namespace(launch) || !children_left))
			_exit(0);
		/* No signalfd (fd limit)? Then look every 20 ms. */
		(void)poll(events, 2, signals < 0 ? 20 : -1);
		while (signals >= 0 && read(signals, &drained, sizeof(drained)) > 0)
			;
		if ((events[1].revents & (POLLHUP | POLLERR)) == 0)
			continue;
		if (launch_has_pid_namespace(launch))
			_exit(1);
		kill_tree_and_exit(launch);
	}
}

_Noreturn void init_main(struct launch *launch)
{
	static struct error err;
	struct sync_message message;
	int job_pidfd = -1;
	int signals;
	pid_t job = -1;
	sigset_t all;

	stage_restart();
	(void)signal(SIGIO, SIG_DFL); /* the supervisor's affair */
	/* Nothing sent to a process group may end init: it reads what it needs from a signalfd. The job unblocks all again. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (enter_cgroups(launch, false, &err) < 0 || enter_process(launch, &err) < 0 ||
	    sync_expect(launch->init_sync_peer, SYNC_PROCEED, "supervisor", &message, NULL, &err) < 0 ||
	    init_build_world(launch, &err) < 0 || start_job(launch, &job, &job_pidfd, &err) < 0 ||
	    become_reaper(launch, &err) < 0 ||
	    sync_send(launch->init_sync_peer, SYNC_BUILT, job_pidfd, &err) < 0) {
		/* In a mount namespace that others are in too they would stay. */
		pins_end_inside(&launch->plan, true);
		sync_send_error(launch->init_sync_peer, &err);
		_exit(1);
	}
	pins_end_inside(&launch->plan, false);
	fd_close(&job_pidfd);
	signals = watch_children();
	if (await_run(launch, signals, &err) < 0) {
		/* The supervisor died; the job may have executed and forked already. */
		if (!launch_has_pid_namespace(launch))
			kill_tree_and_exit(launch);
		_exit(1);
	}
	reap_for_ever(launch, job, signals);
}
