/* sleep-term [CODE [SECONDS]]: prints "ready", sleeps (60 s), and at SIGTERM prints "term" and ends with CODE (42).
 * Status 97 says that no signal came in time. */
#include <signal.h>
#include <time.h>

#include "job.h"

enum { NO_SIGNAL = 97 };
#define USAGE "sleep-term [CODE [SECONDS]]"

int main(int argc, char **argv)
{
	if (argc > 3)
		job_misused(USAGE);
	int code = argc > 1 ? job_number(argv[1], 0, 255, USAGE) : 42;
	int seconds = argc > 2 ? job_number(argv[2], 0, 3600, USAGE) : 60;

	/* Blocked and then waited for: works for a pid 1 as well, and has no moment at which the signal is lost. */
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	puts("ready");
	fflush(stdout);

	struct timespec limit = {.tv_sec = seconds, .tv_nsec = 0};
	if (sigtimedwait(&term, NULL, &limit) != SIGTERM)
		return NO_SIGNAL;
	puts("term");
	return code;
}
