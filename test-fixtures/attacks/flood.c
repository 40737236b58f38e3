/* Output without end and without a line break. */
#include "attack.h"

int main(void)
{
	static char block[1 << 16];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 16; i++) {
		if (write(1, block, sizeof(block)) < 0)
			_exit(ATTACK_REFUSED);
	}
	_exit(ATTACK_ESCAPED);
}
