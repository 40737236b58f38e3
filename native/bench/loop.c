/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As many runs as there is time for, by several processes at once, as several threads of a JVM would ask for them.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORKERS 64

static _Noreturn void work(struct way *way, int worker, uint64_t until, long *count)
{
	way->worker = worker;
	while (bench_now() < until) {
		if (way->run(way) < 0)
			_exit(NOT_ALLOWED);
		(*count)++;
	}
	_exit(0);
}

long loop_run(struct way *way, int workers, int millis)
{
	long *counts;
	long sum = 0;
	uint64_t until = bench_now() + (uint64_t)millis * 1000000u;
	pid_t pids[MAX_WORKERS];
	bool failed = false;
	int status;

	way->refused = NULL;
	if (workers < 1 || workers > MAX_WORKERS || millis < 1)
		return bench_refuse(way, "no such loop");
	counts = mmap(NULL, MAX_WORKERS * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return bench_refuse(way, "out of memory");
	for (int i = 0; i < workers; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			work(way, i + 1, until, &counts[i]);
	}
	/* One by one: there are other children, which stay. */
	for (int i = 0; i < workers; i++) {
		while (pids[i] > 0 && waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
			;
		failed = failed || pids[i] < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	for (int i = 0; i < workers; i++)
		sum += counts[i];
	(void)munmap(counts, MAX_WORKERS * sizeof(*counts));
	return failed ? -1 : sum;
}
