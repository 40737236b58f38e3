/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <errno.h>
#include <poll.h>
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
#include "runner_attempt.h"

/*
 * A command that ends as soon as this is told of once, where nobody waits to hear that it has begun. Longer would save nothing: each
 * word takes some 50 us of others' time.
 */
#define BRIEF_MILLIS 2

/* One command's end, as far as it is known. */
struct course {
	pid_t main;
	uint64_t began_at; /* it had executed, or ended */
	bool brief;        /* it ended before its start was told */
	bool main_ended;
	struct exit_record record;
	struct rusage usage;
};

/* With an error where it failed, with a descriptor where there is one. */
static void tell(int sync, const struct runner_news *news, const struct error *error, int pidfd)
{
	struct iovec parts[] = {{.iov_base = (void *)(uintptr_t)news, .iov_len = sizeof(*news)},
				{.iov_base = (void *)(uintptr_t)error, .iov_len = sizeof(*error)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = error != NULL ? 2 : 1};

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

/* Whether it ends right now, which it does not tell by a signal: those are blocked here. The end of the supervisor is not news here. */
static bool is_brief(int pidfd)
{
	struct pollfd events = {.fd = pidfd, .events = POLLIN};
	struct timespec patience = {.tv_nsec = BRIEF_MILLIS * 1000000L};

	return ppoll(&events, 1, &patience, NULL) > 0;
}

static void tell_start(int sync, const struct attempt *attempt, const struct course *course, int pidfd)
{
	bool doubtful = !attempt->whispered || is_doubtful(course->main);
	struct runner_news news = {.word = doubtful ? RUNNER_DOUBTFUL : RUNNER_STARTED,
				   .inside = course->main,
				   .age_nanos = clock_nanos() - course->began_at};
	char word;

	tell(sync, &news, NULL, pidfd);
	/* Not reaped before the supervisor has looked at it: a pidfd of what is reaped has no pid any more. */
	while (doubtful && recv(sync, &word, 1, 0) < 0 && errno == EINTR)
		;
}

/* True when the command runs, or has run. */
static bool start(int sync, struct attempt *attempt, struct course *course)
{
	struct runner_news news = {.word = RUNNER_FAILED};
	int pidfd = -1;

	course->main = attempt_start(attempt, &pidfd);
	course->began_at = clock_nanos();
	if (course->main < 0 || attempt->failed) {
		while (course->main > 0 && waitpid(course->main, NULL, 0) < 0 && errno == EINTR)
			;
		fd_close(&pidfd);
		tell(sync, &news, &attempt->error, -1);
		return false;
	}
	course->brief = attempt->order.brief != 0 && attempt->whispered && is_brief(pidfd) && !is_doubtful(course->main);
	if (!course->brief)
		tell_start(sync, attempt, course, pidfd);
	fd_close(&pidfd);
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
		/* Only its end is waited for: whatever else there is to hear is heard when there is time. */
		struct pollfd events = {.fd = sync};
		bool left = reap(course);
		struct runner_news news = {.word = told ? RUNNER_CLEAN : course->brief ? RUNNER_BRIEF : RUNNER_ENDED,
					   .clean = !left,
					   .inside = course->main,
					   .record = course->record,
					   .usage = course->usage};

		if (course->main_ended && (!told || !left)) {
			news.age_nanos = clock_nanos() - course->began_at;
			tell(sync, &news, NULL, -1);
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
	struct sync_message message;
	struct error ignored;
	int keep[] = {sync};

	(void)prctl(PR_SET_NAME, "nsjob-runner", 0, 0, 0);
	/* Whatever the command leaves behind comes to us, and is known as its own. */
	if (fd_close_all_but(keep, 1, &ignored) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ||
	    sigaction(SIGCHLD, &wake, NULL) < 0)
		_exit(1);
	fault_command(true);
	attempt.runner = getpid();
	attempt.whisper = -1;
	if (sync_receive(sync, &message, &attempt.whisper, &ignored) <= 0 || message.type != SYNC_FORKED || attempt.whisper < 0)
		_exit(1);
	while (attempt_receive(sync, &attempt)) {
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
			(void)attempt_fail(&err, STAGE_FORK, "clone", "", "cannot create a process for the command");
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
