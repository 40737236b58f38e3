/* write-a-file FILE: makes a file where none may be made. */
#include "attack.h"

int main(int argc, char **argv)
{
	judge(open(argument(argc, argv, 1), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), argv[1]);
}
