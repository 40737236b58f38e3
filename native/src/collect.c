/* SPDX-License-Identifier: Apache-2.0 */
#include "collect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "creds.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "launch.h"
#include "stage.h"
#include "sys.h"
#include "wire.h"

/* How long a killed collector may take to go: one in an uninterruptible wait is left to whoever reaps orphans. */
#define GONE_MILLIS 1000

static int open_entry(const struct launch *launch, const char *name, int flags, int *ret_fd, struct error *err)
{
	*ret_fd = openat(launch->job_dir, name, flags | O_CLOEXEC);
	return *ret_fd >= 0 ? 0 : error_set(err, "open", errno, name, "cannot take hold of the job's file tree");
}

int collect_open(struct launch *launch, struct error *err)
{
	if (launch->plan.collect.count == 0)
		return 0;
	/* The root alone would not do: with its last process a mount namespace takes its mounts apart. */
	if (open_entry(launch, "ns/mnt", O_RDONLY, &launch->collect_mounts, err) < 0 ||
	    open_entry(launch, "root", O_PATH | O_DIRECTORY, &launch->collect_root, err) < 0)
		return -1;
	if (launch->plan.namespaces[NS_USER].mode == NS_MODE_INHERIT)
		return 0;
	return open_entry(launch, "ns/user", O_RDONLY, &launch->collect_users, err);
}

void collect_close(struct launch *launch)
{
	fd_close(&launch->collect_root);
	fd_close(&launch->collect_mounts);
	fd_close(&launch->collect_users);
}

/*
 * The job's ids in the job's user namespace, and no capability even where the job keeps some: no file opens that would not for
 * the job. A root caller's own rights would read its host's files through any bind.
 */
static int become_collector(const struct launch *launch, struct error *err)
{
	if (fault_off("collect-ids"))
		return 0;
	/* First: in a namespace that others are in too, capabilities over it must not make us anybody's to trace. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot protect the collector");
	if (launch->collect_users >= 0 && setns(launch->collect_users, CLONE_NEWUSER) < 0)
		return error_set(err, "setns", errno, "user", "cannot enter the job's user namespace");
	if (creds_become_job(&launch->plan, err) < 0 || creds_shed_init(false, err) < 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "pdeathsig", "cannot tie the collector to the supervisor");
	return 0;
}

static _Noreturn void collector_main(const struct launch *launch, int socket, pid_t supervisor)
{
	int keep[] = {launch->collect_root, launch->collect_mounts, launch->collect_users, launch->proc_dir, socket};

	if (fd_close_all_but(keep, sizeof(keep) / sizeof(keep[0]), error_scratch()) < 0 || become_collector(launch, error_scratch()) < 0)
		_exit(1);
	/* Died before the collector was tied to it? Nobody would end a walk that hangs. */
	if (getppid() != supervisor)
		_exit(1);
	for (size_t i = 0; i < launch->plan.collect.count; i++)
		collect_walk(launch->collect_root, launch->proc_dir, socket, &launch->plan.collect.sources[i], (uint32_t)i,
			     launch->plan.collect.depth);
	_exit(0);
}

/* NULL at the collector's end of file, else why it is not waited for. */
static const char *relay(const struct launch *launch, int from, int signals)
{
	static uint8_t packet[1 + LIMIT_CONTENT_BYTES];
	uint64_t until = clock_nanos() + (uint64_t)launch->plan.collect.millis * 1000000u;

	for (;;) {
		struct pollfd events[] = {{.fd = from, .events = POLLIN},
					  {.fd = launch->connection, .events = POLLRDHUP},
					  {.fd = signals, .events = POLLIN}};
		uint64_t now = clock_nanos();
		uint64_t left = now < until ? (until - now) / 1000000u : 0;
		ssize_t got;

		if (now >= until)
			return "time";
		/* More than poll can wait, 24 days: it looks again. */
		(void)poll(events, 3, left < INT_MAX ? (int)left + 1 : INT_MAX);
		/* The caller has had enough: its half-close, or a signal. It may still read what there is. */
		if (events[1].revents != 0 || events[2].revents != 0)
			return "cancelled";
		if (events[0].revents == 0)
			continue;
		got = recv(from, packet, sizeof(packet), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 ? NULL : "failed";
		if (wire_send_bytes(launch->connection, (enum frame_type)packet[0], packet + 1, (size_t)got - 1, error_scratch()) == 0)
			continue;
		/* Half a frame may be out: what came after it would be read as the rest of it. */
		(void)shutdown(launch->connection, SHUT_RDWR);
		return "cancelled";
	}
}

/* Whether it did all it had to. */
static bool end_collector(pid_t pid, int pidfd, bool kill)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	int status = 0;

	if (kill)
		(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	(void)poll(&end, 1, GONE_MILLIS);
	return waitpid(pid, &status, WNOHANG) == pid && status == 0;
}

static void tell_problem(const struct launch *launch, const char *problem)
{
	struct emitter event;

	emit_begin(&event);
	emit_text(&event, "path", "");
	emit_text(&event, "reason", problem);
	(void)wire_send(launch->connection, FRAME_SKIPPED, event, error_scratch());
}

void collect_run(struct launch *launch, int signals)
{
	const struct timeval patience = {.tv_sec = (time_t)(launch->plan.collect.millis / 1000 + 1)};
	_cleanup_close_ int reader = -1;
	_cleanup_close_ int writer = -1;
	_cleanup_close_ int pidfd = -1;
	const char *problem = "failed";
	int ends[2];
	pid_t self = getpid();
	pid_t pid = -1;

	if (launch->plan.collect.count == 0)
		return;
	/* Packets: a collector that is killed leaves no half one behind. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
		reader = ends[0];
		writer = ends[1];
		pid = clone_process(0, &pidfd);
	}
	if (pid == 0)
		collector_main(launch, writer, self);
	fd_close(&writer);
	if (pid > 0) {
		/* A caller with a slow disk is not gone. */
		(void)setsockopt(launch->connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		problem = relay(launch, reader, signals);
		if (!end_collector(pid, pidfd, problem != NULL) && problem == NULL)
			problem = "failed";
	}
	if (problem != NULL)
		tell_problem(launch, problem);
}
