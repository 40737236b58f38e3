/* Becomes the job's init. */
#include "attack.h"

#include <sys/ptrace.h>

int main(void)
{
	judge(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "ptrace of pid 1");
}
