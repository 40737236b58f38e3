/* SPDX-License-Identifier: Apache-2.0 */
#include "creds.h"

#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <stdio.h>
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

static int set_gid(gid_t gid, struct error *err)
{
	char id[16];

	(void)snprintf(id, sizeof(id), "%u", gid);
	if (setresgid(gid, gid, gid) < 0)
		return error_set(err, "setresgid", errno, id, "cannot switch to group id %u", gid);
	return getegid() == gid ? 0 : error_set(err, "getegid", EPROTO, id, "the group id did not change");
}

static int set_uid(uid_t uid, struct error *err)
{
	char id[16];

	(void)snprintf(id, sizeof(id), "%u", uid);
	if (setresuid(uid, uid, uid) < 0)
		return error_set(err, "setresuid", errno, id, "cannot switch to user id %u", uid);
	return geteuid() == uid ? 0 : error_set(err, "geteuid", EPROTO, id, "the user id did not change");
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
	 * user's program exists yet; become_reaper() closes this again before there is one.
	 */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "dumpable", "cannot reach our own /proc entries");
	return 0;
}

/* Permitted, effective and inheritable at once; the ambient set is a subset of both and empties itself. */
static int set_capabilities(uint64_t kept, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)kept, .permitted = (uint32_t)kept},
		{.effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32)},
	};

	if (sys_capset(&header, data) < 0)
		return error_set(err, "capset", errno, "", "cannot drop capabilities");
	return 0;
}

int creds_shed_init(bool keep_kill, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}};
	uint64_t kill_bit = UINT64_C(1) << CAP_KILL;

	if (sys_capget(&header, data) < 0)
		return error_set(err, "capget", errno, "", "cannot read init's capabilities");
	return set_capabilities(keep_kill ? data[0].permitted & kill_bit : 0, err);
}

static int empty_bounding_set(struct error *err)
{
	/* PR_CAPBSET_READ says EINVAL past the kernel's last capability, whatever our headers know. */
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
		char name[16];

		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%d", capability);
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return error_set(err, "prctl", errno, name, "cannot drop a capability from the bounding set");
	}
	return 0;
}

static int lock_securebits(struct error *err)
{
	/* uid 0 gets nothing by exec or setuid, and neither can be turned back: capabilities(7), "securebits". */
	unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "securebits", "cannot lock the securebits");
	return 0;
}

int creds_become_job(const struct plan *plan, struct error *err)
{
	if (plan->process.has_groups && setgroups(plan->process.group_count, plan->process.groups) < 0)
		return error_set(err, "setgroups", errno, "", "cannot set the supplementary groups");
	if (plan->process.has_gid && set_gid(plan->process.gid, err) < 0)
		return -1;
	/* NO_SETUID_FIXUP is locked before the uid changes: the capabilities survive it and are dropped in one step after. */
	if (plan->process.drop_capabilities && (empty_bounding_set(err) < 0 || lock_securebits(err) < 0))
		return -1;
	if (plan->process.has_uid && set_uid(plan->process.uid, err) < 0)
		return -1;
	if (!plan->process.drop_capabilities)
		return 0;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "ambient", "cannot clear the ambient capabilities");
	return set_capabilities(0, err);
}

int creds_no_new_privs(struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, "prctl", errno, "no_new_privs", "cannot forbid new privileges");
	return 0;
}
