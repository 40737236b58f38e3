/* sigstate: the signals that this process inherited as blocked and as ignored, as one line of JSON. Raw system calls,
 * because the C library hides the two signals that it uses itself. */
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"

enum { SIGNALS = 64 };

/* As much of the kernel's struct sigaction as is read here: the handler comes first on every architecture we build for. */
struct kernel_sigaction {
	uintptr_t handler;
	unsigned char rest[56];
};

static void print_set(const char *name, uint64_t set)
{
	const char *comma = "";
	printf("\"%s\":[", name);
	for (int signo = 1; signo <= SIGNALS; signo++) {
		if ((set >> (signo - 1) & 1) != 0) {
			printf("%s%d", comma, signo);
			comma = ",";
		}
	}
	putchar(']');
}

int main(void)
{
	uint64_t blocked = 0;
	uint64_t ignored = 0;
	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof blocked) != 0)
		return 1;
	for (int signo = 1; signo <= SIGNALS; signo++) {
		struct kernel_sigaction now = {0};
		if (syscall(SYS_rt_sigaction, signo, NULL, &now, sizeof blocked) != 0)
			return 1;
		if (now.handler == (uintptr_t)SIG_IGN)
			ignored |= UINT64_C(1) << (signo - 1);
	}
	putchar('{');
	print_set("blocked", blocked);
	putchar(',');
	print_set("ignored", ignored);
	puts("}");
	return 0;
}
