/* exit-n N: ends with exit status N. */
#include "job.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		job_misused("exit-n N");
	return job_number(argv[1], 0, 255, "exit-n N");
}
