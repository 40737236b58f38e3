/* The executables of init and of itself opened for writing: the next job would run what is written there (CVE-2019-5736). */
#include "attack.h"

int main(void)
{
	static const char *const files[] = {"/proc/1/exe", "/proc/2/exe", "/proc/self/exe"};
	int number = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (open(files[i], O_WRONLY | O_CLOEXEC) >= 0)
			escaped("%s: opened for writing", files[i]);
		number = errno;
	}
	refused("/proc/self/exe: %s", errno_name(number));
}
