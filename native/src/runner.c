/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after the filter here is a list that Java runs each filter over (LaunchCalls.allowCommands): clone, close,
 * close_range, dup2, execve, exit_group, chdir, getcwd, getpid, getppid, ppoll, prctl, prlimit64, recvfrom, recvmsg, rt_sigaction,
 * rt_sigprocmask, rt_sigreturn, sendmsg, setsid, wait4, waitid.
 */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "fault.h"
#include "fd.h"
#include "launch.h"

/* Of a child that calls a dozen functions until it executes. */
#define STACK_BYTES (64 * 1024)

/* What a child that shares our memory needs, and what it leaves there when it could not execute. */
struct attempt {
	struct runner_order order;
	pid_t runner;
	int streams[3];
	char **arguments, **search, **variables;
	const char *cwd;
	bool failed;
	struct error error;
};

/* One command's end, as far as it is known. */
struct course {
	pid_t main;
	bool main_ended;
	struct exit_record record;
	struct rusage usage;
};

static char strings[LIMIT_COMMAND_BYTES + 1];
static char *pointers[3 * (LIMIT_STRINGS + 1)];
static char stack[STACK_BYTES] __attribute__((aligned(16)));

static int fail(struct error *error, enum stage stage, const char *syscall, const char *subject, const char *message)
{
	(void)error_set(error, syscall, errno, subject, "%s", message);
	error->stage = stage;
	return -1;
}

static int enter_directory(const char *path, struct error *error)
{
	static char found[LIMIT_PATH];

	if (path == NULL)
		return 0;
	if (chdir(path) < 0)
		return fail(error, STAGE_CWD, "chdir", path, "the command cannot enter its working directory");
	if (getcwd(found, sizeof(found)) == NULL || found[0] != '/')
		return fail(error, STAGE_CWD, "getcwd", path, "the working directory has no path here");
	return 0;
}

/* As job.c does: along the search path, with the most telling refusal of all. */
static int execute(const struct attempt *attempt, struct error *error)
{
	static char path[LIMIT_PATH];
	const char *name = attempt->arguments[0];
	int failure = ENOENT;

	if (strchr(name, '/') != NULL) {
		(void)execve(name, attempt->arguments, attempt->variables);
		return fail(error, STAGE_EXEC, "execve", name, "cannot execute the program");
	}
	for (size_t i = 0; attempt->search[i] != NULL; i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", attempt->search[i], name);

		if (length < 0 || (size_t)length >= sizeof(path))
			continue;
		(void)execve(path, attempt->arguments, attempt->variables);
		if (errno == EACCES)
			failure = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG)
			return fail(error, STAGE_EXEC, "execve", path, "cannot execute the program");
	}
	errno = failure;
	return fail(error, STAGE_EXEC, "execve", name, "cannot execute the program");
}

static int prepare(const struct attempt *attempt, struct error *error)
{
	sigset_t none;

	/* Whoever kills the runner kills its command. exec keeps it, a program may clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fail(error, STAGE_FORK, "prctl", "pdeathsig", "cannot tie the command to its runner");
	/* Killed before that? Then nobody would know of this process any more. */
	if (getppid() != attempt->runner)
		_exit(127);
	if (setsid() < 0)
		return fail(error, STAGE_SESSION, "setsid", "", "cannot start a session");
	/* All above 2, and close-on-exec: so is everything else here. */
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(attempt->streams[fd], fd) < 0)
			return fail(error, STAGE_STDIO, "dup2", "", "cannot give the command its standard streams");
	}
	for (uint32_t i = 0; i < attempt->order.limit_count; i++) {
		const struct plan_rlimit *limit = &attempt->order.limits[i];
		struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
		struct rlimit kept;

		if (prlimit(0, (enum __rlimit_resource)limit->resource, &value, &kept) < 0 ||
		    prlimit(0, (enum __rlimit_resource)limit->resource, NULL, &kept) < 0)
			return fail(error, STAGE_LIMITS, "prlimit", "", "cannot set a resource limit");
		if (kept.rlim_cur != value.rlim_cur || kept.rlim_max != value.rlim_max)
			return fail(error, STAGE_LIMITS, "prlimit", "", "the kernel did not set a resource limit as asked for");
	}
	if (enter_directory(attempt->cwd, error) < 0)
		return -1;
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return fail(error, STAGE_EXEC, "sigprocmask", "", "cannot unblock signals");
	return 0;
}

/* In our memory, on a stack of its own, while we stand still: nothing is copied that exec would throw away. */
static int child_main(void *data)
{
	struct attempt *attempt = data;

	if (prepare(attempt, &attempt->error) == 0)
		(void)execute(attempt, &attempt->error);
	attempt->failed = true;
	_exit(127);
}

/* Nobody but the supervisor has the other end; what it says is checked all the same, as a mistake would be executed. */
static bool point_to_strings(struct attempt *attempt, size_t size)
{
	const struct runner_order *order = &attempt->order;
	const uint32_t counts[] = {order->argument_count, order->search_count, order->variable_count};
	char ***targets[] = {&attempt->arguments, &attempt->search, &attempt->variables};
	char *end = strings + size;
	char *next = strings;
	char **pointer = pointers;

	if (order->size != size || order->limit_count > LIMIT_RESOURCES || counts[0] == 0)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (counts[i] > LIMIT_STRINGS)
			return false;
		*targets[i] = pointer;
		for (uint32_t j = 0; j < counts[i]; j++) {
			size_t left = (size_t)(end - next);
			size_t length = strnlen(next, left);

			if (length == left)
				return false;
			*pointer++ = next;
			next += length + 1;
		}
		*pointer++ = NULL;
	}
	attempt->cwd = order->has_cwd != 0 ? next : NULL;
	if (order->has_cwd != 0)
		next += strnlen(next, (size_t)(end - next)) + 1;
	return next == end;
}

/* Waits for the next command: false when the supervisor is gone, or spoke nonsense. */
static bool receive_order(int sync, struct attempt *attempt)
{
	struct iovec parts[] = {{.iov_base = &attempt->order, .iov_len = sizeof(attempt->order)},
				{.iov_base = strings, .iov_len = sizeof(strings)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(attempt->streams))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *rights;
	ssize_t got;

	attempt->failed = false;
	do {
		got = recvmsg(sync, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	rights = got > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
	    rights->cmsg_len != CMSG_LEN(sizeof(attempt->streams)) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    (size_t)got < sizeof(attempt->order))
		return false;
	memcpy(attempt->streams, CMSG_DATA(rights), sizeof(attempt->streams));
	return point_to_strings(attempt, (size_t)got - sizeof(attempt->order));
}

static void tell(int sync, struct runner_news *news, int pidfd)
{
	struct iovec part = {.iov_base = news,
			     .iov_len = news->word == RUNNER_FAILED ? sizeof(*news) : offsetof(struct runner_news, error)};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (pidfd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		*CMSG_FIRSTHDR(&header) =
			(struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), &pidfd, sizeof(int));
	}
	while (sendmsg(sync, &header, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* Killed already, by a signal that no program could have caught: it may not have come to its exec, as a kill in time looks. */
static bool is_doubtful(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid &&
	       info.si_code != CLD_EXITED && (info.si_status == SIGKILL || info.si_status == SIGSYS);
}

/* True when the command runs. */
static bool start(int sync, struct attempt *attempt, struct course *course)
{
	struct runner_news news = {.word = RUNNER_STARTED};
	int pidfd = -1;
	char word;

	/* glibc's: it takes a stack. The parent goes on when the child has executed or ended. */
	course->main = clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, attempt, &pidfd);
	if (course->main < 0)
		(void)fail(&attempt->error, STAGE_FORK, "clone", "", "cannot create the command's process");
	for (int i = 0; i < 3; i++)
		fd_close(&attempt->streams[i]);
	if (course->main < 0 || attempt->failed) {
		while (course->main > 0 && waitpid(course->main, NULL, 0) < 0 && errno == EINTR)
			;
		fd_close(&pidfd);
		news.word = RUNNER_FAILED;
		news.error = attempt->error;
		tell(sync, &news, -1);
		return false;
	}
	news.inside = course->main;
	if (is_doubtful(course->main))
		news.word = RUNNER_DOUBTFUL;
	tell(sync, &news, pidfd);
	fd_close(&pidfd);
	/* Not reaped before the supervisor has looked at it: a pidfd of what is reaped has no pid any more. */
	while (recv(sync, &word, 1, 0) < 0 && errno == EINTR)
		;
	return true;
}

static void add_usage(struct rusage *all, const struct rusage *one)
{
	timeradd(&all->ru_utime, &one->ru_utime, &all->ru_utime);
	timeradd(&all->ru_stime, &one->ru_stime, &all->ru_stime);
	all->ru_minflt += one->ru_minflt;
	all->ru_majflt += one->ru_majflt;
	if (one->ru_maxrss > all->ru_maxrss)
		all->ru_maxrss = one->ru_maxrss;
}

/* Reaps all that ended. False when no child is left. */
static bool reap(struct course *course)
{
	for (;;) {
		struct rusage usage;
		int status;
		pid_t pid = wait4(-1, &status, WNOHANG, &usage);

		if (pid == 0 || (pid < 0 && errno != EINTR && errno != ECHILD))
			return true;
		if (pid < 0 && errno == ECHILD)
			return false;
		if (pid < 0)
			continue;
		add_usage(&course->usage, &usage);
		if (pid != course->main)
			continue;
		course->main_ended = true;
		course->record = WIFEXITED(status)
					 ? (struct exit_record){.code = CLD_EXITED, .status = WEXITSTATUS(status)}
					 : (struct exit_record){.code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED, .status = WTERMSIG(status)};
	}
}

/* Until nothing is left of the command: who ended it, and when to kill the rest, is the supervisor's business. */
static void watch(int sync, struct course *course)
{
	sigset_t but_children;
	bool told = false;

	(void)sigfillset(&but_children);
	(void)sigdelset(&but_children, SIGCHLD);
	for (;;) {
		struct pollfd events = {.fd = sync};
		bool left = reap(course);
		struct runner_news news = {
			.word = told ? RUNNER_CLEAN : RUNNER_ENDED, .clean = !left, .record = course->record, .usage = course->usage};

		if (course->main_ended && (!told || !left)) {
			tell(sync, &news, -1);
			told = true;
		}
		if (!left)
			return;
		/* SIGCHLD, blocked all the time but here, wakes us up; so does the end of the supervisor. */
		if (ppoll(&events, 1, NULL, &but_children) > 0)
			_exit(1);
	}
}

static void child_ended(int number)
{
	(void)number;
}

static _Noreturn void runner_main(int sync)
{
	static struct attempt attempt; /* its error alone is larger than it should be on a stack */
	struct sigaction wake = {.sa_handler = child_ended};
	struct error ignored;
	int keep[] = {sync};

	(void)prctl(PR_SET_NAME, "nsjob-runner", 0, 0, 0);
	/* Whatever the command leaves behind comes to us, and is known as its own. */
	if (fd_close_all_but(keep, 1, &ignored) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ||
	    sigaction(SIGCHLD, &wake, NULL) < 0)
		_exit(1);
	attempt.runner = getpid();
	while (receive_order(sync, &attempt)) {
		struct course course = {0};

		if (start(sync, &attempt, &course))
			watch(sync, &course);
	}
	_exit(0);
}

static _Noreturn void starter_main(int sync)
{
	struct sigaction forget = {.sa_handler = SIG_IGN};
	struct error err = {.stage = STAGE_FORK};
	struct sync_message message;
	int keep[] = {sync};
	int runner = -1;

	(void)prctl(PR_SET_NAME, "nsjob-starter", 0, 0, 0);
	/* Before the first command is there to look. Runners that end are nobody's to wait for. */
	if (fd_close_all_but(keep, 1, &err) < 0 || (!fault_off("guard") && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) ||
	    sigaction(SIGCHLD, &forget, NULL) < 0)
		_exit(1);
	while (sync_receive(sync, &message, &runner, &err) > 0 && message.type == SYNC_FORK && runner >= 0) {
		int pidfd = -1;
		pid_t pid = clone_filtered(0, &pidfd);

		if (pid == 0)
			runner_main(runner);
		if (pid < 0) {
			(void)fail(&err, STAGE_FORK, "clone", "", "cannot create a process for the command");
			sync_send_error(sync, &err);
		} else if (sync_send(sync, SYNC_FORKED, pidfd, &err) < 0) {
			_exit(1);
		}
		fd_close(&pidfd);
		fd_close(&runner);
	}
	_exit(0);
}

void runner_start_starter(struct launch *launch)
{
	struct error ignored;
	int pidfd = -1;
	pid_t pid = clone_filtered(0, &pidfd);

	if (pid == 0)
		starter_main(launch->starter_sync_peer);
	/* Without one, as where the job is allowed no process more, commands come from outside. The end of the socket tells. */
	if (pid > 0)
		(void)sync_send(launch->starter_sync_peer, SYNC_FORKED, pidfd, &ignored);
	fd_close(&pidfd);
	fd_close(&launch->starter_sync_peer);
}
