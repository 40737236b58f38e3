/* The door of 32-bit programs: there every system call has another number, and a filter by number is blind. */
#include "attack.h"

int main(void)
{
#ifdef __x86_64__
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long result;

		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
		_exit(result == getpid() ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		broken("the child is lost");
	if (WIFSIGNALED(status))
		refused("int 0x80: killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		refused("int 0x80: no answer");
	escaped("int 0x80: done");
#else
	not_here("only x86-64 has a second door");
#endif
}
