/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw system calls that Debian 12's glibc has no wrapper for, and constants older headers lack. Nothing else.
 */
#ifndef NSJOB_SYS_H
#define NSJOB_SYS_H

#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
/* Linux 6.3 */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010u
#endif
/* As statfs(2) shows it since Linux 5.10; glibc passes it on. */
#ifndef ST_NOSYMFOLLOW
#define ST_NOSYMFOLLOW 0x2000
#endif
/* Linux 6.9: deliver to the process group of the pidfd's process. */
#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1u << 2)
#endif

/* Linux 6.11: namespaces of a pidfd's process, as include/uapi/linux/pidfd.h numbers them. */
#define SYS_PIDFD_NAMESPACE(number) _IO(0xFF, (number))
/* Linux 6.13: the part of struct pidfd_info that every such kernel has. */
struct sys_pidfd_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t pid, tgid, parent, ids[8];
	int32_t exit_code;
};
#define SYS_PIDFD_INFO_PID 1u
#define SYS_PIDFD_GET_INFO _IOWR(0xFF, 11, struct sys_pidfd_info)

static inline pid_t sys_clone3(struct clone_args *arguments)
{
	return (pid_t)syscall(SYS_clone3, arguments, sizeof(*arguments));
}

static inline int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0u);
}

static inline int sys_pidfd_send_signal(int pidfd, int signal, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, flags);
}

static inline int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int sys_capset(cap_user_header_t header, const struct __user_cap_data_struct *data)
{
	return (int)syscall(SYS_capset, header, data);
}

static inline int sys_capget(cap_user_header_t header, struct __user_cap_data_struct *data)
{
	return (int)syscall(SYS_capget, header, data);
}

static inline int sys_openat2(int directory, const char *path, struct open_how *how)
{
	return (int)syscall(SYS_openat2, directory, path, how, sizeof(*how));
}

static inline int sys_execveat(int directory, const char *path, char *const argv[], char *const environment[], int flags)
{
	return (int)syscall(SYS_execveat, directory, path, argv, environment, flags);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

#endif
