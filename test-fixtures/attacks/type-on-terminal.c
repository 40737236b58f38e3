/* Types a character for the user outside (CVE-2017-5226). Its standard input is the caller's terminal. */
#include "attack.h"

#include <sys/ioctl.h>

int main(void)
{
	if (!isatty(0))
		broken("standard input is no terminal");
	judge(ioctl(0, TIOCSTI, "x"), "TIOCSTI");
}
