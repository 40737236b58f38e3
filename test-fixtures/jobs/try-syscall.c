/* try-syscall [NAME...]: makes system calls that no job needs, each in a child of its own, and prints what came back as one JSON
 * object: "ok", an errno as a number, or "signal N". Without names it makes all that it knows. The arguments are chosen so that
 * the kernel's own answer is another than a filter's EPERM, ENOSYS or EAFNOSUPPORT wherever that is possible. */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"

#define USAGE "try-syscall [NAME...]"
#define HIGH (1UL << 32)

/* Later than the headers of Debian 12, and the same everywhere. */
enum { NR_LISTMOUNT = 458, NR_UNKNOWN = 3000 };

static const struct attempt {
	const char *name;
	long number;
	unsigned long args[6];
} attempts[] = {
	{"unshare", SYS_unshare, {0}},
	{"setns", SYS_setns, {-1UL, 0}},
	{"clone-newuser", SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
	{"clone-newnet-high", SYS_clone, {HIGH | CLONE_NEWNET | SIGCHLD}},
	{"clone3", SYS_clone3, {0, 0}},
	{"mount", SYS_mount, {0, 0, 0, 0, 0}},
	{"umount2", SYS_umount2, {0, 0xffff}},
	{"pivot_root", SYS_pivot_root, {0, 0}},
	{"chroot", SYS_chroot, {0}},
	{"open_tree", SYS_open_tree, {0, 0, 0xff}},
	{"move_mount", SYS_move_mount, {0, 0, 0, 0, 0xffffffff}},
	{"fsopen", SYS_fsopen, {0, 0xff}},
	{"fsconfig", SYS_fsconfig, {-1UL, 99}},
	{"fsmount", SYS_fsmount, {-1UL, 0xff, 0}},
	{"fspick", SYS_fspick, {0, 0, 0xffffffff}},
	{"mount_setattr", SYS_mount_setattr, {0, 0, 0xffffffff}},
	{"keyctl", SYS_keyctl, {9999}},
	{"add_key", SYS_add_key, {0, 0, 0, 0, 0}},
	{"request_key", SYS_request_key, {0, 0, 0, 0}},
	{"bpf", SYS_bpf, {0, 0, 1 << 20}},
	{"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0, 0xffff}},
	{"userfaultfd", SYS_userfaultfd, {0xffffffff}},
	{"ptrace", SYS_ptrace, {2, 0, 0, 0}},
	{"process_vm_readv", SYS_process_vm_readv, {1, 0, 0, 0, 0, 1}},
	{"process_vm_writev", SYS_process_vm_writev, {1, 0, 0, 0, 0, 1}},
	{"pidfd_getfd", SYS_pidfd_getfd, {-1UL, 0, 1}},
	{"kcmp", SYS_kcmp, {1, 1, 99}},
	{"io_uring_setup", SYS_io_uring_setup, {0, 0}},
	{"io_uring_enter", SYS_io_uring_enter, {-1UL, 0, 0, 0xffff0000}},
	{"io_uring_register", SYS_io_uring_register, {-1UL, 9999, 0, 0}},
	{"listmount", NR_LISTMOUNT, {0, 0, 0, 0xff}},
	{"open_by_handle_at", SYS_open_by_handle_at, {-100UL, 0, 0}},
	{"reboot", SYS_reboot, {1, 2, 3, 0}},
	{"swapon", SYS_swapon, {0, 0xff000000}},
	{"kexec_load", SYS_kexec_load, {0, 99, 0, 0xffff}},
	{"init_module", SYS_init_module, {0, 0, 0}},
	{"delete_module", SYS_delete_module, {0, 0}},
	{"acct", SYS_acct, {0}},
	{"syslog", SYS_syslog, {99, 0, 0}},
	{"personality-read-implies-exec", SYS_personality, {0x0400000}},
	{"personality-high", SYS_personality, {HIGH | 0x0400000}},
	{"vsock", SYS_socket, {40, 1, 0}},
	{"vsock-high", SYS_socket, {HIGH | 40, 1, 0}},
	{"alg", SYS_socket, {38, 5, 0}},
	{"packet", SYS_socket, {17, 3, 0}},
	{"netfilter", SYS_socket, {16, 3, 12}},
	{"tipc-pair", SYS_socketpair, {30, 1, 0, 0}},
	{"tiocsti", SYS_ioctl, {0, 0x5412, 0}},
	{"tiocsti-high", SYS_ioctl, {0, HIGH | 0x5412, 0}},
	{"tiocsti-all-high", SYS_ioctl, {0, 0xffffffff00005412, 0}},
	{"tioclinux", SYS_ioctl, {0, 0x541c, 0}},
	{"tioclinux-high", SYS_ioctl, {0, HIGH | 0x541c, 0}},
	{"prlimit-init", SYS_prlimit64, {1, 7, 0, 0}},
	{"prlimit-init-high", SYS_prlimit64, {HIGH | 1, 7, 0, 0}},
	{"renice-init", SYS_setpriority, {0, 1, 19}},
	{"renice-user", SYS_setpriority, {2, 0, 1}},
	{"affinity-of-init", SYS_sched_setaffinity, {1, 0, 0}},
	{"scheduler-of-init", SYS_sched_setscheduler, {1, 99, 0}},
	{"ioprio-of-init", SYS_ioprio_set, {1, 1, 0xffff}},
	{"unknown", NR_UNKNOWN, {0}},
#ifdef __x86_64__
	{"x32", 0x40000000 | SYS_getpid, {0}},
	{"int80", -1, {0}},
#endif
	/* These must work. */
	{"unix", SYS_socket, {1, 1, 0}},
	{"inet", SYS_socket, {2, 1, 0}},
	{"inet6", SYS_socket, {10, 2, 0}},
	{"route", SYS_socket, {16, 3, 0}},
	{"personality-query", SYS_personality, {0xffffffff}},
	{"prlimit-self", SYS_prlimit64, {0, 7, 0, 0}},
	{"renice-self", SYS_setpriority, {0, 0, 1}},
	{"clone-plain", SYS_clone, {SIGCHLD}},
};

static long make(const struct attempt *attempt)
{
#ifdef __x86_64__
	if (attempt->number == -1) {
		long result;

		/* getpid through the door of 32-bit programs, where it has another number. */
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
		return result;
	}
#endif
	pid_t self = getpid();
	long result = syscall(attempt->number, attempt->args[0], attempt->args[1], attempt->args[2], attempt->args[3],
			      attempt->args[4], attempt->args[5]);

	/* A child of the clones: it has done its part. */
	if (attempt->number == SYS_clone && result == 0 && getpid() != self)
		_exit(0);
	return result;
}

static void report(const struct attempt *attempt, bool first)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(make(attempt) >= 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("try-syscall");
		exit(JOB_MISUSED);
	}
	printf("%s\"%s\": ", first ? "" : ", ", attempt->name);
	if (WIFSIGNALED(status))
		printf("\"signal %d\"", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		printf("\"ok\"");
	else
		printf("%d", WEXITSTATUS(status));
	fflush(stdout);
}

static bool is_asked_for(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	bool first = true;

	printf("{");
	fflush(stdout);
	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
		if (!is_asked_for(attempts[i].name, argc, argv))
			continue;
		report(&attempts[i], first);
		first = false;
	}
	if (first)
		job_misused(USAGE);
	puts("}");
	return 0;
}
