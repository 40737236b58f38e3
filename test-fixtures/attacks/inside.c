/* inside PATH: what was mounted in a root that lies about its directories. It is here, or it has landed somewhere else. */
#include "attack.h"

int main(int argc, char **argv)
{
	if (access(argument(argc, argv, 1), F_OK) == 0)
		refused("%s is in the job's root", argv[1]);
	escaped("%s is not in the job's root", argv[1]);
}
