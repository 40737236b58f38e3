/* The job's init killed from inside: with it the job's end would be told wrongly. */
#include "attack.h"

int main(void)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGSTOP, SIGSEGV, SIGKILL};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)kill(1, signals[i]);
	(void)usleep(20000);
	refused("init lives on");
}
