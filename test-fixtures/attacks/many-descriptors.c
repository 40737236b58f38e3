/* more descriptors than the limit. */
#include "attack.h"

int main(void)
{
	for (int count = 0; count < 300; count++)
		need(dup(0), "dup");
	escaped("has 300 descriptors");
}
