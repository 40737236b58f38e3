/* That it runs at all is the escape: something was made or mounted outside of the job's root. */
#include "attack.h"

int main(void)
{
	escaped("the job was started");
}
