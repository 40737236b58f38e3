/* SPDX-License-Identifier: Apache-2.0 */
#include "cputime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "proc.h"
#include "tree.h"

static int compare(const struct cpu_process *a, const struct cpu_process *b)
{
	if (a->start_time != b->start_time)
		return a->start_time < b->start_time ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

uint64_t cputime_add_look(struct cpu_account *account, struct cpu_process *processes, size_t count)
{
	const struct cpu_process *before = account->processes;
	uint64_t inherited = 0;
	uint64_t sum = 0;
	size_t old = 0;

	for (size_t i = 0; i < count; i++) {
		sum += processes[i].own + processes[i].children;
		while (old < account->count && compare(&before[old], &processes[i]) < 0) {
			account->vanished += before[old].own + before[old].children;
			old++;
		}
		if (old < account->count && compare(&before[old], &processes[i]) == 0) {
			inherited += processes[i].children - before[old].children;
			old++;
		}
	}
	for (; old < account->count; old++)
		account->vanished += before[old].own + before[old].children;
	/* Also of processes that no look ever saw: then less is missing than we think, never more. */
	account->vanished -= inherited < account->vanished ? inherited : account->vanished;
	free(account->processes);
	account->processes = processes;
	account->count = count;
	return sum + account->vanished;
}

int cputime_look(struct cpu_account *account, int proc_dir, pid_t root, uint64_t *ret_nanos)
{
	struct tree_member *members = NULL;
	struct cpu_process *processes;
	size_t found = 0;
	size_t count;

	if (tree_members(proc_dir, root, &members, &count) < 0)
		return -1;
	processes = calloc(count, sizeof(*processes));
	/*
	 * Parents before children, as tree_members() has them: time only moves up, and so to a process that was read already.
	 * The other way round a child could be counted in its own figures and in its parent's.
	 */
	for (size_t i = 0; processes != NULL && i < count; i++) {
		char path[32];
		char text[1024];
		struct proc_stat stat;

		(void)snprintf(path, sizeof(path), "%d/stat", (int)members[i].pid);
		if (fd_read_file(proc_dir, path, text, sizeof(text)) < 0 || proc_parse_stat(text, &stat) < 0 ||
		    stat.start_time != members[i].start_time)
			continue;
		processes[found++] = (struct cpu_process){.pid = members[i].pid, .start_time = stat.start_time,
							  .own = stat.own_ticks, .children = stat.children_ticks};
	}
	free(members);
	if (processes == NULL)
		return -1;
	*ret_nanos = cputime_add_look(account, processes, found) * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
	return 0;
}

uint64_t cputime_pause(uint64_t left_nanos, unsigned int processors, uint64_t cost_nanos)
{
	uint64_t pause = left_nanos / (processors > 0 ? processors : 1);

	if (pause < 10 * cost_nanos)
		pause = 10 * cost_nanos;
	return pause > CPUTIME_LEAST_PAUSE_NANOS ? pause : CPUTIME_LEAST_PAUSE_NANOS;
}

void cputime_release(struct cpu_account *account)
{
	free(account->processes);
	memset(account, 0, sizeof(*account));
}
