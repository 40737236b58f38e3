/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#ifdef NSJOB_FAULTS
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

static enum stage fault_stage = STAGE_COUNT;
static int fault_errno; /* 0 = die, -1 = stall */
static char fault_left_out[128];
static bool fault_of_command, commanding;

void fault_init(void)
{
	static const char prefix[] = "command:";
	const char *text = getenv("NSJOB_FAULT");
	const char *action = text != NULL ? strchr(text, '=') : NULL;

	if (action == NULL)
		return;
	fault_of_command = strncmp(text, prefix, strlen(prefix)) == 0;
	if (fault_of_command)
		text += strlen(prefix);
	for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
		const char *name = stage_name(stage);

		if (strlen(name) == (size_t)(action - text) && strncmp(name, text, strlen(name)) == 0)
			fault_stage = stage;
	}
	action++;
	if (strncmp(text, "off=", 4) == 0)
		(void)snprintf(fault_left_out, sizeof(fault_left_out), "%s", action);
	if (strncmp(action, "errno:", 6) == 0)
		fault_errno = atoi(action + 6);
	else if (strcmp(action, "stall") == 0)
		fault_errno = -1;
	(void)unsetenv("NSJOB_FAULT");
}

int fault_point(enum stage stage, struct error *err)
{
	if (stage != fault_stage || fault_of_command != commanding)
		return 0;
	if (fault_errno == 0) {
		(void)raise(SIGKILL);
		_exit(99); /* pid 1 cannot kill itself */
	}
	while (fault_errno == -1)
		(void)pause();
	return error_set(err, "fault", fault_errno, "", "injected fault");
}

void fault_command(bool on)
{
	commanding = on;
}

bool fault_off(const char *defence)
{
	return strstr(fault_left_out, defence) != NULL;
}
#else
/* ISO C forbids an empty translation unit. */
typedef int fault_not_built;
#endif
