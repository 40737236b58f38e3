/* syscall-deny NAME=ERRNO... -- COMMAND [ARG...]: runs COMMAND in a world where the named system calls fail, as on an older
 * kernel (ENOSYS) or in a strict container (EPERM). Tests of fallbacks and of error messages wrap the helper in it. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"

#define USAGE "syscall-deny NAME=ERRNO... -- COMMAND [ARG...]"
enum { MOST_RULES = 32 };

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "add the audit architecture"
#endif

static const struct entry {
	const char *name;
	unsigned value;
} calls[] = {
	{"clone", SYS_clone},           {"clone3", SYS_clone3},
	{"unshare", SYS_unshare},       {"setns", SYS_setns},
	{"close_range", SYS_close_range}, {"pidfd_open", SYS_pidfd_open},
	{"pidfd_send_signal", SYS_pidfd_send_signal}, {"mount", SYS_mount},
	{"sethostname", SYS_sethostname}, {"setdomainname", SYS_setdomainname},
	{"setgroups", SYS_setgroups},   {"setuid", SYS_setuid},
	{"setresuid", SYS_setresuid},   {"setsid", SYS_setsid},
	{"execve", SYS_execve},         {"execveat", SYS_execveat},
	{"waitid", SYS_waitid},         {"socket", SYS_socket},
	{"mount_setattr", SYS_mount_setattr}, {"flock", SYS_flock},           {"openat2", SYS_openat2},
	{"seccomp", SYS_seccomp},       {"capset", SYS_capset},
	{"keyctl", SYS_keyctl},         {"landlock_create_ruleset", SYS_landlock_create_ruleset},
	{"landlock_restrict_self", SYS_landlock_restrict_self},
}, errnos[] = {
	/* Says that it was done, and does nothing. */
	{"nothing", 0},
	{"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"EACCES", EACCES}, {"EINVAL", EINVAL},
	{"EDQUOT", EDQUOT}, {"EOPNOTSUPP", EOPNOTSUPP},
	{"ENOSPC", ENOSPC}, {"EUSERS", EUSERS}, {"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM},
};

static unsigned look_up(const struct entry *table, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
			return table[i].value;
	fprintf(stderr, "syscall-deny: unknown name %.*s\n", (int)length, name);
	job_misused(USAGE);
}

static unsigned short add_rule(struct sock_filter *code, const char *rule)
{
	const char *equals = strchr(rule, '=');
	if (equals == NULL)
		job_misused(USAGE);
	unsigned number = look_up(calls, sizeof calls / sizeof calls[0], rule, (size_t)(equals - rule));
	unsigned error = look_up(errnos, sizeof errnos / sizeof errnos[0], equals + 1, strlen(equals + 1));
	code[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
	code[1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
	return 2;
}

/* Set-user-ID programs (newuidmap) keep working for a root caller: no_new_privs is the second choice. */
static int install(struct sock_fprog *program)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
}

int main(int argc, char **argv)
{
	struct sock_filter code[4 + 2 * MOST_RULES] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	unsigned short length = 4;
	int arg = 1;
	for (; arg < argc && strcmp(argv[arg], "--") != 0; arg++) {
		if (arg >= MOST_RULES)
			job_misused(USAGE);
		length = (unsigned short)(length + add_rule(&code[length], argv[arg]));
	}
	if (arg == 1 || arg + 1 >= argc)
		job_misused(USAGE);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	struct sock_fprog program = {.len = length, .filter = code};
	if (install(&program) != 0) {
		perror("syscall-deny: seccomp");
		return JOB_MISUSED;
	}
	execvp(argv[arg + 1], argv + arg + 1);
	perror(argv[arg + 1]);
	return JOB_MISUSED;
}
