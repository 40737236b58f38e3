/* burn-cpu tree COUNT: COUNT processes that burn processor time, all below the first, and main waits for them.
 * burn-cpu short MILLIS: one child after the other, each of which burns that long and is waited for.
 * burn-cpu unwaited MILLIS: the same, but SIGCHLD is ignored: nobody ever gets their time.
 * burn-cpu once MILLIS: burns that long and ends with code 0.
 * Whatever goes wrong in a test, none of them burns for longer than a minute. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job.h"

#define USAGE "burn-cpu tree COUNT | short MILLIS | unwaited MILLIS | once MILLIS"
enum { LIFE_SECONDS = 60 };

static void burn(int millis)
{
	clock_t until = clock() + (clock_t)millis * (CLOCKS_PER_SEC / 1000);
	volatile unsigned int spun = 0;
	while (clock() < until)
		for (int i = 0; i < 10000; i++)
			spun++;
}

static void tree(int count)
{
	for (int i = 1; i < count; i++) {
		pid_t child = fork();
		if (child < 0)
			exit(1);
		if (child == 0) {
			alarm(LIFE_SECONDS);
			burn(1000 * LIFE_SECONDS);
			exit(0);
		}
	}
	burn(1000 * LIFE_SECONDS);
}

static void one_by_one(int millis)
{
	for (;;) {
		pid_t child = fork();
		if (child < 0)
			exit(1);
		if (child == 0) {
			burn(millis);
			_exit(0);
		}
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		job_misused(USAGE);
	int number = job_number(argv[2], 1, 100000, USAGE);
	alarm(LIFE_SECONDS);
	if (strcmp(argv[1], "once") == 0) {
		burn(number);
		return 0;
	}
	if (strcmp(argv[1], "tree") == 0)
		tree(number);
	else if (strcmp(argv[1], "unwaited") == 0)
		signal(SIGCHLD, SIG_IGN);
	else if (strcmp(argv[1], "short") != 0)
		job_misused(USAGE);
	one_by_one(number);
}
