/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nsjob-helper. As the per-job driver it connects to the caller, receives one launch plan, runs one job, and ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "bounds.h"
#include "caller_tty.h"
#include "driver.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "forward.h"
#include "plan.h"
#include "report.h"
#include "resident.h"
#include "self.h"
#include "stage.h"
#include "version.h"
#include "wire.h"

static int say_hello(int connection, char *secret, struct error *err)
{
	int result;

	if (strlen(secret) != LIMIT_SECRET)
		return error_set(err, "", EPROTO, "NSJOB_SECRET", "must have %d digits", LIMIT_SECRET);
	result = wire_send(connection, FRAME_HELLO, report_hello(secret), err);
	/* Also out of /proc/PID/environ, which other processes of this user may read. */
	explicit_bzero(secret, LIMIT_SECRET);
	return result;
}

/* The per-job driver: this process is the supervisor. */
static int drive(const char *path, char *secret, const char *plan_file, char *title)
{
	struct drive drive = {.connection = -1,
			      .plan_file = plan_file,
			      .may_be_in_place = true,
			      .title = {.text = title, .size = strlen(title)}};
	static struct error err;

	driver_begin();
	if (plan_file == NULL &&
	    (stage_enter(STAGE_CONNECT, &err) < 0 || driver_connect(path, SOCK_STREAM, &drive.connection, &err) < 0 ||
	     say_hello(drive.connection, secret, &err) < 0)) {
		(void)fprintf(stderr, "nsjob-helper: %s: %s\n", err.message, strerror(err.errnum));
		return 125;
	}
	return driver_run(&drive);
}

static int describe(void)
{
	struct emitter description = report_description();
	size_t size;
	const char *text = emit_end(&description, &size);

	if (text == NULL || puts(text) < 0)
		return 125;
	emit_release(&description);
	return fflush(stdout) == 0 ? 0 : 125;
}

int main(int argc, char **argv)
{
	static struct error err;
	char *path = getenv("NSJOB_SOCKET");
	char *secret = getenv("NSJOB_SECRET");
	char *plan_file = getenv("NSJOB_PLAN");

	/* Before a descriptor is opened, and before anything may be printed. */
	if (fd_fill_stdio(&err) < 0)
		return 125;
	if (getauxval(AT_SECURE) != 0) {
		(void)fputs("nsjob-helper: refuses to run setuid, setgid or with file capabilities\n", stderr);
		return 125;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("nsjob-helper %s (protocol %d)\n", NSJOB_VERSION, PROTOCOL_VERSION) < 0 ? 125 : 0;
	if (argc == 2 && strcmp(argv[1], "--describe") == 0)
		return describe();
	if (argc == 3 && strcmp(argv[1], "--unpin") == 0)
		return self_unpin(argv[2]);
	if (argc == 2 && strcmp(argv[1], "--pause") == 0)
		return self_pause();
	if (argc == 2 && strcmp(argv[1], "--keep") == 0)
		return self_keep();
	if (argc == 3 && strcmp(argv[1], "--restore-terminal") == 0)
		return caller_tty_rescue(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--forward") == 0)
		return forward_main(argv[2]);
	if (argc == 2 && strcmp(argv[1], "--resident") == 0 && path != NULL)
		return resident(path, argv);
	if (argc != 1 || ((path == NULL || secret == NULL) && plan_file == NULL)) {
		(void)fputs("nsjob-helper: is started by nsjob with a job on its socket; try nsjob --help\n", stderr);
		return 125;
	}
	driver_reset_signals();
	fault_init();
	(void)prctl(PR_SET_NAME, "nsjob-super", 0, 0, 0); /* for ps; nobody depends on it */
	return drive(path, secret, plan_file, argv[0]);
}
