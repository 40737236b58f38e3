/* Sees what others do to files on a filesystem that is shared. */
#include "attack.h"

#include <sys/fanotify.h>

int main(void)
{
	judge(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY), "fanotify_init");
}
