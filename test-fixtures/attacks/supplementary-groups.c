/* Groups that are not its own. */
#include "attack.h"

int main(void)
{
	gid_t groups[64];
	int count = getgroups(64, groups);

	for (int i = 0; i < count; i++) {
		if (groups[i] != getegid())
			escaped("is in group %u", groups[i]);
	}
	refused("is in no group but its own");
}
