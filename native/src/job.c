/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot.h"
#include "creds.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "inplace.h"
#include "keyring.h"
#include "landlock.h"
#include "launch.h"
#include "mount.h"
#include "nest.h"
#include "resources.h"
#include "runner.h"
#include "seccomp.h"
#include "self.h"
#include "sync.h"
#include "terminal.h"

static int start_session(const struct plan *plan, struct error *err)
{
	/* Without the caller's terminal: no TIOCSTI, no keyboard signals but those the supervisor sends. */
	if (plan->process.new_session && setsid() < 0)
		return error_set(err, "setsid", errno, "", "cannot start a session");
	if (plan->process.has_umask)
		(void)umask(plan->process.umask);
	return 0;
}

static int enter_directory(const char *path, struct error *err)
{
	/* Nearly every path fits into the first. */
	static char large[LIMIT_PATH];
	char small[256];
	const char *found = small;

	/*
	 * Also for the inherited one: chdir(".") asks for search permission with the job's own ids, which open descriptors
	 * and an old cwd do not. Silently starting in "/" instead would make `rm -rf *` somebody's bad day.
	 */
	if (chdir(path != NULL ? path : ".") < 0)
		return error_set(err, "chdir", errno, path != NULL ? path : ".", "the job cannot enter its working directory");
	if (fault_off("cwd"))
		return 0;
	if (getcwd(small, sizeof(small)) == NULL)
		found = errno == ERANGE ? getcwd(large, sizeof(large)) : NULL;
	if (found == NULL)
		return error_set(err, "getcwd", errno, path != NULL ? path : ".", "the working directory has no path here");
	/* "(unreachable)/...": outside our root, getcwd(2). A way out (CVE-2024-21626). */
	if (found[0] != '/')
		return error_set(err, "getcwd", ENOENT, found, "the working directory is outside the job's root");
	return 0;
}

/* A second line behind init's pid namespace, the first one where there is none. Survives exec; the job may clear it. */
static int tie_to_init(const struct plan *plan, struct error *err)
{
	/* In place our parent is the caller, or a thread of it. */
	if (plan->in_place.wanted && !plan->in_place.fork)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "pdeathsig", "cannot tie the job to init");
	return 0;
}

/*
 * Until then ".." of the root directory leads to the old root, and no path of the job's may be walked: a symlink in a workspace would
 * do. Only the byte counts: at the end of file init is gone.
 */
static int await_root(struct launch *launch, struct error *err)
{
	char byte;

	if (launch->gate < 0)
		return 0;
	stage_pause();
	if (fd_read_full(launch->gate, &byte, 1) < 0)
		return error_set(err, "", EPIPE, "init", "init ended before the old root was gone");
	fd_close(&launch->gate);
	return 0;
}

/* Everything that takes privileges away but the filter, in an order in which each step still has what it needs. */
static int shed_privileges(struct launch *launch, struct job_facts *facts, struct error *err)
{
	const struct plan *plan = &launch->plan;

	/* Behind everything that needs the tree outside, and while CAP_SYS_CHROOT is there. */
	if (plan->process.chroot != NULL &&
	    (await_root(launch, err) < 0 || stage_enter(STAGE_CHROOT, err) < 0 || chroot_enter(plan->process.chroot, err) < 0))
		return -1;
	if (stage_enter(STAGE_CREDENTIALS, err) < 0 || creds_become_job(plan, err) < 0 || tie_to_init(plan, err) < 0 ||
	    await_root(launch, err) < 0)
		return -1;
	if (plan->process.terminal && (stage_enter(STAGE_TERMINAL, err) < 0 || terminal_enter(launch, err) < 0))
		return -1;
	if (plan->process.no_new_privs && (stage_enter(STAGE_NO_NEW_PRIVS, err) < 0 || creds_no_new_privs(err) < 0))
		return -1;
	if (plan->process.keyring != KEYRING_INHERITED &&
	    (stage_enter(STAGE_KEYRING, err) < 0 || keyring_join(plan, &facts->keyring, err) < 0))
		return -1;
	if (plan->process.landlock.wanted &&
	    (stage_enter(STAGE_LANDLOCK, err) < 0 || landlock_apply(plan, &facts->landlock_abi, err) < 0))
		return -1;
	return 0;
}

/* Hidden from an unprivileged supervisor as from everybody else; what is ours we may always read. */
static int tell_namespaces(const struct launch *launch, struct job_facts *facts, struct error *err)
{
	_cleanup_close_ int self = openat(launch->proc_dir, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return error_set(err, "open", errno, "/proc/self", "cannot read our own namespaces");
	return ns_identities(self, facts->namespaces, err);
}

static int build(struct launch *launch, struct job_facts *facts, struct error *err)
{
	const struct plan *plan = &launch->plan;

	/* Now, and again after the change of ids, which clears it: a working directory may hang. */
	if (tie_to_init(plan, err) < 0)
		return -1;
	if (stage_enter(STAGE_SESSION, err) < 0 || start_session(plan, err) < 0)
		return -1;
	if (plan->process.as_pid1 && plan->mount_count > 0 &&
	    (stage_enter(STAGE_MOUNT, err) < 0 || mount_run(launch, err) < 0))
		return -1;
	/*
	 * The mounts are all there; its own credentials are about the user namespace that it stays in. Before the limits: they are
	 * the job's, which may be allowed no second process and no descriptor beyond its streams.
	 */
	if (plan->process.lock_mounts &&
	    (stage_enter(STAGE_NESTING, err) < 0 || nest_lock_mounts(plan, launch->proc_dir, err) < 0))
		return -1;
	/* While init's capabilities are there, and before the job's ids could be without the right to write to /proc. */
	if (resources_wanted(plan) && (stage_enter(STAGE_LIMITS, err) < 0 || resources_apply(plan, launch->proc_dir, err) < 0))
		return -1;
	if (plan_is_guarded(plan) && tell_namespaces(launch, facts, err) < 0)
		return -1;
	fd_close(&launch->proc_dir);
	if (shed_privileges(launch, facts, err) < 0)
		return -1;
	if (stage_enter(STAGE_CWD, err) < 0 || enter_directory(plan->process.cwd, err) < 0)
		return -1;
	/*
	 * Changing ids made us non-dumpable: an unprivileged supervisor could not read our namespaces. exec decides anew. Where
	 * others are there already, we have told it what they are.
	 */
	if (!plan_is_guarded(plan) && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot let the supervisor verify the job");
	if (plan->in_place.wanted && inplace_let_go(plan, err) < 0)
		return -1;
	/*
	 * Last: what comes after it is only what every program needs too. Java has run the filter over those calls:
	 * sendmsg, recvmsg, rt_sigaction, rt_sigprocmask, brk, clock_gettime, execve or execveat, exit_group (job_main() and below).
	 */
	if (plan->process.filter != NULL && (stage_enter(STAGE_SECCOMP, err) < 0 || seccomp_install(plan, err) < 0))
		return -1;
	return 0;
}

/*
 * The job starts as from a login: nothing ignored, nothing blocked, whatever the JVM did (SIGCHLD ignored, ...). Actions are the
 * default ones since main(), and for the guard of the set-up since init_main(); report.c has read them back.
 */
static void unblock_signals(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execve along the search path, as execvp(3) without its shell fallback and with the right errno at the end. */
static int execute(const struct launch *launch, struct error *err)
{
	const struct plan *plan = &launch->plan;
	const char *name = plan->process.argv[0];
	int failure = ENOENT;

	if (plan->process.self)
		return self_execute(launch->self, plan->process.argv, plan->process.environment, err);
	if (strchr(name, '/') != NULL) {
		(void)execve(name, plan->process.argv, plan->process.environment);
		return error_set(err, "execve", errno, name, "cannot execute the program");
	}
	for (size_t i = 0; plan->process.search_path[i] != NULL; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", plan->process.search_path[i], name) < 0)
			return error_set(err, "asprintf", ENOMEM, name, "out of memory");
		(void)execve(path, plan->process.argv, plan->process.environment);
		/* A later directory may have it; what we remember is the most telling refusal. */
		if (errno == EACCES)
			failure = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG)
			return error_set(err, "execve", errno, path, "cannot execute the program");
	}
	return error_set(err, "execve", failure, name, "cannot execute the program");
}

_Noreturn void job_main(struct launch *launch)
{
	static struct error err;
	struct sync_message message;
	struct job_facts facts = {0};
	int keep[5 + LIMIT_MOUNTS] = {launch->job_sync_peer, launch->proc_dir, launch->self, launch->starter_sync_peer, launch->gate};

	stage_restart();
	memcpy(keep + 5, launch->sources, sizeof(launch->sources));
	if (fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), &err) < 0 || build(launch, &facts, &err) < 0 ||
	    sync_send_built(launch->job_sync_peer, &facts, launch->terminal, &err) < 0)
		goto failed;
	fd_close(&launch->terminal);
	if (sync_expect(launch->job_sync_peer, SYNC_EXEC, "supervisor", &message, NULL, &err) < 0)
		goto failed;
	if (launch->starter_sync_peer >= 0)
		runner_start_starter(launch);
	stage_restart();
	unblock_signals();
	/* READY, then the close-on-exec end of the socket vanishes: exec happened, if PF_FORKNOEXEC agrees. */
	if (sync_send(launch->job_sync_peer, SYNC_READY, -1, &err) < 0 || stage_enter(STAGE_EXEC, &err) < 0)
		goto failed;
	(void)execute(launch, &err);
failed:
	sync_send_error(launch->job_sync_peer, &err);
	/* In place the caller sees how we end, and shall find the supervisor's word on it. The numbers are the shell's. */
	if (launch->plan.in_place.wanted)
		(void)sync_receive(launch->job_sync_peer, &message, NULL, error_scratch());
	_exit(err.stage != STAGE_EXEC ? 125 : err.errnum == ENOENT || err.errnum == ENOTDIR ? 127 : 126);
}
