/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch plan: PROTOCOL.md, "The launch plan", as a struct. Parsed strictly, executed as it stands.
 */
#ifndef NSJOB_PLAN_H
#define NSJOB_PLAN_H

#include <jansson.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "bounds.h"
#include "ns.h"

struct error;
struct sock_filter;

#define PROTOCOL_VERSION 1

struct id_range {
	uint32_t inside, outside, count;
};

struct id_map {
	struct id_range *ranges;
	size_t count;
};

struct id_block {
	const char *directory; /* NULL: no block, ranges are absolute */
	uint32_t *bases;
	size_t base_count;
};

struct clock_offset {
	int64_t seconds;
	int64_t nanos;
};

/* Of an id-mapped mount: `inside` is an id on disk here, `outside` what it becomes, relative as in the plan's own maps. */
struct disk_map {
	bool required;
	struct id_range uids, gids;
};

/* In the order of the table in plan_mounts.c. */
enum mount_op {
	MOUNT_PROPAGATION,
	MOUNT_PROC,
	MOUNT_ROOT,
	MOUNT_ROOT_BIND,
	MOUNT_ROOT_OVERLAY,
	MOUNT_BIND,
	MOUNT_LOWER,
	MOUNT_UPPER,
	MOUNT_OVERLAY,
	MOUNT_TMPFS,
	MOUNT_WRITABLE,
	MOUNT_DEV,
	MOUNT_SYSFS,
	MOUNT_MQUEUE,
	MOUNT_DIRECTORY,
	MOUNT_SYMLINK,
	MOUNT_FILE,
	MOUNT_MASK,
	MOUNT_READ_ONLY,
	MOUNT_PIVOT,
};

struct mount_step {
	enum mount_op op;
	const char *target;
	unsigned long propagation; /* MS_PRIVATE, MS_SLAVE, MS_SHARED; 0 = unchanged */
	bool recursive, read_only, no_suid, no_dev, no_exec, no_symfollow;
	bool optional;             /* bind: skipped where the source is missing */
	const char *source;        /* bind, rootBind, lower, upper: in the caller's tree */
	struct disk_map *map;      /* NULL: ids as they are */
	const char *text;          /* symlink */
	const char **paths;        /* mask, readOnly: NULL-terminated */
	unsigned char *content;    /* file */
	size_t content_size;
	int64_t size;              /* tmpfs, overlay: bytes */
	uint32_t inodes;
	mode_t mode;
};

/* What the job may do below a path, as bits of linux/landlock.h. */
struct landlock_rule {
	const char *path;
	uint64_t access;
};

enum keyring_mode { KEYRING_INHERITED, KEYRING_NEW, KEYRING_TRY };

struct plan_pin {
	enum ns_kind kind;
	const char *path;
	const char *marker; /* NULL, or a file that goes once the job runs */
	bool inside;        /* in the job's own mount namespace */
	int directory;      /* that the file is in, or -1 */
	bool made, mounted; /* by us, so far: pins.c */
};

struct plan_rlimit {
	uint32_t resource; /* RLIMIT_* */
	rlim_t soft, hard;
};

struct collect_source {
	const char *path;
	int64_t files, bytes;
};

struct cgroup_write {
	const char *name, *value;
};

struct plan_cgroup {
	uint32_t version; /* 1 or 2 */
	const char *directory;
	bool enter; /* it is there, and stays */
	struct cgroup_write writes[LIMIT_CGROUP_FILES], at_kill[LIMIT_CGROUP_FILES];
	size_t write_count, at_kill_count;
	const char *reads[LIMIT_CGROUP_FILES + 1]; /* NULL-terminated */
};

struct plan {
	json_t *document; /* owns every string below */
	const char *job;
	struct ns_request namespaces[NS_COUNT];
	bool has_offsets;
	struct clock_offset monotonic, boottime;
	bool has_maps;
	struct id_map uids, gids;
	bool setgroups_allowed;
	struct id_block block;
	const char *newuidmap, *newgidmap; /* both or neither */
	struct plan_cgroup *cgroups;
	size_t cgroup_count;
	struct {
		bool wanted, fork;
		uint32_t kill_signal; /* of the child when its parent ends; 0: none */
	} in_place;
	struct plan_pin *pins;
	size_t pin_count;
	bool drop_groups;
	bool has_init_ids;
	uint32_t init_uid, init_gid;
	struct mount_step *mounts;
	size_t mount_count;
	bool new_root; /* the mounts begin a root of the job's own and pivot into it */
	const char *hostname, *domainname; /* NULL: leave */
	bool loopback;
	bool has_max_user_namespaces;
	uint32_t max_user_namespaces; /* written in the job's user namespace */
	struct {
		char **argv, **search_path, **environment; /* NULL-terminated; the strings are the document's */
		bool self;                                 /* the program is ours, argv is for it */
		bool commands;                             /* others will be run beside it: runner.h */
		const char *cwd;                           /* NULL: the helper's own */
		const char *chroot;                        /* NULL: none */
		struct ns_request enter;                   /* the process whose root and directory are taken; pid 0: none */
		bool enter_root, enter_cwd;
		bool has_uid, has_gid, has_groups, has_umask;
		uint32_t uid, gid;
		gid_t *groups;
		size_t group_count;
		mode_t umask;
		bool owned_stdio[3];
		struct sock_filter *filter; /* NULL: none */
		size_t filter_count;
		bool filter_log;
		struct plan_rlimit *rlimits;
		size_t rlimit_count;
		bool has_nice, has_ionice, has_affinity, has_oom_score;
		int nice, io_class, io_level, oom_score;
		cpu_set_t affinity;
		bool drop_capabilities, no_new_privs, new_session, as_pid1;
		bool terminal;
		uint16_t rows, columns; /* 0: the caller's */
		uint64_t capabilities;  /* what all five sets become with drop_capabilities */
		enum keyring_mode keyring;
		bool lock_mounts;       /* by a second user namespace below the one that owns them */
		struct {
			bool wanted, required;
			uint32_t minimum_abi;
			uint64_t handled, scoped;
			struct landlock_rule *rules;
			size_t rule_count;
		} landlock;
	} process;
	struct {
		struct collect_source *sources;
		size_t count;
		int64_t millis;
		uint32_t depth;
	} collect;
	int64_t setup_millis;
	bool has_wall, has_cpu;
	const char *cpu_file, *cpu_key; /* where the tree's processor time stands; NULL: only /proc knows */
	uint32_t cpu_cgroup;
	int64_t cpu_unit_nanos;
	int64_t wall_millis, cpu_millis, grace_millis;
	bool hold;
};

/*
 * Whether the job's processes hide until exec: those who are in the pid namespace that they join may have their ids. Not where
 * an unprivileged supervisor has to write, or to open, something of theirs in /proc.
 */
bool plan_is_guarded(const struct plan *plan);

/* Whether the job's root is not the caller's: a descriptor of a directory would be a way out of it. */
static inline bool plan_has_other_root(const struct plan *plan)
{
	return plan->new_root || plan->process.chroot != NULL || plan->process.enter_root;
}

/* Whether init may let go of the old root once there is the job's process: where that one mounts nothing, and pins are elsewhere. */
static inline bool plan_lets_go_late(const struct plan *plan)
{
	return plan->new_root && !plan->process.as_pid1 && !plan->process.lock_mounts && plan->pin_count == 0 && !plan->in_place.wanted;
}

/* Of a command that is to be run beside the job: its limits, resource limits and owned streams. */
struct command_plan {
	struct plan plan;
	uint32_t argument_count, search_count, variable_count; /* strings in the blob that follows */
	bool has_cwd;                                          /* one more */
	bool brief;                                            /* nobody waits for the news of its start */
};

int command_plan_parse(const char *text, size_t size, struct command_plan *ret_plan, struct error *err);

int plan_parse(const char *text, size_t size, struct plan *ret_plan, struct error *err);
void plan_release(struct plan *plan);

#endif
