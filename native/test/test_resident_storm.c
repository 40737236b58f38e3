/* SPDX-License-Identifier: Apache-2.0 */
/* The same every time; `make fuzz` tries others. */
#include "resident_storm.h"

#ifdef __SANITIZE_ADDRESS__
#define MESSAGES 300
#else
#define MESSAGES 1500
#endif

int main(void)
{
	random_state = UINT64_C(0x9e3779b97f4a7c15);
	open_null_streams();
	CHECK(storm_once(MESSAGES), "%d messages without sense harm nobody, and a job still runs", MESSAGES);
	return tap_done();
}
