/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of contents of a launch. Runs in: supervisor. What init does is in init.c (init_build_world), what the job's own
 * process does in job.c (build), what follows in supervise.c.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ahead.h"
#include "bind.h"
#include "cgroup.h"
#include "clone.h"
#include "collect.h"
#include "creds.h"
#include "enter.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "idmap.h"
#include "init.h"
#include "inplace.h"
#include "pins.h"
#include "report.h"
#include "self.h"
#include "stdio_fds.h"
#include "sync.h"
#include "sys.h"
#include "terminal.h"
#include "tree.h"

#define UNCOUNTED_TRIES 20
#define UNCOUNTED_MICROS 5000

void launch_init(struct launch *launch, int connection)
{
	memset(launch, 0, sizeof(*launch));
	launch->connection = connection;
	launch->proc_dir = launch->null_fd = launch->self = launch->enter_root = launch->enter_cwd = -1;
	launch->init_sync = launch->init_sync_peer = launch->job_sync = launch->job_sync_peer = -1;
	launch->init_pidfd = launch->init_dir = launch->job_pidfd = launch->job_dir = -1;
	launch->collect_root = launch->collect_mounts = launch->collect_users = -1;
	launch->terminal = launch->terminal_peer = launch->gate = -1;
	launch->starter_sync = launch->starter_sync_peer = -1;
	launch->lock.fd = launch->lock.directory = -1;
	cgroup_init(&launch->cgroups);
	for (int kind = 0; kind < NS_COUNT; kind++)
		launch->joined[kind] = -1;
	for (size_t i = 0; i < LIMIT_MOUNTS; i++)
		launch->sources[i] = -1;
}

void launch_add_times(struct launch *launch, const uint64_t nanos[STAGE_COUNT])
{
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		launch->stage_nanos[stage] += nanos[stage];
}

int launch_open(struct launch *launch, struct error *err)
{
	int init_ends[2];
	int job_ends[2];

	launch->proc_dir = tree_open_proc(err);
	if (launch->proc_dir < 0)
		return -1;
	/* Another pid namespace's /proc would make every pid below mean somebody else. */
	if (tree_self(launch->proc_dir) != getpid())
		return error_set(err, "readlink", ESRCH, "/proc/self", "/proc shows another pid namespace than ours");
	launch->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (launch->null_fd < 0)
		return error_set(err, "open", errno, "/dev/null", "cannot open the null device");
	if (sync_open(init_ends, err) < 0)
		return -1;
	launch->init_sync = init_ends[0];
	launch->init_sync_peer = init_ends[1];
	if (sync_open(job_ends, err) < 0)
		return -1;
	launch->job_sync = job_ends[0];
	launch->job_sync_peer = job_ends[1];
	return 0;
}

static int open_shared(struct launch *launch, struct error *err)
{
	int starter_ends[2];

	if (launch->proc_dir < 0 && launch_open(launch, err) < 0)
		return -1;
	if (launch->plan.process.commands) {
		if (sync_open(starter_ends, err) < 0)
			return -1;
		launch->starter_sync = starter_ends[0];
		launch->starter_sync_peer = starter_ends[1];
	}
	/* Behind init: should it be killed where there is no pid namespace, its orphans come to us. Exec would keep it on. */
	if (!launch->plan.in_place.wanted && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "subreaper", "cannot become the reaper of the job's orphans");
	return 0;
}

static int clone_failed(const struct launch *launch, struct error *err)
{
	char kinds[64];

	/* clone(2) has no better word for it. */
	if (errno == ENOMEM && ns_entered(&launch->plan.namespaces[NS_PID]))
		return error_set(err, clone_call(), ENOMEM, "pid", "the init of the pid namespace to join has ended, and no process can be born there");
	ns_new_names(&launch->plan, kinds, sizeof(kinds));
	return error_set(err, clone_call(), errno, kinds, "cannot create the job's namespaces");
}

/*
 * From its birth on, init is seen by those who are in the pid namespace already, and they may have its ids. Not dumpable, it
 * is closed to all who have no capability in the user namespace that the helper was executed in, the caller's: its memory, its
 * descriptors, its root, and the helper behind /proc/PID/exe (CVE-2016-9962, CVE-2019-5736). exec opens it again, with nothing
 * left but the command.
 */
static int hide(const struct launch *launch, struct error *err)
{
	if (plan_is_guarded(&launch->plan) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot hide from those who are there");
	return 0;
}

/*
 * A process of its own does the joining: the supervisor must stay outside to report and to kill. Its child is made with
 * CLONE_PARENT and so becomes the supervisor's, born into the pid and time namespaces that setns only prepares.
 */
static _Noreturn void joiner_main(struct launch *launch)
{
	static struct error err;
	_cleanup_close_ int pidfd = -1;
	pid_t pid;

	stage_restart();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || stage_enter(STAGE_JOIN, &err) < 0 || hide(launch, &err) < 0 ||
	    ns_join(launch->joined, &err) < 0 || stage_enter(STAGE_CLONE, &err) < 0)
		goto failed;
	pid = clone_into(ns_clone_flags(&launch->plan) | CLONE_PARENT, cgroup_unified(launch), &pidfd);
	if (pid == 0)
		init_main(launch);
	if (pid < 0)
		(void)clone_failed(launch, &err);
	else if (sync_send(launch->init_sync_peer, SYNC_JOINED, pidfd, &err) == 0)
		_exit(0);
failed:
	sync_send_error(launch->init_sync_peer, &err);
	_exit(1);
}

static int spawn_by_joiner(struct launch *launch, struct error *err)
{
	_cleanup_close_ int joiner_pidfd = -1;
	struct sync_message message;
	pid_t joiner;
	int result;

	if (stage_enter(STAGE_JOIN, err) < 0)
		return -1;
	joiner = clone_process(0, &joiner_pidfd);
	if (joiner < 0)
		return error_set(err, clone_call(), errno, "", "cannot create the joining process");
	if (joiner == 0)
		joiner_main(launch);
	fd_close(&launch->init_sync_peer);
	result = sync_expect(launch->init_sync, SYNC_JOINED, "joiner", &message, &launch->init_pidfd, err);
	/* It exits right after its word; killed for the case that it hangs in setns. */
	(void)sys_pidfd_send_signal(joiner_pidfd, SIGKILL, 0);
	while (waitpid(joiner, NULL, 0) < 0 && errno == EINTR)
		;
	if (result < 0)
		return -1;
	launch->init_pid = proc_pid_of(launch->init_pidfd, err);
	return launch->init_pid > 0 ? 0 : -1;
}

/*
 * What was made ahead and did not fit is dying, and the kernel may count it still: once more when it is gone, and a few times, as
 * it lets go of a dead process's namespaces somewhat later.
 */
static pid_t clone_init(struct launch *launch)
{
	uint64_t flags = ns_clone_flags(&launch->plan);
	pid_t pid = clone_into(flags, cgroup_unified(launch), &launch->init_pidfd);
	bool counted = pid < 0 && ahead_reap();

	for (int left = UNCOUNTED_TRIES; pid < 0 && counted && left > 0; left--) {
		if (left < UNCOUNTED_TRIES)
			(void)usleep(UNCOUNTED_MICROS);
		pid = clone_into(flags, cgroup_unified(launch), &launch->init_pidfd);
		/* A number of users, namespaces or processes that is used up. */
		counted = errno == ENOSPC || errno == EAGAIN || errno == EUSERS;
	}
	return pid;
}

static int renew_sync(struct launch *launch, struct error *err)
{
	int ends[2];

	if (launch->init_sync >= 0)
		return 0;
	if (sync_open(ends, err) < 0)
		return -1;
	launch->init_sync = ends[0];
	launch->init_sync_peer = ends[1];
	return 0;
}

static int spawn_init(struct launch *launch, struct error *err)
{
	if (ahead_fits(launch)) {
		if (stage_enter(STAGE_CLONE, err) < 0)
			return -1;
		if (ahead_take(launch))
			return 0;
	}
	if (renew_sync(launch, err) < 0)
		return -1;
	if (launch->plan.in_place.wanted)
		return inplace_spawn(launch, err);
	if (ns_any_entered(&launch->plan))
		return spawn_by_joiner(launch, err);
	if (stage_enter(STAGE_CLONE, err) < 0)
		return -1;
	launch->init_pid = clone_init(launch);
	if (launch->init_pid < 0)
		return clone_failed(launch, err);
	if (launch->init_pid == 0)
		init_main(launch);
	fd_close(&launch->init_sync_peer);
	return 0;
}

static int write_maps(struct launch *launch, struct error *err)
{
	if (!launch->plan.has_maps)
		return 0;
	if (stage_enter(STAGE_ID_MAP, err) < 0)
		return -1;
	launch->init_dir = proc_open(launch->init_pid, launch->init_pidfd, err);
	if (launch->init_dir < 0)
		return -1;
	return idmap_set(&launch->plan, launch->lock.base, launch->init_pid, launch->init_dir, err);
}

static int make_cgroups(struct launch *launch, struct error *err)
{
	if (launch->plan.cgroup_count == 0)
		return 0;
	return stage_enter(STAGE_CGROUP, err) < 0 ? -1 : cgroup_make(launch, err);
}

static int open_job(struct launch *launch, struct error *err)
{
	if (launch->job_dir >= 0)
		return 0;
	launch->job_pid = proc_pid_of(launch->job_pidfd, err);
	if (launch->job_pid < 0)
		return -1;
	launch->job_dir = proc_open(launch->job_pid, launch->job_pidfd, err);
	return launch->job_dir < 0 ? -1 : 0;
}

/* Init builds the world and forks the job's process, which prepares itself: two messages, in either order of arrival. */
static int await_built(struct launch *launch, struct error *err)
{
	struct sync_message message;

	/* Waiting does not count as time; the stage is for the case that one of them vanishes without a word. */
	if (stage_enter(STAGE_BUILD, err) < 0 || sync_send(launch->init_sync, SYNC_PROCEED, -1, err) < 0)
		return -1;
	if (launch->cgroups.late && make_cgroups(launch, err) < 0)
		return -1;
	cgroup_send_doors(launch);
	if (stage_enter(STAGE_BUILD, err) < 0)
		return -1;
	/* Init is busy for long, with code that we trust: the time for what nobody has to wait for. Else the job's maps tell. */
	if (launch->init_dir >= 0 && !report_may_look_early(&launch->plan) &&
	    idmap_check(&launch->plan, launch->lock.base, launch->init_dir, err) < 0) {
		err->stage = STAGE_ID_MAP;
		return -1;
	}
	fd_close(&launch->init_dir);
	(void)ahead_reap();
	if (report_know_ourselves(launch->proc_dir, err) < 0 ||
	    sync_expect(launch->init_sync, SYNC_BUILT, "init", &message, &launch->job_pidfd, err) < 0)
		return -1;
	launch_add_times(launch, message.stage_nanos);
	/* Only the job holds the other end now: its end of file means the job. */
	fd_close(&launch->job_sync_peer);
	fd_close(&launch->starter_sync_peer);
	/* What fails here is a job that fails, and tells why itself. */
	if (report_may_look_early(&launch->plan) && open_job(launch, error_scratch()) == 0)
		report_look_early(launch);
	if (sync_expect(launch->job_sync, SYNC_JOB_BUILT, "job", &message, &launch->terminal, err) < 0)
		return -1;
	launch->facts = message.facts;
	launch_add_times(launch, message.stage_nanos);
	return open_job(launch, err);
}

/* A root caller's init switches to unprivileged ids and could not reach what is below, say, /root: we take sources for it. */
static int take_sources(struct launch *launch, struct error *err)
{
	bool binds = false;

	for (size_t i = 0; i < launch->plan.mount_count; i++)
		binds = binds || launch->plan.mounts[i].source != NULL;
	if (!binds)
		return 0;
	if (stage_enter(STAGE_MOUNT, err) < 0)
		return -1;
	if (geteuid() != 0)
		return bind_give_up_maps(launch, err);
	if (bind_take_sources(launch, err) == 0) {
		launch->sources_taken = true;
		return 0;
	}
	/* Without CAP_SYS_ADMIN, as in a container: init has it in the job's own namespaces. */
	bind_drop_sources(&launch->plan, launch->sources);
	return err->errnum == EPERM ? bind_give_up_maps(launch, err) : -1;
}

int launch_build(struct launch *launch, struct error *err)
{
	static const int standard[3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	const struct plan *plan = &launch->plan;

	if (open_shared(launch, err) < 0)
		return -1;
	if (plan->block.directory != NULL &&
	    (stage_enter(STAGE_ID_BLOCK, err) < 0 || idblock_lock(&plan->block, &launch->lock, err) < 0))
		return -1;
	cgroup_decide(launch);
	if (!launch->cgroups.late && make_cgroups(launch, err) < 0)
		return -1;
	if (plan->drop_groups && (stage_enter(STAGE_GROUPS, err) < 0 || creds_drop_groups(err) < 0))
		return -1;
	if (ns_any_entered(plan) && (stage_enter(STAGE_OPEN_NAMESPACES, err) < 0 ||
				    ns_open_joined(plan, launch->joined, launch->targets, err) < 0))
		return -1;
	if (plan->process.enter.pid > 0 && (stage_enter(STAGE_OPEN_NAMESPACES, err) < 0 || enter_open(launch, err) < 0))
		return -1;
	if (plan_has_other_root(plan) && !plan->process.terminal && !fault_off("stdio") && stdio_check(standard, err) < 0)
		return -1;
	if (plan->process.self && (stage_enter(STAGE_BUILD, err) < 0 || self_copy(&launch->self, err) < 0))
		return -1;
	if (take_sources(launch, err) < 0 || spawn_init(launch, err) < 0)
		return -1;
	bind_drop_sources(plan, launch->sources);
	fd_close(&launch->self);
	enter_close(launch);
	if (write_maps(launch, err) < 0 || stdio_give(launch, standard, plan->process.owned_stdio, err) < 0)
		return -1;
	if (await_built(launch, err) < 0 || (plan->process.terminal && terminal_adopt(launch, err) < 0) ||
	    collect_open(launch, err) < 0)
		return -1;
	cgroup_close_doors(&launch->cgroups);
	if (plan->pin_count > 0 && (stage_enter(STAGE_PIN, err) < 0 || pins_make(launch, err) < 0))
		return -1;
	return stdio_let_go(launch, err);
}

void launch_execute(struct launch *launch)
{
	launch->executed_at = clock_nanos();
	/* Refused = the job is gone: its end of file says so in a moment. */
	(void)sync_send(launch->job_sync, SYNC_EXEC, -1, error_scratch());
}

void launch_abandon(struct launch *launch)
{
	bool in_place = launch->plan.in_place.wanted;

	pins_undo(&launch->plan);
	/* The job's process first: without a pid namespace it would outlive init for a moment. In place, both end by themselves. */
	if (launch->job_pidfd >= 0 && !in_place)
		(void)sys_pidfd_send_signal(launch->job_pidfd, SIGKILL, 0);
	if (launch->init_pidfd >= 0 && !in_place)
		(void)sys_pidfd_send_signal(launch->init_pidfd, SIGKILL, 0);
	/* All ends closed: a process of which we have no pidfd yet reads end of file where it waits for us. */
	fd_close(&launch->init_sync);
	fd_close(&launch->init_sync_peer);
	fd_close(&launch->job_sync);
	fd_close(&launch->job_sync_peer);
	fd_close(&launch->starter_sync);
	fd_close(&launch->starter_sync_peer);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	cgroup_remove(launch);
	idblock_release(&launch->lock);
}
