/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events that say what was seen, beside the report: see report.h.
 */
#include "report.h"

#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "stage.h"

void report_put_pids(struct emitter *out, pid_t host, pid_t inside, pid_t init)
{
	emit_open_object(out, "pid");
	emit_integer(out, "host", host);
	emit_integer(out, "inside", inside);
	emit_integer(out, "init", init);
	emit_integer(out, "supervisor", getpid());
	emit_close_object(out);
}

void report_put_stages(struct emitter *out, const uint64_t nanos[STAGE_COUNT])
{
	emit_open_array(out, "stages");
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		if (nanos[stage] == 0)
			continue;
		emit_open_object(out, NULL);
		emit_text(out, "name", stage_name((enum stage)stage));
		emit_integer(out, "micros", (int64_t)((nanos[stage] + 500) / 1000));
		emit_close_object(out);
	}
	emit_close_array(out);
}

struct emitter report_running(pid_t host, pid_t inside, pid_t runner, const uint64_t nanos[STAGE_COUNT])
{
	struct emitter event;

	emit_begin(&event);
	report_put_pids(&event, host, inside, runner);
	report_put_stages(&event, nanos);
	return event;
}

struct emitter report_started(const uint64_t nanos[STAGE_COUNT])
{
	struct emitter event;

	emit_begin(&event);
	report_put_stages(&event, nanos);
	return event;
}

static void put_exit(struct emitter *out, const struct exit_record *record)
{
	emit_open_object(out, "exit");
	if (record->code == CLD_EXITED) {
		emit_integer(out, "code", record->status);
	} else {
		emit_integer(out, "signal", record->status);
		emit_boolean(out, "core", record->code == CLD_DUMPED);
	}
	emit_close_object(out);
}

struct emitter report_exited(const struct exit_record *record, const char *lost, const char *cause, uint64_t wall_nanos)
{
	struct emitter event;

	emit_begin(&event);
	emit_integer(&event, "wallMillis", (int64_t)(wall_nanos / 1000000));
	if (record != NULL)
		put_exit(&event, record);
	if (lost != NULL)
		emit_text(&event, "lost", lost);
	if (cause != NULL)
		emit_text(&event, "cause", cause);
	return event;
}

static int64_t micros(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

struct emitter report_usage(const struct rusage *usage, uint64_t wall_nanos, int survivors, const struct emitter *cgroups)
{
	struct emitter event;

	emit_begin(&event);
	emit_integer(&event, "wallMillis", (int64_t)(wall_nanos / 1000000));
	emit_integer(&event, "userMicros", micros(&usage->ru_utime));
	emit_integer(&event, "systemMicros", micros(&usage->ru_stime));
	emit_integer(&event, "maxRssBytes", (int64_t)usage->ru_maxrss * 1024);
	emit_integer(&event, "minorFaults", usage->ru_minflt);
	emit_integer(&event, "majorFaults", usage->ru_majflt);
	if (cgroups != NULL) {
		emit_part(&event, "cgroups", cgroups);
	} else {
		emit_open_array(&event, "cgroups");
		emit_close_array(&event);
	}
	if (survivors > 0)
		emit_integer(&event, "survivors", survivors);
	return event;
}

struct emitter report_error(const struct error *error)
{
	struct emitter event;

	emit_begin(&event);
	emit_text(&event, "stage", stage_name(error->stage));
	emit_text(&event, "syscall", error->syscall);
	emit_integer(&event, "errno", error->errnum);
	emit_text(&event, "subject", error->subject);
	emit_text(&event, "message", error->message);
	emit_text(&event, "hint", error->hint);
	return event;
}
