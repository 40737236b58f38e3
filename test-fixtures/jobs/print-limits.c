/* print-limits: all sixteen resource limits, nice value, I/O priority, processors and OOM score adjustment of this process,
 * as one line of JSON. -1 is unlimited. Raw system calls where the C library changes what the kernel says. */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"

static const char *const names[] = {"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile",
				    "memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};

static void print_value(const char *name, uint64_t value)
{
	if (value == UINT64_MAX)
		printf("\"%s\":-1", name);
	else
		printf("\"%s\":%" PRIu64, name, value);
}

static void print_limits(void)
{
	printf("\"rlimits\":{");
	for (unsigned int i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint64_t limit[2];
		if (syscall(SYS_prlimit64, 0, i, NULL, limit) != 0)
			exit(1);
		printf("%s\"%s\":{", i == 0 ? "" : ",", names[i]);
		print_value("soft", limit[0]);
		putchar(',');
		print_value("hard", limit[1]);
		putchar('}');
	}
	putchar('}');
}

static void print_processors(void)
{
	cpu_set_t set;
	const char *comma = "";
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		exit(1);
	printf("\"cpus\":[");
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set)) {
			printf("%s%u", comma, cpu);
			comma = ",";
		}
	}
	putchar(']');
}

static int read_oom_score(void)
{
	char text[32] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return -9999; /* no descriptor left, or no /proc */
	close(fd);
	return atoi(text);
}

int main(void)
{
	long io = syscall(SYS_ioprio_get, 1, 0);
	putchar('{');
	print_limits();
	printf(",\"nice\":%d,\"ioClass\":%ld,\"ioLevel\":%ld,\"oomScoreAdj\":%d,", 20 - (int)syscall(SYS_getpriority, 0, 0), io >> 13,
	       io & 7, read_oom_score());
	print_processors();
	puts("}");
	return 0;
}
