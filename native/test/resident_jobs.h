/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs of a resident launcher, and looks at its processes: for its tests.
 */
#ifndef NSJOB_TEST_RESIDENT_JOBS_H
#define NSJOB_TEST_RESIDENT_JOBS_H

#include "caller.h"

#include <dirent.h>

/* Nothing is new, so that everybody may; %s is the command, %s whether it is held. ' stands for ". */
static const char plan_text[] =
	"{'protocol':1,'job':'r','namespaces':{'user':{'mode':'inherit'},'mnt':{'mode':'inherit'},'pid':{'mode':'inherit'},"
	"'net':{'mode':'inherit'},'ipc':{'mode':'inherit'},'uts':{'mode':'inherit'},'cgroup':{'mode':'inherit'},"
	"'time':{'mode':'inherit'}},'dropGroups':false,'mounts':[],'loopback':false,%s"
	"'process':{'argv':['/bin/sh','-c','%s'],'searchPath':[],'env':[],'dropCapabilities':false,'noNewPrivs':false,"
	"'newSession':true,'asPid1':false},'limits':{'setupMillis':20000,'graceMillis':0},'hold':%s}";

static int null_streams[3];

static inline int launcher(const char *path)
{
	/* As the kernel lays them out. */
	static char arguments[] = "nsjob-helper\0--resident";
	char *argv[] = {arguments, arguments + sizeof("nsjob-helper"), NULL};

	return resident(path, argv);
}

static inline void send_plan(int connection, const char *more, const char *command, bool hold)
{
	char text[2048];
	int size = snprintf(text, sizeof(text), plan_text, more, command, hold ? "true" : "false");

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\'')
			*c = '"';
	}
	caller_send(connection, FRAME_PLAN, text, (size_t)size);
}

/* The number at a name of a name of an event, -1 where there is none; the event goes. */
static inline long long number_of(json_t *event, const char *object, const char *name)
{
	json_t *value = json_object_get(json_object_get(event, object), name);
	long long number = json_is_integer(value) ? (long long)json_integer_value(value) : -1;

	json_decref(event);
	return number;
}

/* A job that waits for its release: its connection, and the pid of its supervisor. */
static inline int start_held(const struct caller *caller, uint64_t seq, const char *command, pid_t *ret_supervisor)
{
	int connection = caller_start(caller, seq, null_streams);
	json_t *prepared = NULL;

	send_plan(connection, "", command, true);
	if (caller_hear(connection, &prepared) != FRAME_PREPARED)
		tap_bail("a job that should be held is not prepared");
	*ret_supervisor = (pid_t)number_of(prepared, "pid", "supervisor");
	return connection;
}

/* True when the frames come in the order of an ordinary job that exits with this status, and the connection ends behind them. */
static inline bool runs_to_its_end(int connection, bool prepared, long long status)
{
	json_t *exited = NULL;
	bool good = (prepared || caller_hear(connection, NULL) == FRAME_PREPARED) && caller_hear(connection, NULL) == FRAME_STARTED &&
		    caller_hear(connection, &exited) == FRAME_EXITED;

	good = number_of(exited, "exit", "code") == status && good;
	return good && caller_hear(connection, NULL) == FRAME_USAGE && caller_hear(connection, NULL) == 0;
}

static inline int count_entries(pid_t pid, const char *what)
{
	char path[64];
	DIR *directory;
	int count = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	directory = opendir(path);
	if (directory == NULL)
		return -1;
	while (readdir(directory) != NULL)
		count++;
	(void)closedir(directory);
	return count;
}

/* What is written in a line of /proc/PID/status, as it is; empty when the process is gone. */
static inline const char *status_of(pid_t pid, const char *name)
{
	static char text[8192];
	char path[64];
	const char *line;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return "";
	line = strstr(text, name);
	if (line == NULL)
		return "";
	line += strlen(name) + 1;
	text[line - text + (long)strcspn(line, "\n")] = '\0';
	return line + strspn(line, "\t ");
}

/* The first of its children, or 0. */
static inline pid_t first_child(pid_t pid, bool *ret_more)
{
	char path[64], text[256];
	char *end = text;
	pid_t child;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) <= 0)
		text[0] = '\0';
	child = (pid_t)strtol(text, &end, 10);
	*ret_more = end[strspn(end, " \n")] != '\0';
	return child;
}

/* The supervisor that waits for a job, once it is the only one; 0 when others stay. */
static inline pid_t spare_alone_soon(pid_t launcher)
{
	for (int i = 0; i < 500; i++) {
		bool more;
		pid_t child = first_child(launcher, &more);

		if (child > 0 && !more && strcmp(status_of(child, "Name:"), "nsjob-spare") == 0)
			return child;
		(void)poll(NULL, 0, 10);
	}
	return 0;
}

static inline struct caller open_caller(void)
{
	struct caller caller;
	char hello[4096];

	caller_listen(&caller);
	caller_spawn(&caller, CALLER_SECRET "\n", launcher);
	if (!caller_accept(&caller, hello, sizeof(hello)))
		tap_bail("the launcher does not come");
	if (spare_alone_soon(caller.pid) == 0)
		tap_bail("the launcher has no spare supervisor");
	return caller;
}

/* How many it holds when nothing happens. */
static inline int settled_count(pid_t pid)
{
	int before = -1;

	for (int i = 0; i < 100 && before != count_entries(pid, "fd"); i++) {
		before = count_entries(pid, "fd");
		(void)poll(NULL, 0, 30);
	}
	return before;
}

/* A descriptor that is being closed still counts for a moment. */
static inline bool holds_soon(pid_t pid, int count)
{
	for (int i = 0; i < 500 && count_entries(pid, "fd") != count; i++)
		(void)poll(NULL, 0, 10);
	return count_entries(pid, "fd") == count;
}

static inline void open_null_streams(void)
{
	for (int i = 0; i < 3; i++) {
		null_streams[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null_streams[i] < 0)
			tap_bail("/dev/null: %s", strerror(errno));
	}
}

#endif
