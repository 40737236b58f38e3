/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files plan*.c only: readers of parts of the document.
 */
#ifndef NSJOB_PLAN_READ_H
#define NSJOB_PLAN_READ_H

#include "json.h"
#include "plan.h"

/* (uid_t)-1 means "unchanged" to the kernel. */
#define UID_MAX_VALID 0xfffffffeu

int plan_out_of_memory(struct error *err);
/* An absolute path, borrowed from the document. */
int plan_read_path(const struct json_node *node, const char **ret_path, struct error *err);
/* Of the capabilities that drop_capabilities leaves. */
bool plan_keeps_sys_admin(const struct plan *plan);
/* pid and startTime, both required. */
int plan_read_pinned(const struct json_node *node, struct ns_request *request, struct error *err);
/* A required boolean. */
int plan_read_flag(const struct json_node *object, const char *key, bool *ret_flag, struct error *err);
/* ownedStdio of a process or of a command. */
int plan_read_owned_stdio(const struct json_node *process, struct plan *plan, struct error *err);
/* limits, required. */
int plan_read_limits(const struct json_node *root, struct plan *plan, struct error *err);
/* process, with the maps read before: they decide whether groups can be set. */
int plan_read_process(const struct json_node *root, struct plan *plan, struct error *err);
/* Of process: resource limits, priorities, processors. */
int plan_read_process_limits(const struct json_node *process, struct plan *plan, struct error *err);
/* Of process: capabilities, keyring, Landlock, and what needs the namespaces read before. */
int plan_read_privileges(const struct json_node *process, struct plan *plan, struct error *err);
/* idMaps, required with a new user namespace and refused without. */
int plan_read_maps(const struct json_node *root, struct plan *plan, struct error *err);

/* idMap of a mount, with the maps read before. plan_free() it. */
int plan_read_disk_map(const struct json_node *node, const struct plan *plan, struct disk_map **ret_map, struct error *err);

/* cgroups, and of limits the source of processor time, which is one of their files. */
int plan_read_cgroups(const struct json_node *root, struct plan *plan, struct error *err);
int plan_read_cpu_source(const struct json_node *limits, struct plan *plan, struct error *err);

/* mounts, with the namespaces read before. */
int plan_read_mounts(const struct json_node *root, struct plan *plan, struct error *err);
void plan_release_mounts(struct plan *plan);

/* A path that names one place inside the job: absolute, without empty, . or .. parts, and not "/". */
int plan_read_target(const struct json_node *node, const char **ret_path, struct error *err);
/* inPlace, with everything else read before, as it refuses what needs a supervisor; and pins. */
int plan_read_in_place(const struct json_node *root, struct plan *plan, struct error *err);
int plan_read_pins(const struct json_node *root, struct plan *plan, struct error *err);
int plan_read_collect(const struct json_node *root, struct plan *plan, struct error *err);

#endif
