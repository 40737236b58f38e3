/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ahead.h"
#include "error.h"
#include "fd.h"
#include "hint.h"
#include "inplace.h"
#include "launch.h"
#include "pages.h"
#include "pins.h"
#include "plan_memory.h"
#include "report.h"
#include "signals.h"
#include "supervise.h"
#include "wire.h"

/* A caller that stopped reading must not keep a dead job's supervisor: events are small, this is ample. */
#define SEND_SECONDS 10
#define PLAN_SECONDS 60

/*
 * The terminal's signals are blocked for good: only the caller forwards them, and Ctrl-C must not kill the supervisor,
 * which shares the caller's foreground group. So is SIGPIPE, every write looks at its result.
 */
void driver_reset_signals(void)
{
	static const int blocked[] = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR1, SIGUSR2};
	sigset_t set;

	signals_reset();
	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		(void)sigaddset(&set, blocked[i]);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

int driver_connect(const char *path, int type, int *ret_fd, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(err, "", ENAMETOOLONG, path, "the socket's path is longer than %zu bytes",
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, "socket", errno, path, "cannot reach the caller");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, "connect", errno, path, "cannot reach the caller");
	*ret_fd = fd_take(&fd);
	return 0;
}

static int guarded = -1;

/*
 * The caller's own writing of the plan may tell of itself only after we have read all of it, when the caller was interrupted in
 * between: then there is nothing to be heard, and the caller is still there. Anything else ends us as the default would.
 */
static void hear_guard(int number)
{
	int before = errno;
	char byte;

	if (recv(guarded, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN) {
		(void)signal(number, SIG_DFL);
		(void)raise(number); /* taken when we return */
	}
	errno = before;
}

/*
 * Until the job is built we sit in blocking calls and cannot watch the connection; a mount or a path may hang for ever.
 * The kernel ends us by two signals: SIGALRM at the set-up limit, SIGIO when the caller goes away (or says anything, which it
 * must not before `prepared`). The one handler that there is looks whether that is so; nobody else has it for long. Init and the
 * job's process follow by themselves.
 */
static int arm_setup_guard(int connection, int64_t millis, struct error *err)
{
	struct itimerval limit = {
		.it_value = {.tv_sec = millis / 1000, .tv_usec = (suseconds_t)(millis % 1000 * 1000)}};
	char byte;

	if (setitimer(ITIMER_REAL, &limit, NULL) < 0)
		return error_set(err, "setitimer", errno, "", "cannot limit the set-up time");
	if (connection < 0)
		return 0;
	guarded = connection;
	if (sigaction(SIGIO, &(struct sigaction){.sa_handler = hear_guard, .sa_flags = SA_RESTART}, NULL) < 0)
		return error_set(err, "sigaction", errno, "", "cannot watch the connection during set-up");
	if (fcntl(connection, F_SETOWN, getpid()) < 0 || fcntl(connection, F_SETFL, O_ASYNC) < 0)
		return error_set(err, "fcntl", errno, "", "cannot watch the connection during set-up");
	/* Gone before we armed? Then no signal will come. */
	if (recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
		return error_set(err, "recv", ECANCELED, "", "cancelled during set-up");
	return 0;
}

static int disarm_setup_guard(int connection, struct error *err)
{
	struct itimerval never = {0};

	if (connection >= 0 && (fcntl(connection, F_SETFL, 0) < 0 || signal(SIGIO, SIG_DFL) == SIG_ERR))
		return error_set(err, "fcntl", errno, "", "cannot leave set-up");
	if (setitimer(ITIMER_REAL, &never, NULL) < 0)
		return error_set(err, "setitimer", errno, "", "cannot leave set-up");
	return 0;
}

static int receive_plan(int connection, struct plan *ret_plan, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int result;

	if (stage_enter(STAGE_PROTOCOL, err) < 0)
		return -1;
	stage_pause(); /* the caller's time, not ours */
	if (wire_receive(connection, FRAME_PLAN, LIMIT_PLAN_BYTES, &text, &size, err) < 0)
		return -1;
	if (stage_enter(STAGE_PLAN, err) < 0)
		return -1;
	plan_memory_begin();
	result = plan_parse(text, size, ret_plan, err);
	plan_memory_end();
	return result;
}

/* From a file that Java has left open, and become us: the plan is of a process in place. */
static int read_plan_file(const char *path, struct plan *ret_plan, struct error *err)
{
	_cleanup_free_ char *text = malloc(LIMIT_PLAN_BYTES + 1);
	ssize_t size;

	if (text == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory for the plan");
	size = fd_read_file(AT_FDCWD, path, text, LIMIT_PLAN_BYTES + 1);
	if (size < 0)
		return error_set(err, "read", errno, path, "cannot read the plan");
	if (stage_enter(STAGE_PLAN, err) < 0 || plan_parse(text, (size_t)size, ret_plan, err) < 0)
		return -1;
	return ret_plan->in_place.wanted ? 0 : error_set(err, "", EINVAL, "inPlace", "required without a connection");
}

static int run_job(struct launch *launch, const struct drive *drive, struct error *err)
{
	struct emitter prepared = {0};

	if (drive->plan_file != NULL ? read_plan_file(drive->plan_file, &launch->plan, err) < 0
				     : receive_plan(launch->connection, &launch->plan, err) < 0)
		return -1;
	if (drive->known != NULL)
		ahead_learn(drive->known, &launch->plan);
	if (launch->plan.in_place.wanted && !drive->may_be_in_place)
		return error_set(err, "", EINVAL, "inPlace", "the resident launcher's processes are nobody's to become");
	if (arm_setup_guard(launch->connection, launch->plan.setup_millis, err) < 0)
		return -1;
	/* First disarmed, then told: the caller may answer at once. */
	if (launch_build(launch, err) < 0 || report_verify(launch, err) < 0 || disarm_setup_guard(launch->connection, err) < 0)
		return -1;
	/* Before it runs: what fails from here on would be an error of a job that has begun. */
	if (report_prepared(launch, &prepared, err) < 0) {
		emit_release(&prepared);
		return -1;
	}
	/* All is proven, and nobody wants to look at it before it runs: it executes while we write it out. */
	if (!launch->plan.hold && !launch->plan.process.terminal && !launch->plan.in_place.wanted)
		launch_execute(launch);
	/* That it runs is known in a moment, and who waits for one waits for both: supervise.c. */
	if (launch->executed_at != 0)
		wire_hold(launch->connection);
	if (wire_send(launch->connection, FRAME_PREPARED, prepared, err) < 0)
		return -1;
	return launch->plan.in_place.wanted ? inplace_finish(launch, err) : supervise(launch, err);
}

/* As Java prints it; errno has no text in it there either, but for the few that a message leaves to it. */
static void print_error(const struct error *err)
{
	(void)fprintf(stderr, "nsjob: %s: %s", stage_name(err->stage), err->message);
	if (err->subject[0] != '\0' && strstr(err->message, err->subject) == NULL)
		(void)fprintf(stderr, ": %s", err->subject);
	if (err->errnum != 0)
		(void)fprintf(stderr, ": %s", strerror(err->errnum));
	if (err->hint[0] != '\0')
		(void)fprintf(stderr, " (%s)", err->hint);
	(void)fputc('\n', stderr);
}

void driver_begin(void)
{
	stage_restart();
	/* arm_setup_guard() sets the plan's own limit. */
	(void)alarm(PLAN_SECONDS);
}

static _written_ struct launch launch; /* too large for comfort on the stack, and where an init made ahead expects it */
static bool prepared;

struct launch *driver_prepare(const struct title *title, uint64_t shape)
{
	launch_init(&launch, -1);
	launch.title = *title;
	prepared = true;
	/* A job's own supervisor will tell it why. */
	if (launch_open(&launch, error_scratch()) < 0)
		_exit(125);
	ahead_make(&launch, shape);
	return &launch;
}

int driver_run(const struct drive *drive)
{
	struct timeval limit = {.tv_sec = SEND_SECONDS};
	static struct error err;
	int status = 0;

	if (drive->connection >= 0)
		(void)setsockopt(drive->connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!prepared)
		launch_init(&launch, drive->connection);
	launch.connection = drive->connection;
	launch.title = drive->title;
	if (run_job(&launch, drive, &err) < 0) {
		hint_add(&err, launch.plan.document != NULL ? &launch.plan : NULL);
		/* Before the process in place ends, which waits for it in there. */
		if (drive->plan_file != NULL)
			print_error(&err);
		launch_abandon(&launch);
		(void)wire_send(drive->connection, FRAME_ERROR, report_error(&err), error_scratch());
		wire_flush();
		status = launch.plan.in_place.wanted || drive->plan_file != NULL ? 125 : 0;
	}
	/* A job that was held and never ran has none. */
	pins_undo(&launch.plan);
	/* What the plan has goes with this process. */
	return status;
}
