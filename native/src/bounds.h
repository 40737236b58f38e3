/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every maximum of the helper, each with its reason. PROTOCOL.md repeats the ones a peer must know.
 */
#ifndef NSJOB_BOUNDS_H
#define NSJOB_BOUNDS_H

/* A plan of 4,096 arguments and as many variables fits; more is an attack on our memory, not a job. */
#define LIMIT_PLAN_BYTES (1024u * 1024u)
/* Control frames hold a number or two. */
#define LIMIT_CONTROL_BYTES 4096u
/* What we send ourselves: a report with 340 map lines is about 20 KiB. */
#define LIMIT_EVENT_BYTES (1024u * 1024u)
/* The plan is five levels deep; the rest is headroom for later fields. jansson itself stops at 2,048. */
#define LIMIT_DEPTH 16
/* Far below ARG_MAX, and a plan with more would not fit LIMIT_PLAN_BYTES anyway. */
#define LIMIT_STRINGS 4096u
/* The kernel's own maximum of lines in uid_map, user_namespaces(7). */
#define LIMIT_MAP_LINES 340u
/* A root of the job's own takes about fifty steps; the rest is the user's. Each bind holds a descriptor during set-up. */
#define LIMIT_MOUNTS 256u
/* Paths of one mask or readOnly step: /proc has about a dozen worth hiding. */
#define LIMIT_MOUNT_PATHS 64u
/* NGROUPS_MAX is 65,536; nobody needs them all in a sandbox. */
#define LIMIT_GROUPS 1024u
/* Candidates for an id block. All taken = more jobs alive than that: the caller offers others. */
#define LIMIT_BASES 1024u
/* BPF_MAXINSNS: the kernel takes no longer program. */
#define LIMIT_FILTER 4096u
/* One for each mount that is writable, and a few of ours. */
#define LIMIT_LANDLOCK_RULES 512u
/* RLIM_NLIMITS: the kernel's resources are numbered 0 to 15, getrlimit(2). */
#define LIMIT_RESOURCES 16u
/* One for each kind and some more; nobody has two for one kind in earnest. */
#define LIMIT_PINS 16u
/* A hierarchy for each controller; the kernel has 14. */
#define LIMIT_CGROUPS 16u
/* Files written, or read, of one cgroup: a handful, and one for each disk that is limited. */
#define LIMIT_CGROUP_FILES 64u
/* What we read of one such file; the largest, memory.stat, has about 2 KiB. */
#define LIMIT_CGROUP_TEXT 4096u
/* PATH_MAX with its NUL. */
#define LIMIT_PATH 4096u
/* utsname fields are 65 bytes with their NUL, uname(2). */
#define LIMIT_HOSTNAME 64u
#define LIMIT_JOB_ID 64u
/* What we keep of newuidmap's stderr for the error message. */
#define LIMIT_TOOL_OUTPUT 256u
/* Hexadecimal digits of 32 random bytes, exactly. */
#define LIMIT_SECRET 64
/* 30 days: a wall-clock limit above that is a mistake in units. */
#define LIMIT_MILLIS (30LL * 24 * 3600 * 1000)
/* Kernel bound on time namespace offsets is KTIME_SEC_MAX / 2; ours keeps the sum far from it. */
#define LIMIT_OFFSET_SECONDS (100LL * 365 * 24 * 3600)

/* Commands at once in one open sandbox: each has a process of ours beside its own, and three descriptors of the supervisor's. */
#define LIMIT_COMMANDS 256u
/* Strings of such a command: one message to the process that starts it, well below what a socket buffers by default. */
#define LIMIT_COMMAND_BYTES (64u * 1024u)

/* Results to collect: more than a few places means that their directory was meant. */
#define LIMIT_COLLECT 64u
/* Everything that may lie in one of them: a walk over more takes minutes. */
#define LIMIT_COLLECT_FILES 1000000
/* Far above any memory or disk there is, far below the overflow of a sum. */
#define LIMIT_COLLECT_BYTES (INT64_C(1) << 60)
/* The walk recurses and holds three descriptors a level. */
#define LIMIT_COLLECT_DEPTH 128u
/* One content frame: half of what a socket buffers by default. */
#define LIMIT_CONTENT_BYTES (64u * 1024u)

#endif
