/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading /proc/PID of exactly the process meant. Every function takes a directory descriptor that proc_open()
 * pinned; a bare pid is never looked up twice.
 * Runs in: supervisor; tree.c also in init.
 */
#ifndef NSJOB_PROC_H
#define NSJOB_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

struct proc_stat {
	char state;           /* R S D Z T t X ... */
	pid_t parent;
	int terminal;         /* device of the controlling terminal, 0 = none */
	unsigned int flags;   /* PF_*; 0x40 is PF_FORKNOEXEC */
	uint64_t start_time;  /* clock ticks since boot */
	uint64_t own_ticks;      /* processor time of all its threads, also of dead ones */
	uint64_t children_ticks; /* of the children it waited for, with theirs */
};

#define PROC_PF_FORKNOEXEC 0x40u

/* How deep pid namespaces nest, include/linux/pid_namespace.h. */
#define PROC_PID_LEVELS 33

struct proc_status {
	uint32_t uid, gid;               /* effective, as this procfs' reader sees them */
	uint32_t *groups;                /* free() */
	size_t group_count;
	uint64_t inheritable, permitted, effective, bounding, ambient;
	uint64_t ignored, caught;        /* signals: bit n-1 is signal n */
	int no_new_privs, seccomp;       /* -1 where the kernel does not say */
	int seccomp_filters;             /* since Linux 5.9, else -1 */
	pid_t pids[PROC_PID_LEVELS];     /* NSpid: from this procfs' namespace down to the innermost */
	int pid_count;
};

/* Opens /proc/PID and proves by the pidfd that it is the pidfd's process: a descriptor, or -1. */
int proc_open(pid_t pid, int pidfd, struct error *err);

/* The process's pid as this process sees it, from /proc/self/fdinfo: pid, or -1. */
pid_t proc_pid_of(int pidfd, struct error *err);

int proc_read_stat(int process_dir, struct proc_stat *ret_stat, struct error *err);
int proc_read_status(int process_dir, struct proc_status *ret_status, struct error *err);

/* Pure parsers, for the unit tests and tree.c: 0 or -1. */
int proc_parse_stat(const char *text, struct proc_stat *ret_stat);
int proc_parse_status(const char *text, struct proc_status *ret_status);

/* True once the process has ended, zombie or reaped. */
bool proc_ended(int pidfd);

#endif
