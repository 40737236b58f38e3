/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts of a plan: which fields each step has, and which steps may follow which.
 */
#include <string.h>
#include <sys/mount.h>

#include "base64.h"
#include "bounds.h"
#include "error.h"
#include "json.h"
#include "plan_memory.h"
#include "plan_read.h"

/*
 * Absolute and without empty, "." or ".." parts: the same place whether it is taken as text or walked, and never the root
 * itself, which only a propagation may name.
 */
static int read_target(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return step->op == MOUNT_PROPAGATION ? plan_read_path(node, &step->target, err)
					     : plan_read_target(node, &step->target, err);
}

static int read_source(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return plan_read_path(node, &step->source, err);
}

static int read_value(const struct json_node *node, struct mount_step *step, struct error *err)
{
	static const char *const values[] = {"unchanged", "private", "slave", "shared", NULL};
	static const unsigned long flags[] = {0, MS_PRIVATE, MS_SLAVE, MS_SHARED};
	int index;

	if (json_read_choice(node, values, &index, err) < 0)
		return -1;
	step->propagation = flags[index];
	return 0;
}

static int read_recursive(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->recursive, err);
}

static int read_read_only(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->read_only, err);
}

static int read_no_suid(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->no_suid, err);
}

static int read_no_dev(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->no_dev, err);
}

static int read_no_exec(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->no_exec, err);
}

static int read_no_symfollow(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->no_symfollow, err);
}

static int read_optional(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_bool(node, &step->optional, err);
}

static int read_size(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_int(node, 1, INT64_MAX, &step->size, err);
}

static int read_inodes(const struct json_node *node, struct mount_step *step, struct error *err)
{
	/* 0 would be "without limit" to tmpfs. */
	return json_read_u32(node, 1, INT32_MAX, &step->inodes, err);
}

static int read_mode(const struct json_node *node, struct mount_step *step, struct error *err)
{
	uint32_t mode;

	/* Sticky, but no set-id bits: nothing that the helper makes needs them. */
	if (json_read_u32(node, 0, 01777, &mode, err) < 0)
		return -1;
	step->mode = (mode_t)mode;
	return 0;
}

static int read_text(const struct json_node *node, struct mount_step *step, struct error *err)
{
	return json_read_string(node, 1, LIMIT_PATH - 1, &step->text, err);
}

static int read_content(const struct json_node *node, struct mount_step *step, struct error *err)
{
	const char *text = ""; /* set on success; the analyzer cannot tell */

	if (json_read_string(node, 0, LIMIT_PLAN_BYTES, &text, err) < 0)
		return -1;
	step->content = plan_malloc(strlen(text) + 1);
	if (step->content == NULL)
		return plan_out_of_memory(err);
	if (!base64_decode(text, step->content, &step->content_size))
		return json_refuse(node, err, "is not base64");
	return 0;
}

static int read_paths(const struct json_node *node, struct mount_step *step, struct error *err)
{
	size_t count;

	if (json_read_array(node, 1, LIMIT_MOUNT_PATHS, &count, err) < 0)
		return -1;
	step->paths = plan_calloc(count + 1, sizeof(*step->paths));
	if (step->paths == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(node, i);

		if (read_target(&element, step, err) < 0)
			return -1;
		step->paths[i] = step->target;
	}
	step->target = NULL;
	return 0;
}

/* The steps that begin a root. */
#define PLAN_ROOTS (1u << MOUNT_ROOT | 1u << MOUNT_ROOT_BIND | 1u << MOUNT_ROOT_OVERLAY)
/* Those that only prepare an overlay. */
#define PLAN_LAYERS (1u << MOUNT_LOWER | 1u << MOUNT_UPPER)
#define PLAN_OVERLAYS (1u << MOUNT_OVERLAY | 1u << MOUNT_ROOT_OVERLAY)

enum {
	TARGET = 1 << 0,
	SOURCE = 1 << 1,
	VALUE = 1 << 2,
	RECURSIVE = 1 << 3,
	READ_ONLY = 1 << 4,
	NO_SUID = 1 << 5,
	NO_DEV = 1 << 6,
	NO_EXEC = 1 << 7,
	OPTIONAL = 1 << 8,
	SIZE = 1 << 9,
	INODES = 1 << 10,
	MODE = 1 << 11,
	TEXT = 1 << 12,
	CONTENT = 1 << 13,
	PATHS = 1 << 14,
	NO_SYMFOLLOW = 1 << 15,
	ID_MAP = 1 << 16,
};

/* One bit above each. The fields of a step are required: a default would be a thought. Those of few steps are absent from most. */
static const struct {
	const char *name;
	int (*read)(const struct json_node *node, struct mount_step *step, struct error *err);
} fields[] = {
	{"target", read_target},     {"source", read_source},	  {"value", read_value},  {"recursive", read_recursive},
	{"readOnly", read_read_only}, {"noSuid", read_no_suid},	  {"noDev", read_no_dev}, {"noExec", read_no_exec},
	{"optional", read_optional}, {"size", read_size},	  {"inodes", read_inodes}, {"mode", read_mode},
	{"text", read_text},	     {"base64", read_content},	  {"paths", read_paths},
	{"noSymfollow", read_no_symfollow}, {"idMap", NULL}, /* that one is about the plan's maps too */
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static const char *const op_names[] = {"propagation", "proc",  "root",	 "rootBind", "rootOverlay", "bind",    "lower", "upper", "overlay",
				       "tmpfs",	      "writable", "dev",   "sysfs",	 "mqueue",   "directory",   "symlink", "file",	"mask",	 "readOnly",
				       "pivot",	      NULL};
static const unsigned int op_fields[] = {
	[MOUNT_PROPAGATION] = TARGET | VALUE | RECURSIVE,
	[MOUNT_PROC] = TARGET,
	[MOUNT_ROOT] = SIZE | INODES | MODE,
	[MOUNT_ROOT_BIND] = SOURCE | RECURSIVE | READ_ONLY | NO_SUID | NO_DEV,
	[MOUNT_BIND] = TARGET | SOURCE | RECURSIVE | READ_ONLY | NO_SUID | NO_DEV | NO_EXEC | OPTIONAL,
	[MOUNT_LOWER] = SOURCE,
	[MOUNT_UPPER] = SOURCE,
	[MOUNT_OVERLAY] = TARGET,
	[MOUNT_TMPFS] = TARGET | SIZE | INODES | MODE | NO_EXEC,
	[MOUNT_WRITABLE] = TARGET | MODE | NO_EXEC,
	[MOUNT_DEV] = TARGET | SIZE | INODES,
	[MOUNT_SYSFS] = TARGET,
	[MOUNT_MQUEUE] = TARGET,
	[MOUNT_DIRECTORY] = TARGET | MODE,
	[MOUNT_SYMLINK] = TARGET | TEXT,
	[MOUNT_FILE] = TARGET | MODE | CONTENT,
	[MOUNT_MASK] = PATHS,
	[MOUNT_READ_ONLY] = PATHS,
	[MOUNT_PIVOT] = READ_ONLY,
};

static const unsigned int op_optional[MOUNT_PIVOT + 1] = {
	[MOUNT_ROOT_BIND] = NO_SYMFOLLOW | ID_MAP,
	[MOUNT_BIND] = NO_SYMFOLLOW | ID_MAP,
	[MOUNT_LOWER] = ID_MAP,
	[MOUNT_UPPER] = ID_MAP,
	[MOUNT_OVERLAY] = SIZE | INODES,
	[MOUNT_ROOT_OVERLAY] = SIZE | INODES,
	[MOUNT_TMPFS] = NO_SYMFOLLOW,
};

static int read_fields(const struct json_node *node, const struct plan *plan, struct mount_step *step, struct error *err)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		struct json_node field = json_member(node, fields[i].name);
		bool optional = (op_optional[step->op] & (1u << i)) != 0;

		if ((op_fields[step->op] & (1u << i)) == 0 && !(optional && field.value != NULL))
			continue;
		if (fields[i].read == NULL ? plan_read_disk_map(&field, plan, &step->map, err) < 0 : fields[i].read(&field, step, err) < 0)
			return -1;
	}
	return 0;
}

static int read_mount(const struct json_node *node, const struct plan *plan, struct mount_step *ret_step, struct error *err)
{
	const char *names[FIELD_COUNT + 2] = {"op"};
	struct json_node op = json_member(node, "op");
	size_t count = 1;
	int index;

	if (!json_is_object(node->value))
		return json_refuse(node, err, "must be an object");
	if (json_read_choice(&op, op_names, &index, err) < 0)
		return -1;
	ret_step->op = (enum mount_op)index;
	/* A layer with locked mounts below cannot be cloned without them, but it is a layer without them. */
	ret_step->recursive = (1u << index & PLAN_LAYERS) != 0;
	ret_step->read_only = index == MOUNT_LOWER;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (((op_fields[index] | op_optional[index]) & (1u << i)) != 0)
			names[count++] = fields[i].name;
	}
	return json_only(node, names, err) < 0 ? -1 : read_fields(node, plan, ret_step, err);
}

/* What the kernel would refuse late, with less of an explanation. */
static int check_namespaces(const struct json_node *node, const struct plan *plan, enum mount_op op, struct error *err)
{
	if (op != MOUNT_PROPAGATION && op != MOUNT_PROC && plan->namespaces[NS_MNT].mode != NS_MODE_NEW)
		return json_refuse(node, err, "needs a new mount namespace");
	/* The kernel mounts the proc of the mounter's pid namespace; another's is refused, proc(5). */
	if (op == MOUNT_PROC && plan->namespaces[NS_PID].mode != NS_MODE_NEW)
		return json_refuse(node, err, "proc needs a new pid namespace");
	if (op == MOUNT_SYSFS && plan->namespaces[NS_NET].mode == NS_MODE_INHERIT)
		return json_refuse(node, err, "sysfs needs a net namespace that is not the caller's");
	if (op == MOUNT_MQUEUE && plan->namespaces[NS_IPC].mode != NS_MODE_NEW)
		return json_refuse(node, err, "mqueue needs a new ipc namespace");
	return 0;
}

static bool any_before(const struct plan *plan, size_t index, unsigned int ops)
{
	for (size_t i = 0; i < index; i++) {
		if ((1u << plan->mounts[i].op & ops) != 0)
			return true;
	}
	return false;
}

/* Lower layers, the upper one or a size for a throw-away one, overlay: nothing else in between. */
static int check_layers(const struct json_node *node, const struct plan *plan, size_t index, struct error *err)
{
	const struct mount_step *step = &plan->mounts[index];
	enum mount_op before = index > 0 ? plan->mounts[index - 1].op : MOUNT_PIVOT;
	bool after_lower = before == MOUNT_LOWER;
	bool after_upper = before == MOUNT_UPPER;
	bool sized = step->size > 0 && step->inodes > 0;

	if (step->op == MOUNT_LOWER)
		return after_upper ? json_refuse(node, err, "comes before the upper layer") : 0;
	if (step->op == MOUNT_UPPER)
		return after_lower ? 0 : json_refuse(node, err, "needs a lower layer before it");
	if ((1u << step->op & PLAN_OVERLAYS) == 0)
		return after_lower || after_upper ? json_refuse(node, err, "comes between layers and their overlay") : 0;
	if (!after_lower && !after_upper)
		return json_refuse(node, err, "needs a lower layer before it");
	if (after_upper ? step->size > 0 || step->inodes > 0 : !sized)
		return json_refuse(node, err, "needs either an upper layer, or size and inodes");
	return 0;
}

/* A root comes before all that goes into it, and ends with the pivot: half a root is never executed. */
static int check_order(const struct json_node *node, const struct plan *plan, size_t index, size_t count, struct error *err)
{
	static const unsigned int anywhere =
		1u << MOUNT_PROPAGATION | 1u << MOUNT_PROC | 1u << MOUNT_SYSFS | 1u << MOUNT_BIND | 1u << MOUNT_TMPFS | PLAN_ROOTS |
		PLAN_LAYERS | PLAN_OVERLAYS;
	enum mount_op op = plan->mounts[index].op;

	if (check_layers(node, plan, index, err) < 0)
		return -1;
	if (index == count - 1 && (1u << op & PLAN_LAYERS) != 0)
		return json_refuse(node, err, "needs an overlay after it");
	if ((1u << op & PLAN_ROOTS) != 0 && any_before(plan, index, ~(1u << MOUNT_PROPAGATION | PLAN_LAYERS)))
		return json_refuse(node, err, "root must come before all but propagation");
	if (!plan->new_root && (1u << op & anywhere) == 0)
		return json_refuse(node, err, "needs a root step before it");
	if (plan->new_root && (op == MOUNT_PIVOT) != (index == count - 1))
		return json_refuse(node, err, "a root ends with one pivot, the last step");
	if (op == MOUNT_WRITABLE && !any_before(plan, index, 1u << MOUNT_ROOT))
		return json_refuse(node, err, "needs a root that is a tmpfs");
	if (op == MOUNT_MASK && !any_before(plan, index, 1u << MOUNT_ROOT | 1u << MOUNT_TMPFS | 1u << MOUNT_DEV))
		return json_refuse(node, err, "needs a tmpfs before it, for what it hides behind");
	return 0;
}

int plan_read_mounts(const struct json_node *root, struct plan *plan, struct error *err)
{
	struct json_node node = json_member(root, "mounts");
	size_t count;

	if (json_read_array(&node, 0, LIMIT_MOUNTS, &count, err) < 0)
		return -1;
	if (count > 0 && plan->namespaces[NS_MNT].mode == NS_MODE_INHERIT)
		return json_refuse(&node, err, "needs a mount namespace of the job's own");
	plan->mounts = plan_calloc(count + 1, sizeof(*plan->mounts));
	if (plan->mounts == NULL)
		return plan_out_of_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node element = json_element(&node, i);
		struct mount_step *step = &plan->mounts[i];

		plan->mount_count = i + 1; /* for plan_release_mounts() */
		if (read_mount(&element, plan, step, err) < 0 || check_namespaces(&element, plan, step->op, err) < 0)
			return -1;
		if ((1u << step->op & PLAN_ROOTS) != 0)
			plan->new_root = true;
		if (check_order(&element, plan, i, count, err) < 0)
			return -1;
	}
	return 0;
}

void plan_release_mounts(struct plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		plan_free(plan->mounts[i].content);
		plan_free(plan->mounts[i].paths);
		plan_free(plan->mounts[i].map);
	}
	plan_free(plan->mounts);
}
