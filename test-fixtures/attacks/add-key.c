/* Keyrings are no namespace's: a key is left for other jobs of the same user, or an old one is read. */
#include "attack.h"

#include <linux/keyctl.h>

int main(void)
{
	judge(syscall(SYS_add_key, "user", "nsjob-attack", "x", 1UL, KEY_SPEC_PROCESS_KEYRING), "add_key");
}
