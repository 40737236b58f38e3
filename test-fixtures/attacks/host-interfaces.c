/* Any network interface but lo. */
#include "attack.h"

#include <net/if.h>

int main(void)
{
	struct if_nameindex *interfaces = if_nameindex();

	if (interfaces == NULL)
		refused("if_nameindex: %s", errno_name(errno));
	for (struct if_nameindex *one = interfaces; one->if_index != 0; one++) {
		if (strcmp(one->if_name, "lo") != 0)
			escaped("sees %s", one->if_name);
	}
	refused("sees lo only");
}
