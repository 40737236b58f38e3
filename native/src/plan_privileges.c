/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan says about the privileges of the job's process, beside its ids.
 */
#include <linux/capability.h>

#include "bounds.h"
#include "error.h"
#include "json.h"
#include "plan_memory.h"
#include "plan_read.h"

bool plan_keeps_sys_admin(const struct plan *plan)
{
	return (plan->process.capabilities >> CAP_SYS_ADMIN & 1) != 0;
}

static int read_capabilities(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "capabilities");
	size_t count;

	if (node.value == NULL)
		return 0;
	if (!plan->process.drop_capabilities)
		return json_refuse(&node, err, "needs dropCapabilities");
	if (json_read_array(&node, 0, 64, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		uint32_t number;

		if (json_read_u32(&element, 0, 63, &number, err) < 0)
			return -1;
		if ((plan->process.capabilities >> number & 1) != 0)
			return json_refuse(&element, err, "is there twice");
		plan->process.capabilities |= UINT64_C(1) << number;
	}
	return 0;
}

static int read_keyring(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const modes[] = {"inherit", "new", "try", NULL};
	struct json_node node = json_member(process, "keyring");
	int mode = KEYRING_INHERITED;

	if (node.value != NULL && json_read_choice(&node, modes, &mode, err) < 0)
		return -1;
	plan->process.keyring = (enum keyring_mode)mode;
	return 0;
}

static int read_rule(const struct json_node *node, int64_t handled, struct landlock_rule *ret_rule, struct error *err)
{
	static const char *const fields[] = {"path", "access", NULL};
	struct json_node path = json_member(node, "path");
	struct json_node access = json_member(node, "access");
	int64_t bits;

	if (json_require(node, err) < 0 || json_only(node, fields, err) < 0 || plan_read_path(&path, &ret_rule->path, err) < 0 ||
	    json_read_int(&access, 1, INT64_MAX, &bits, err) < 0)
		return -1;
	if ((bits & ~handled) != 0)
		return json_refuse(&access, err, "has bits that are not handled");
	ret_rule->access = (uint64_t)bits;
	return 0;
}

static int read_rules(const struct json_node *landlock, int64_t handled, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(landlock, "rules");
	size_t count;

	if (json_read_array(&node, 0, LIMIT_LANDLOCK_RULES, &count, err) < 0)
		return -1;
	plan->process.landlock.rules = plan_calloc(count + 1, sizeof(struct landlock_rule));
	if (plan->process.landlock.rules == NULL)
		return plan_out_of_memory(err);
	plan->process.landlock.rule_count = count;
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);

		if (read_rule(&element, handled, &plan->process.landlock.rules[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_landlock(const struct json_node *process, struct plan *plan, struct error *err)
{
	static const char *const fields[] = {"handled", "scoped", "minimumAbi", "required", "rules", NULL};
	struct json_node node = json_member(process, "landlock");
	struct json_node handled_node, scoped_node, abi;
	int64_t handled, scoped;

	plan->process.landlock.wanted = node.value != NULL;
	if (!plan->process.landlock.wanted)
		return 0;
	handled_node = json_member(&node, "handled");
	scoped_node = json_member(&node, "scoped");
	abi = json_member(&node, "minimumAbi");
	if (json_only(&node, fields, err) < 0 || json_read_int(&handled_node, 0, INT64_MAX, &handled, err) < 0 ||
	    json_read_int(&scoped_node, 0, INT64_MAX, &scoped, err) < 0 ||
	    json_read_u32(&abi, 1, INT32_MAX, &plan->process.landlock.minimum_abi, err) < 0 ||
	    plan_read_flag(&node, "required", &plan->process.landlock.required, err) < 0 ||
	    read_rules(&node, handled, plan, err) < 0)
		return -1;
	if (handled == 0 && scoped == 0)
		return json_refuse(&node, err, "handles nothing");
	/* landlock_restrict_self(2) wants it, or CAP_SYS_ADMIN; with the latter the job could have its way anyway. */
	if (!plan->process.no_new_privs)
		return json_refuse(&node, err, "needs noNewPrivs");
	/* Its rules are for the tree outside: those that are not there would be skipped, and what they forbid be allowed. */
	if (plan->process.chroot != NULL)
		return json_refuse(&node, err, "cannot go with chroot");
	plan->process.landlock.handled = (uint64_t)handled;
	plan->process.landlock.scoped = (uint64_t)scoped;
	return 0;
}

static int read_lock_mounts(const struct json_node *process, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(process, "lockMounts");

	if (node.value == NULL)
		return 0;
	if (json_read_bool(&node, &plan->process.lock_mounts, err) < 0)
		return -1;
	if (plan->process.lock_mounts &&
	    (plan->namespaces[NS_USER].mode != NS_MODE_NEW || plan->namespaces[NS_MNT].mode != NS_MODE_NEW))
		return json_refuse(&node, err, "needs a new user and a new mnt namespace");
	/* create_user_ns() says EPERM to who is in a chroot, user_namespaces(7). */
	if (plan->process.lock_mounts && plan->process.chroot != NULL)
		return json_refuse(&node, err, "cannot go with chroot");
	return 0;
}

int plan_read_privileges(const struct json_node *process, struct plan *plan, struct error *err)
{
	if (read_capabilities(process, plan, err) < 0 || read_keyring(process, plan, err) < 0 ||
	    read_landlock(process, plan, err) < 0)
		return -1;
	return read_lock_mounts(process, plan, err);
}
