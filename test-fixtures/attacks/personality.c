/* READ_IMPLIES_EXEC makes every readable page of what it runs next executable. */
#include "attack.h"

#include <sys/personality.h>

int main(void)
{
	judge(personality(READ_IMPLIES_EXEC), "personality");
}
