/* Segments of its own, a source of kernel holes (CVE-2015-5157). */
#include "attack.h"

int main(void)
{
#ifdef SYS_modify_ldt
	char buffer[16];

	judge(syscall(SYS_modify_ldt, 0, buffer, sizeof(buffer)), "modify_ldt");
#else
	not_here("only x86 has segments");
#endif
}
