/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throws messages without sense at resident launchers, one after another:
 *
 *   fuzz_control SECONDS
 *
 * FUZZ_SEED repeats a run. Built with ASan and UBSan: a launcher or a supervisor in which they find something ends as none should.
 */
#include "resident_storm.h"

#include <time.h>

#define MESSAGES 400

int main(int argc, char **argv)
{
	const char *text = getenv("FUZZ_SEED");
	unsigned long long seed = text != NULL ? strtoull(text, NULL, 10) : (unsigned long long)time(NULL);
	char *end = NULL;
	double seconds = argc == 2 ? strtod(argv[1], &end) : -1;
	time_t begin = time(NULL);
	unsigned long long launchers = 0;

	if (seconds < 0 || *end != '\0') {
		(void)fprintf(stderr, "usage: fuzz_control SECONDS\n");
		return 2;
	}
	open_null_streams();
	do {
		/* Each by itself: the one that finds something is repeated alone. */
		random_state = (seed + launchers) * UINT64_C(0x9e3779b97f4a7c15) + 1;
		random_state += random_state == 0;
		if (!storm_once(MESSAGES)) {
			(void)fprintf(stderr, "fuzz: FINDING at the control connection, FUZZ_SEED=%llu\n", seed + launchers);
			return 1;
		}
		launchers++;
	} while (difftime(time(NULL), begin) < seconds);
	(void)printf("fuzz: %llu launchers, %d messages each, no findings\n", launchers, MESSAGES);
	return 0;
}
