/* orphan-storm COUNT [sleep | exit CODE]: leaves COUNT processes that were forked twice, have sessions of their own, ignore
 * the polite signals and hold standard output. Prints "ready COUNT" when all are there; then main does as they do
 * (sleep, the default) or ends with CODE. Whatever goes wrong in a test, none of them lives longer than two minutes. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"

#define USAGE "orphan-storm COUNT [sleep | exit CODE]"
enum { LIFE_SECONDS = 120 };

static void be_stubborn(void)
{
	static const int polite[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
	for (size_t i = 0; i < sizeof polite / sizeof polite[0]; i++)
		signal(polite[i], SIG_IGN);
	alarm(LIFE_SECONDS);
}

static _Noreturn void sleep_on(void)
{
	for (;;)
		pause();
}

/* The orphan has its own session; its parent is gone before main looks for the next one. */
static int spawn_orphan(int ready)
{
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (child > 0) {
		int status = 0;
		return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
	}
	pid_t orphan = fork();
	if (orphan != 0)
		_exit(orphan < 0);
	setsid();
	be_stubborn();
	if (write(ready, "r", 1) != 1)
		_exit(1);
	close(ready);
	sleep_on();
}

int main(int argc, char **argv)
{
	int sleeps = argc == 2 || (argc == 3 && strcmp(argv[2], "sleep") == 0);
	if (!sleeps && !(argc == 4 && strcmp(argv[2], "exit") == 0))
		job_misused(USAGE);
	int count = job_number(argv[1], 0, 10000, USAGE);
	int code = sleeps ? 0 : job_number(argv[3], 0, 255, USAGE);

	be_stubborn();
	int ready[2];
	if (pipe(ready) != 0)
		return 1;
	for (int i = 0; i < count; i++) {
		char byte;
		if (spawn_orphan(ready[1]) != 0 || read(ready[0], &byte, 1) != 1)
			return 1;
	}
	printf("ready %d\n", count);
	fflush(stdout);
	if (sleeps)
		sleep_on();
	return code;
}
