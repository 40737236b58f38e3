/* print-ns: who and where am I, as one line of JSON. Numbers come from stat(2), not from the text of the links. */
#include <limits.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "job.h"

static const char *const kinds[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"};

static void print_namespaces(void)
{
	fputs("\"namespaces\":{", stdout);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char path[64];
		struct stat st;
		snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
		printf("%s\"%s\":", i == 0 ? "" : ",", kinds[i]);
		if (stat(path, &st) == 0)
			printf("{\"inode\":%llu,\"device\":%llu}", (unsigned long long)st.st_ino, (unsigned long long)st.st_dev);
		else
			fputs("null", stdout); /* no /proc, or one of another pid namespace */
	}
	putchar('}');
}

static void print_groups(void)
{
	gid_t groups[NGROUPS_MAX];
	int count = getgroups(NGROUPS_MAX, groups);
	fputs("\"groups\":[", stdout);
	for (int i = 0; i < count; i++)
		printf("%s%u", i == 0 ? "" : ",", groups[i]);
	putchar(']');
}

int main(void)
{
	struct utsname uts;
	char cwd[PATH_MAX];
	if (uname(&uts) != 0)
		return 1;

	putchar('{');
	print_namespaces();
	printf(",\"pid\":%d,\"ppid\":%d,\"sid\":%d,\"pgid\":%d", getpid(), getppid(), getsid(0), getpgid(0));
	printf(",\"uid\":%u,\"euid\":%u,\"gid\":%u,\"egid\":%u,", getuid(), geteuid(), getgid(), getegid());
	print_groups();
	fputs(",\"hostname\":", stdout);
	job_json_string(uts.nodename);
	fputs(",\"domainname\":", stdout);
	job_json_string(uts.domainname);
	fputs(",\"cwd\":", stdout);
	job_json_string(getcwd(cwd, sizeof cwd));
	puts("}");
	return 0;
}
