/* SPDX-License-Identifier: Apache-2.0 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fd.h"
#include "pages.h"
#include "sys.h"
#include "text.h"

bool proc_ended(int pidfd)
{
	struct pollfd watched = {.fd = pidfd, .events = POLLIN};

	return poll(&watched, 1, 0) > 0;
}

int proc_open(pid_t pid, int pidfd, struct error *err)
{
	char path[32];
	_cleanup_close_ int directory = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return error_set(err, "open", errno, path, "cannot look at the process");
	/* Alive after the open: the pid was not free in between, so the directory is this process's. */
	if (proc_ended(pidfd))
		return error_set(err, "", ESRCH, path, "the process ended while we looked at it");
	return fd_take(&directory);
}

pid_t proc_pid_of(int pidfd, struct error *err)
{
	struct sys_pidfd_info info = {.mask = SYS_PIDFD_INFO_PID};
	char path[48];
	char text[1024];
	const char *line;

	/* In one call, where the kernel has it. */
	if (ioctl(pidfd, SYS_PIDFD_GET_INFO, &info) == 0 && (info.mask & SYS_PIDFD_INFO_PID) != 0 && info.pid > 0)
		return (pid_t)info.pid;
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return error_set(err, "read", errno, path, "cannot learn a process's pid");
	line = strstr(text, "\nPid:");
	if (line == NULL || atoi(line + 5) <= 0)
		return error_set(err, "", ESRCH, path, "the process has no pid here: /proc belongs to another pid namespace");
	return (pid_t)atoi(line + 5);
}

int proc_parse_stat(const char *text, struct proc_stat *ret_stat)
{
	/* The command may hold blanks and parentheses: everything after the last one is fixed, proc(5). */
	const char *rest = strrchr(text, ')');
	uint64_t user, system, children_user, children_system;
	char state[2];

	if (rest == NULL)
		return -1;
	rest++;
	if (!text_word(&rest, state, sizeof(state)) || !text_int(&rest, &ret_stat->parent) || !text_skip(&rest, 2) ||
	    !text_int(&rest, &ret_stat->terminal) || !text_skip(&rest, 1) || !text_uint32(&rest, &ret_stat->flags) ||
	    !text_skip(&rest, 4) || !text_uint64(&rest, &user) || !text_uint64(&rest, &system) || !text_uint64(&rest, &children_user) ||
	    !text_uint64(&rest, &children_system) || !text_skip(&rest, 4) || !text_uint64(&rest, &ret_stat->start_time))
		return -1;
	ret_stat->state = state[0];
	ret_stat->own_ticks = user + system;
	ret_stat->children_ticks = children_user + children_system;
	return 0;
}

int proc_read_stat(int process_dir, struct proc_stat *ret_stat, struct error *err)
{
	char text[1024];

	if (fd_read_file(process_dir, "stat", text, sizeof(text)) < 0)
		return error_set(err, "read", errno, "/proc/PID/stat", "cannot read the process's state");
	if (proc_parse_stat(text, ret_stat) < 0)
		return error_set(err, "", EPROTO, "/proc/PID/stat", "not in the form proc(5) describes");
	return 0;
}

/* The text after "\nNAME:" or NULL. */
static const char *field(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

static int parse_hex(const char *text, const char *name, uint64_t *ret_value)
{
	const char *value = field(text, name);

	return value != NULL && text_number(&value, 16, UINT64_MAX, ret_value) ? 0 : -1;
}

static int parse_second(const char *text, const char *name, uint32_t *ret_value)
{
	const char *value = field(text, name);

	/* Real, effective, saved, filesystem. */
	return value != NULL && text_skip(&value, 1) && text_uint32(&value, ret_value) ? 0 : -1;
}

static int parse_groups(const char *value, struct proc_status *ret_status)
{
	size_t capacity = 0;
	size_t count = 0;
	uint32_t *groups = NULL;

	while (value != NULL && *value != '\n' && *value != '\0') {
		char *end = NULL;
		unsigned long group = strtoul(value, &end, 10);

		if (end == value)
			break;
		if (count == capacity) {
			uint32_t *larger = realloc(groups, (capacity * 2 + 16) * sizeof(*groups));

			if (larger == NULL) {
				free(groups);
				return -1;
			}
			groups = larger;
			capacity = capacity * 2 + 16;
		}
		groups[count++] = (uint32_t)group;
		value = end + strspn(end, " \t");
	}
	ret_status->groups = groups;
	ret_status->group_count = count;
	return 0;
}

static void parse_pids(const char *value, struct proc_status *ret_status)
{
	while (value != NULL && *value != '\n' && *value != '\0' && ret_status->pid_count < PROC_PID_LEVELS) {
		char *end = NULL;
		long pid = strtol(value, &end, 10);

		if (end == value)
			return;
		ret_status->pids[ret_status->pid_count++] = (pid_t)pid;
		value = end + strspn(end, " \t");
	}
}

int proc_parse_status(const char *text, struct proc_status *ret_status)
{
	const char *value;

	memset(ret_status, 0, sizeof(*ret_status));
	if (parse_second(text, "Uid", &ret_status->uid) < 0 || parse_second(text, "Gid", &ret_status->gid) < 0 ||
	    parse_hex(text, "CapInh", &ret_status->inheritable) < 0 ||
	    parse_hex(text, "CapPrm", &ret_status->permitted) < 0 ||
	    parse_hex(text, "CapEff", &ret_status->effective) < 0 ||
	    parse_hex(text, "CapBnd", &ret_status->bounding) < 0)
		return -1;
	/* Not told is not none. */
	if (parse_hex(text, "SigIgn", &ret_status->ignored) < 0 || parse_hex(text, "SigCgt", &ret_status->caught) < 0)
		ret_status->ignored = ret_status->caught = UINT64_MAX;
	/* CapAmb since Linux 4.3, the two others not in every configuration. */
	(void)parse_hex(text, "CapAmb", &ret_status->ambient);
	value = field(text, "NoNewPrivs");
	ret_status->no_new_privs = value != NULL ? atoi(value) : -1;
	value = field(text, "Seccomp");
	ret_status->seccomp = value != NULL ? atoi(value) : -1;
	value = field(text, "Seccomp_filters");
	ret_status->seccomp_filters = value != NULL ? atoi(value) : -1;
	parse_pids(field(text, "NSpid"), ret_status);
	return parse_groups(field(text, "Groups"), ret_status);
}

int proc_read_status(int process_dir, struct proc_status *ret_status, struct error *err)
{
	/* Groups can be many: NGROUPS_MAX is 65,536, up to 11 bytes each. Mostly it is a kilobyte and a half. */
	static _written_ char usual[3072];
	size_t size = 1024u * 1024u;
	_cleanup_free_ char *large = NULL;
	const char *text = usual;
	ssize_t length = fd_read_file(process_dir, "status", usual, sizeof(usual));

	if (length == (ssize_t)sizeof(usual) - 1) {
		text = large = malloc(size);
		if (large == NULL)
			return error_set(err, "malloc", ENOMEM, "", "out of memory");
		length = fd_read_file(process_dir, "status", large, size);
	}
	if (length < 0)
		return error_set(err, "read", errno, "/proc/PID/status", "cannot read the process's credentials");
	if (proc_parse_status(text, ret_status) < 0)
		return error_set(err, "", EPROTO, "/proc/PID/status", "not in the form proc(5) describes");
	return 0;
}
