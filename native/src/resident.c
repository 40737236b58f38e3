/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ahead.h"
#include "bounds.h"
#include "clone.h"
#include "driver.h"
#include "emit.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "hint.h"
#include "idmap.h"
#include "json.h"
#include "report.h"
#include "stage.h"
#include "tree.h"
#include "wire.h"
#include "worker.h"

/* The caller starts us and listens already; whatever takes longer than this is a hang. */
#define GREETING_SECONDS 60
/* Supervisors end by themselves when the caller is gone. As their parent we wait for them, but not for a stuck one. */
#define LEAVING_MILLIS 5000
/*
 * Not in the way of the job that has just taken the last one: making another beside its launch costs that launch more than the
 * next one gains, on two processors. Where jobs come faster than this, each supervisor is forked when its job comes.
 */
#define SPARE_MILLIS 5
/* The plan of the job that took the last one tells what to make ahead: it is waited for, so many times as long. */
#define SPARE_LOOKS 8
#define REFUSED_STATUS (125 << 8)

struct worker {
	uint64_t seq;
	pid_t pid;
};

struct resident {
	int signals;
	struct nursery nursery;
	unsigned int spare_looks; /* that are left before a spare one is made, whatever there is to know; 0: none is wanted */
	struct worker *workers; /* of supervisors that are not reaped yet */
	size_t count, room;
};

/* Standard input is ours alone: a pipe that ends when the caller does. First the secret comes through it. */
static int read_secret(char secret[LIMIT_SECRET + 1], struct error *err)
{
	if (fd_read_full(STDIN_FILENO, secret, LIMIT_SECRET + 1) < 0)
		return error_set(err, "read", errno, "", "the secret is missing on standard input");
	if (secret[LIMIT_SECRET] != '\n' || memchr(secret, '\n', LIMIT_SECRET) != NULL || memchr(secret, '\0', LIMIT_SECRET) != NULL)
		return error_set(err, "", EPROTO, "", "the secret must have %d digits, and end the line", LIMIT_SECRET);
	secret[LIMIT_SECRET] = '\0';
	return 0;
}

/* It must be our parent that listens there, else somebody has put a socket of his own in its place. */
static int check_peer(int control, pid_t parent, struct error *err)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(control, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return error_set(err, "getsockopt", errno, "", "cannot tell who listens on the socket");
	if (peer.pid != parent || peer.uid != geteuid())
		return error_set(err, "", EPERM, "", "process %d of user %u listens on the socket, not our parent", (int)peer.pid,
				 (unsigned int)peer.uid);
	return 0;
}

static int say_hello(int control, const char *secret, struct error *err)
{
	struct emitter hello = report_hello(secret);
	size_t size;
	const char *text = emit_end(&hello, &size);
	int result = 0;

	if (text == NULL)
		result = error_set(err, "malloc", ENOMEM, "", "out of memory while building an event");
	else if (send(control, text, size, MSG_NOSIGNAL) < 0)
		result = error_set(err, "send", errno, "", "the caller is gone");
	emit_release(&hello);
	return result;
}

static int greet(const char *path, pid_t parent, int *ret_control, struct error *err)
{
	_cleanup_close_ int control = -1;
	char secret[LIMIT_SECRET + 1];
	int result;

	if (stage_enter(STAGE_CONNECT, err) < 0 || read_secret(secret, err) < 0)
		return -1;
	result = driver_connect(path, SOCK_SEQPACKET, &control, err);
	if (result == 0)
		result = check_peer(control, parent, err);
	if (result == 0)
		result = say_hello(control, secret, err);
	explicit_bzero(secret, sizeof(secret));
	if (result == 0)
		*ret_control = fd_take(&control);
	return result;
}

static int watch_children(int *ret_signals, struct error *err)
{
	sigset_t children;

	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &children, NULL);
	*ret_signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_signals >= 0 ? 0 : error_set(err, "signalfd", errno, "", "cannot watch the supervisors");
}

/* Never waits: a caller that does not read loses the news, and still has the end of the job's own connection. */
static void tell_ended(const struct resident *resident, uint64_t seq, pid_t pid, int status)
{
	struct resident_ended ended = {.type = RESIDENT_ENDED, .status = status, .seq = seq, .pid = (uint32_t)pid};

	(void)send(resident->nursery.control, &ended, sizeof(ended), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* From the end: those that came last are mostly the first to go, however many stay for long. */
static struct worker *find_worker(const struct resident *resident, const pid_t *pid, uint64_t seq)
{
	for (size_t i = resident->count; i-- > 0;) {
		struct worker *worker = &resident->workers[i];

		if (pid != NULL ? worker->pid == *pid : worker->seq == seq)
			return worker;
	}
	return NULL;
}

static void reap(struct resident *resident)
{
	struct signalfd_siginfo drained;
	int status;
	pid_t pid;

	(void)!read(resident->signals, &drained, sizeof(drained));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct worker *worker = find_worker(resident, &pid, 0);

		if (worker_lost_spare(&resident->nursery.spare, pid) || worker == NULL)
			continue;
		if (status != 0)
			tell_ended(resident, worker->seq, pid, status);
		*worker = resident->workers[--resident->count];
	}
}

static int make_room(struct resident *resident)
{
	size_t room = resident->room == 0 ? 64 : 2 * resident->room;
	struct worker *workers;

	if (resident->count < resident->room)
		return 0;
	workers = realloc(resident->workers, room * sizeof(*workers));
	if (workers == NULL)
		return -1;
	resident->workers = workers;
	resident->room = room;
	return 0;
}

static void start(struct resident *resident, uint64_t seq, const int fds[RESIDENT_FDS])
{
	static struct error err;
	pid_t pid = -1;

	if (make_room(resident) == 0) {
		pid = worker_take_spare(&resident->nursery.spare, fds);
		resident->spare_looks = SPARE_LOOKS;
		if (resident->nursery.known != NULL)
			ahead_expect(resident->nursery.known);
		if (pid < 0)
			pid = worker_fork(&resident->nursery, fds);
	}
	if (pid > 0) {
		resident->workers[resident->count++] = (struct worker){.seq = seq, .pid = pid};
		return;
	}
	/* Told as a supervisor would have told it. */
	stage_restart();
	(void)stage_enter(STAGE_FORK, &err);
	error_fill(&err, clone_call(), errno, "", "cannot create a supervisor for the job");
	hint_add(&err, NULL);
	(void)wire_send(fds[0], FRAME_ERROR, report_error(&err), error_scratch());
}

/* False when the message is not whole, or brought other descriptors than there is room for. */
static bool receive(int control, struct resident_order *order, ssize_t *ret_size, int fds[RESIDENT_FDS], size_t *ret_count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(RESIDENT_FDS * sizeof(int))];
	} rights;
	struct iovec part = {.iov_base = order, .iov_len = sizeof(*order)};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof(rights)};

	*ret_count = 0;
	do {
		*ret_size = recvmsg(control, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (*ret_size < 0 && errno == EINTR);
	if (*ret_size < 0)
		return false;
	*ret_count = worker_passed_fds(&header, fds);
	/* What did not fit is closed by the kernel, or was cut off. */
	return *ret_size == sizeof(*order) && (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

/*
 * One message. What cannot be understood is no reason to go, it takes nobody's job: its descriptors are closed, which ends the
 * connection of the job, if it was to be one.
 */
static void hear(struct resident *resident, bool hung_up, bool *ended)
{
	struct resident_order order = {0};
	int fds[RESIDENT_FDS];
	size_t count;
	ssize_t size;
	bool whole = receive(resident->nursery.control, &order, &size, fds, &count);

	if (size < 0 ? errno != EAGAIN : size == 0 && hung_up)
		*ended = true;
	else if (whole && order.reserved == 0 && order.type == RESIDENT_START && count == RESIDENT_FDS)
		start(resident, order.seq, fds);
	else if (whole && order.reserved == 0 && order.type == RESIDENT_KILL && count == 0) {
		const struct worker *worker = find_worker(resident, NULL, order.seq);

		/* Not reaped yet: the pid is nobody else's. */
		if (worker != NULL)
			(void)kill(worker->pid, SIGKILL);
	} else if (size == sizeof(order) && order.type == RESIDENT_START)
		tell_ended(resident, order.seq, 0, REFUSED_STATUS);
	for (size_t i = 0; i < count; i++)
		fd_close(&fds[i]);
}

/* Nobody writes there after the secret; whatever comes is dropped. */
static bool lifeline_ended(void)
{
	char dropped[64];
	ssize_t got = read(STDIN_FILENO, dropped, sizeof(dropped));

	return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

/* Once for each that was taken: where a fork fails, the next would too. */
static void renew_spare(struct resident *resident)
{
	struct nursery *nursery = &resident->nursery;

	if (--resident->spare_looks > 0 && nursery->known != NULL && !ahead_has_come(nursery->known))
		return;
	resident->spare_looks = 0;
	if (nursery->spare.pid == 0)
		worker_fork_spare(nursery);
}

static void serve(struct resident *resident)
{
	bool ended = false;

	worker_fork_spare(&resident->nursery);
	while (!ended) {
		struct pollfd events[] = {{.fd = resident->nursery.control, .events = POLLIN | POLLRDHUP},
					  {.fd = resident->signals, .events = POLLIN},
					  {.fd = STDIN_FILENO, .events = POLLIN}};

		int ready = poll(events, 3, resident->spare_looks > 0 ? SPARE_MILLIS : -1);

		if (ready == 0)
			renew_spare(resident);
		if (ready <= 0)
			continue;
		if (events[0].revents != 0)
			hear(resident, (events[0].revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0, &ended);
		if (events[1].revents != 0)
			reap(resident);
		if (events[2].revents != 0 && lifeline_ended())
			ended = true;
	}
}

/* The caller is gone, or has no more use for us. Its supervisors see the end of their own connections. */
static void leave(struct resident *resident)
{
	uint64_t until = clock_nanos() + LEAVING_MILLIS * UINT64_C(1000000);

	fd_close(&resident->nursery.control);
	fd_close(&resident->nursery.spare.socket);
	while ((resident->count > 0 || resident->nursery.spare.pid != 0) && clock_nanos() < until) {
		struct pollfd signals = {.fd = resident->signals, .events = POLLIN};

		(void)poll(&signals, 1, 100);
		reap(resident);
	}
	fd_close(&resident->signals);
	free(resident->workers);
}

/* What is the same for all supervisors. Where it cannot be read, they say so. */
static void learn(void)
{
	_cleanup_close_ int proc_dir = tree_open_proc(error_scratch());

	idmap_learn_own();
	json_seed();
	if (proc_dir >= 0)
		(void)report_know_ourselves(proc_dir, error_scratch());
}

int resident(const char *path, char **argv)
{
	/* The kernel lays the arguments out one behind the other. */
	struct title title = {.text = argv[0], .size = (size_t)(argv[1] + strlen(argv[1]) - argv[0])};
	struct resident resident = {.signals = -1, .nursery = {.control = -1, .title = title, .spare = {.socket = -1}}};
	static struct error err;
	pid_t parent = getppid();

	(void)alarm(GREETING_SECONDS);
	driver_reset_signals();
	fault_init();
	(void)prctl(PR_SET_NAME, "nsjob-launcher", 0, 0, 0); /* for ps; nobody depends on it */
	learn();
	worker_learn(&resident.nursery);
	if (watch_children(&resident.signals, &err) < 0 || greet(path, parent, &resident.nursery.control, &err) < 0) {
		(void)fprintf(stderr, "nsjob-helper: %s%s%s\n", err.message, err.errnum != 0 ? ": " : "",
			      err.errnum != 0 ? strerror(err.errnum) : "");
		fd_close(&resident.signals);
		return 125;
	}
	(void)alarm(0);
	serve(&resident);
	leave(&resident);
	return 0;
}
