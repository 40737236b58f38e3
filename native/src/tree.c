/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "fd.h"
#include "proc.h"
#include "sys.h"

struct tree_entry {
	pid_t pid;
	pid_t parent;
	uint64_t start_time;
	char state;
	bool descendant;
};

struct tree_scan {
	struct tree_entry *entries;
	size_t count, capacity;
};

/* STOP passes before KILL: enough for a tree that grows while it is being stopped; a deeper one meets the next call. */
#define STOP_PASSES 8
/* Looks at root's children after that: a few milliseconds at most, and a chance each to meet a process that forks and exits. */
#define PURSUIT_PASSES 64

int tree_open_proc(struct error *err)
{
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, "open", errno, "/proc", "/proc is needed");
	return fd;
}

pid_t tree_self(int proc_dir)
{
	char text[32];
	ssize_t length = readlinkat(proc_dir, "self", text, sizeof(text) - 1);

	if (length <= 0)
		return -1;
	text[length] = '\0';
	return (pid_t)atoi(text);
}

static bool read_entry(int proc_dir, pid_t pid, struct tree_entry *ret_entry)
{
	char path[32];
	char text[1024];
	struct proc_stat stat;

	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	if (fd_read_file(proc_dir, path, text, sizeof(text)) < 0 || proc_parse_stat(text, &stat) < 0)
		return false;
	*ret_entry = (struct tree_entry){
		.pid = pid, .parent = stat.parent, .start_time = stat.start_time, .state = stat.state};
	return true;
}

static bool add_entry(struct tree_scan *scan, const struct tree_entry *entry)
{
	if (scan->count == scan->capacity) {
		size_t capacity = scan->capacity * 2 + 256;
		struct tree_entry *larger = realloc(scan->entries, capacity * sizeof(*larger));

		if (larger == NULL)
			return false;
		scan->entries = larger;
		scan->capacity = capacity;
	}
	scan->entries[scan->count++] = *entry;
	return true;
}

static int scan_processes(int proc_dir, struct tree_scan *scan)
{
	/* A descriptor of its own: the position of a directory stream is shared by duplicates. */
	int fd = openat(proc_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *name;

	scan->count = 0;
	if (directory == NULL) {
		fd_close(&fd);
		return -1;
	}
	while ((name = readdir(directory)) != NULL) {
		struct tree_entry entry;
		int pid = name->d_name[0] >= '1' && name->d_name[0] <= '9' ? atoi(name->d_name) : 0;

		if (pid > 0 && read_entry(proc_dir, pid, &entry) && !add_entry(scan, &entry))
			break; /* out of memory: kill those we know, the next pass finds the rest */
	}
	(void)closedir(directory);
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct tree_entry *a = left;
	const struct tree_entry *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* A link holds only if the parent is older: a pid recycled during the scan would adopt somebody else's children. */
static bool has_marked_parent(const struct tree_scan *scan, const struct tree_entry *entry)
{
	const struct tree_entry wanted = {.pid = entry->parent};
	const struct tree_entry *parent =
		bsearch(&wanted, scan->entries, scan->count, sizeof(wanted), compare_entries);

	return parent != NULL && parent->descendant && parent->start_time <= entry->start_time;
}

/* Marks the closure below root: repeated until a pass marks nothing. */
static void mark_descendants(struct tree_scan *scan, pid_t root)
{
	bool grew = true;

	if (scan->count == 0)
		return; /* qsort(3) wants an array even for nothing */
	qsort(scan->entries, scan->count, sizeof(*scan->entries), compare_entries);
	while (grew) {
		grew = false;
		for (size_t i = 0; i < scan->count; i++) {
			struct tree_entry *entry = &scan->entries[i];

			if (entry->descendant || entry->pid == root)
				continue;
			if (entry->parent == root || has_marked_parent(scan, entry)) {
				entry->descendant = true;
				grew = true;
			}
		}
	}
}

static bool is_dead(const struct tree_entry *entry)
{
	return entry->state == 'Z' || entry->state == 'X';
}

/* The pid to signal in our own pid namespace: proc_dir may show an outer one. */
static pid_t own_pid_of(int proc_dir, pid_t shown)
{
	char path[32];
	struct proc_status own = {0};
	struct proc_status other = {0};
	_cleanup_close_ int own_dir = -1;
	_cleanup_close_ int other_dir = -1;
	pid_t pid = shown;

	if (tree_self(proc_dir) == getpid())
		return shown;
	own_dir = openat(proc_dir, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%d", (int)shown);
	other_dir = openat(proc_dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own_dir < 0 || other_dir < 0)
		return -1;
	if (proc_read_status(own_dir, &own, error_scratch()) < 0 || proc_read_status(other_dir, &other, error_scratch()) < 0 ||
	    own.pid_count == 0 || other.pid_count < own.pid_count)
		pid = -1; /* not visible from our namespace: not ours */
	else
		pid = other.pids[own.pid_count - 1];
	free(own.groups);
	free(other.groups);
	return pid;
}

/* Signals exactly the process that was scanned: pinned by a pidfd, then compared by its start time. */
static void signal_entry(int proc_dir, const struct tree_entry *entry, int signal)
{
	pid_t pid = own_pid_of(proc_dir, entry->pid);
	_cleanup_close_ int pidfd = pid > 0 ? sys_pidfd_open(pid) : -1;
	struct tree_entry now;

	if (pidfd >= 0 && read_entry(proc_dir, entry->pid, &now) && now.start_time == entry->start_time)
		(void)sys_pidfd_send_signal(pidfd, signal, 0);
}

/* Stops whoever is not stopped yet; true while it found any. */
static bool stop_descendants(int proc_dir, const struct tree_scan *scan)
{
	bool found = false;

	for (size_t i = 0; i < scan->count; i++) {
		const struct tree_entry *entry = &scan->entries[i];

		if (!entry->descendant || is_dead(entry) || entry->state == 'T' || entry->state == 't')
			continue;
		signal_entry(proc_dir, entry, SIGSTOP);
		found = true;
	}
	return found;
}

/*
 * A chain whose links fork and exit at once is gone from where a scan of all of /proc saw it. But orphans land at root, which
 * is their reaper, and its list of children is one short file: read and killed within microseconds, again and again.
 * (proc(5), "children"; where the kernel is built without it the scans must do.) Returns whether any child was alive.
 */
static bool pursue_children(int proc_dir, pid_t root)
{
	char path[64];
	char text[4096];
	bool found = false;
	char *next = text;

	(void)snprintf(path, sizeof(path), "%d/task/%d/children", (int)root, (int)root);
	if (fd_read_file(proc_dir, path, text, sizeof(text)) <= 0)
		return false;
	for (long pid = strtol(next, &next, 10); pid > 0; pid = strtol(next, &next, 10)) {
		struct tree_entry entry;

		if (!read_entry(proc_dir, (pid_t)pid, &entry) || entry.parent != root || is_dead(&entry))
			continue;
		signal_entry(proc_dir, &entry, SIGKILL);
		found = true;
	}
	return found;
}

int tree_kill(int proc_dir, pid_t root)
{
	struct tree_scan scan = {0};
	int alive = 0;

	/* Stopped first, from the top: a process that cannot run cannot fork away from the KILL that follows. */
	for (int pass = 0; pass < STOP_PASSES; pass++) {
		if (scan_processes(proc_dir, &scan) < 0) {
			free(scan.entries);
			return -1;
		}
		mark_descendants(&scan, root);
		if (!stop_descendants(proc_dir, &scan))
			break;
	}
	for (size_t i = 0; i < scan.count; i++) {
		if (!scan.entries[i].descendant || is_dead(&scan.entries[i]))
			continue;
		signal_entry(proc_dir, &scan.entries[i], SIGKILL);
		alive++;
	}
	free(scan.entries);
	for (int pass = 0; pass < PURSUIT_PASSES && pursue_children(proc_dir, root); pass++)
		alive = alive > 0 ? alive : 1;
	return alive;
}

static int compare_members(const void *left, const void *right)
{
	const struct tree_member *a = left;
	const struct tree_member *b = right;

	if (a->start_time != b->start_time)
		return a->start_time < b->start_time ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

int tree_members(int proc_dir, pid_t root, struct tree_member **ret_members, size_t *ret_count)
{
	struct tree_scan scan = {0};
	struct tree_member *members = NULL;
	bool found_root = false;
	size_t count = 0;

	if (scan_processes(proc_dir, &scan) == 0) {
		mark_descendants(&scan, root);
		members = calloc(scan.count + 1, sizeof(*members));
	}
	for (size_t i = 0; members != NULL && i < scan.count; i++) {
		const struct tree_entry *entry = &scan.entries[i];

		found_root = found_root || entry->pid == root;
		if (entry->descendant || entry->pid == root)
			members[count++] = (struct tree_member){.pid = entry->pid, .start_time = entry->start_time};
	}
	free(scan.entries);
	if (members == NULL || !found_root) {
		free(members);
		return -1;
	}
	qsort(members, count, sizeof(*members), compare_members);
	*ret_members = members;
	*ret_count = count;
	return 0;
}
