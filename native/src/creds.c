/* SPDX-License-Identifier: Apache-2.0 */
#include "creds.h"

#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "error.h"
#include "plan.h"
#include "sys.h"

int creds_drop_groups(struct error *err)
{
	if (setgroups(0, NULL) < 0)
		return error_set(err, "setgroups", errno, "", "cannot drop supplementary groups");
	return 0;
}

/* Written only when it is needed: printf(3) is many pages that init and the job's process would touch for nothing else. */
static int refuse_id(struct error *err, const char *syscall, int errnum, unsigned int id, const char *message)
{
	char subject[16];

	(void)snprintf(subject, sizeof(subject), "%u", id);
	return error_set(err, syscall, errnum, subject, "%s", message);
}

static int set_gid(gid_t gid, struct error *err)
{
	if (setresgid(gid, gid, gid) < 0)
		return refuse_id(err, "setresgid", errno, gid, "cannot switch to the group id");
	return getegid() == gid ? 0 : refuse_id(err, "getegid", EPROTO, gid, "the group id did not change");
}

static int set_uid(uid_t uid, struct error *err)
{
	if (setresuid(uid, uid, uid) < 0)
		return refuse_id(err, "setresuid", errno, uid, "cannot switch to the user id");
	return geteuid() == uid ? 0 : refuse_id(err, "geteuid", EPROTO, uid, "the user id did not change");
}

int creds_become_init(const struct plan *plan, struct error *err)
{
	/* Where the plan sets the job's groups, setgroups is allowed, and the caller's must not reach init either. */
	if (plan->process.has_groups && plan->has_maps && creds_drop_groups(err) < 0)
		return -1;
	if (!plan->has_init_ids)
		return 0;
	if (set_gid(plan->init_gid, err) < 0 || set_uid(plan->init_uid, err) < 0)
		return -1;
	/*
	 * The change made us non-dumpable, and /proc/self with that the host root's: timens_offsets could not be written. No
	 * user's program exists yet; become_reaper() closes this again before there is one. Where others are there already, launch.c
	 * has hidden us, and that stays.
	 */
	if (!plan_is_guarded(plan) && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot reach our own /proc entries");
	return 0;
}

/* The ambient set is a subset of permitted and inheritable: what leaves one of them leaves it too. */
static int set_capabilities(uint64_t permitted, uint64_t inheritable, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2];

	for (int half = 0; half < 2; half++) {
		data[half].effective = data[half].permitted = (uint32_t)(permitted >> (32 * half));
		data[half].inheritable = (uint32_t)(inheritable >> (32 * half));
	}
	if (sys_capset(&header, data) < 0)
		return error_set(err, "capset", errno, "", "cannot set capabilities");
	return 0;
}

static int read_permitted(uint64_t *ret_permitted, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}};

	if (sys_capget(&header, data) < 0)
		return error_set(err, "capget", errno, "", "cannot read capabilities");
	*ret_permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

int creds_act_as(unsigned int uid, unsigned int gid, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}};
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

	if (sys_capget(&header, data) < 0)
		return error_set(err, "capget", errno, "", "cannot read capabilities");
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	/* They have no other answer than what was there before; -1 is nobody's, and changes nothing. */
	if (setfsgid((gid_t)-1) != (int)gid || setfsuid((uid_t)-1) != (int)uid)
		return error_set(err, "setfsuid", EPERM, "", "cannot make files as user %u and group %u", uid, gid);
	/* From 0 to another the kernel takes those about files away, and /proc/self is the host root's then. */
	if (sys_capset(&header, data) < 0)
		return error_set(err, "capset", errno, "", "cannot set capabilities");
	if (dumpable == 1 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot reach our own /proc entries");
	return 0;
}

int creds_shed_init(bool keep_kill, struct error *err)
{
	uint64_t permitted;

	if (read_permitted(&permitted, err) < 0)
		return -1;
	return set_capabilities(keep_kill ? permitted & UINT64_C(1) << CAP_KILL : 0, 0, err);
}

static bool is_kept(uint64_t kept, int capability)
{
	return capability < 64 && (kept >> capability & 1) != 0;
}

static int shrink_bounding_set(uint64_t kept, struct error *err)
{
	/* Past the kernel's last capability, whatever our headers know, PR_CAPBSET_READ says EINVAL. report.c reads the set back. */
	for (int capability = 0; capability < 64; capability++) {
		char name[16];
		int failure, there;

		if (is_kept(kept, capability) || prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
			continue;
		failure = errno;
		there = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
		if (there < 0)
			break;
		if (there == 0)
			continue; /* nothing to drop, and perhaps no right to */
		(void)snprintf(name, sizeof(name), "%d", capability);
		return error_set(err, "prctl", failure, name, "cannot drop a capability from the bounding set");
	}
	return 0;
}

/* uid 0 gets nothing by exec or setuid, and neither can be turned back: capabilities(7), "securebits". */
static int lock_securebits(unsigned long more, struct error *err)
{
	unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | more;

	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "securebits", "cannot lock the securebits");
	if ((unsigned long)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != bits)
		return error_set(err, "prctl", EPROTO, "securebits", "are not what they were set to");
	return 0;
}

/* For a uid that is not 0, the ambient set is what exec leaves; it takes permitted and inheritable ones. */
static int raise_ambient(uint64_t kept, struct error *err)
{
	for (int capability = 0; capability < 64; capability++) {
		if (is_kept(kept, capability) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
			return refuse_id(err, "prctl", errno, (unsigned int)capability, "cannot keep a capability over exec");
	}
	return 0;
}

static int keep_capabilities(uint64_t kept, struct error *err)
{
	uint64_t permitted;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "ambient", "cannot clear the ambient capabilities");
	if (read_permitted(&permitted, err) < 0)
		return -1;
	if ((kept & ~permitted) != 0)
		return error_set(err, "", EPERM, "capabilities", "cannot be given: not the caller's own to give (mask %llx)",
				 (unsigned long long)(kept & ~permitted));
	if (set_capabilities(permitted, kept, err) < 0 || raise_ambient(kept, err) < 0)
		return -1;
	/* Only now, while CAP_SETPCAP is still there. */
	if (lock_securebits(SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED, err) < 0)
		return -1;
	return set_capabilities(kept, kept, err);
}

int creds_become_job(const struct plan *plan, struct error *err)
{
	if (plan->process.has_groups && setgroups(plan->process.group_count, plan->process.groups) < 0)
		return error_set(err, "setgroups", errno, "", "cannot set the supplementary groups");
	if (plan->process.has_gid && set_gid(plan->process.gid, err) < 0)
		return -1;
	/* NO_SETUID_FIXUP is locked before the uid changes: the capabilities survive it and are dropped in one step after. */
	if (plan->process.drop_capabilities &&
	    (shrink_bounding_set(plan->process.capabilities, err) < 0 || lock_securebits(0, err) < 0))
		return -1;
	if (plan->process.has_uid && set_uid(plan->process.uid, err) < 0)
		return -1;
	return plan->process.drop_capabilities ? keep_capabilities(plan->process.capabilities, err) : 0;
}

int creds_no_new_privs(struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "no_new_privs", "cannot forbid new privileges");
	return 0;
}
