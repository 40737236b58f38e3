/* Tells its supervisor, by every descriptor that it may have, that it ended well. It ends with the status of a refusal, and that
 * is what must be reported. */
#include "attack.h"

#include <sys/socket.h>

int main(void)
{
	static const char frame[] = "\0\0\0\x3d" "D{\"cause\":\"exit\",\"code\":1,\"status\":0,\"outcome\":{\"exitCode\":0}}";

	for (int fd = 2; fd < 1024; fd++) {
		(void)!write(fd, frame, sizeof(frame) - 1);
		(void)send(fd, frame, sizeof(frame) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	refused("told so to whoever listens");
}
