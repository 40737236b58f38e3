/* The third door of x86-64. */
#include "attack.h"

int main(void)
{
#ifdef __x86_64__
	judge(syscall(0x40000000L | SYS_getpid), "getpid of x32");
#else
	not_here("only x86-64 has it");
#endif
}
