/* environment NAME: a variable of the caller's. Its value stays unsaid. */
#include "attack.h"

int main(int argc, char **argv)
{
	if (getenv(argument(argc, argv, 1)) != NULL)
		escaped("has %s", argv[1]);
	refused("has no %s", argv[1]);
}
