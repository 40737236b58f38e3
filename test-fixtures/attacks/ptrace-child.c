/* Tracing: of its own child, where nothing but the filter forbids it. */
#include "attack.h"

#include <sys/ptrace.h>

int main(void)
{
	judge(ptrace(PTRACE_ATTACH, idle_child(), NULL, NULL), "ptrace");
}
