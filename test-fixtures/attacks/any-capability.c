/* Any bit in any of the five sets. */
#include "attack.h"

int main(void)
{
	char text[4096];
	const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};

	if (read_file("/proc/self/status", text, sizeof(text)) < 0)
		broken("/proc/self/status: %s", errno_name(errno));
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		const char *at = strstr(text, sets[i]);

		if (at == NULL)
			broken("no %s", sets[i]);
		if (strtoull(at + strlen(sets[i]), NULL, 16) != 0)
			escaped("%s is not empty", sets[i]);
	}
	refused("all sets are empty");
}
