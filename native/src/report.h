/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says about the built job, checked against the plan, and the events made of it: PROTOCOL.md, "Events".
 * Runs in: supervisor.
 */
#ifndef NSJOB_REPORT_H
#define NSJOB_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "sync.h"

struct error;
struct launch;

/*
 * Reads once which namespaces and how many filters are ours, and so those of all whom we fork outside of new ones: the launcher
 * does it for its supervisors.
 */
int report_know_ourselves(int proc_dir, struct error *err);

/*
 * Reads the job's namespaces, maps and credentials back and compares them with what was asked for: a new namespace that
 * is the host's, a kept capability, a missing no_new_privs are failures.
 */
int report_verify(const struct launch *launch, struct error *err);

/* The body of `prepared`: what report_verify() has found. */
int report_prepared(const struct launch *launch, json_t **ret_event, struct error *err);

/* Bodies of the other events; NULL when memory ran out, which wire_send() turns into an error. */
json_t *report_hello(const char *secret);
json_t *report_started(const uint64_t nanos[STAGE_COUNT]);
/* Of a command in an open sandbox, all else of which is as the sandbox's: pids as the supervisor sees them, but for `inside`. */
json_t *report_running(pid_t host, pid_t inside, pid_t runner, const uint64_t nanos[STAGE_COUNT]);
/* record NULL: the main process' end was never told; lost NULL: nobody died under it; cause NULL: it ended by itself. */
json_t *report_exited(const struct exit_record *record, const char *lost, const char *cause, uint64_t wall_nanos);
/* cgroups: from cgroup_figures(), taken over. */
json_t *report_usage(const struct rusage *usage, uint64_t wall_nanos, int survivors, json_t *cgroups);
json_t *report_error(const struct error *error);
/* A tool's words or a path cut in the middle of a character must not cost us a whole event. */
json_t *report_text(const char *text);

/* --describe: protocol, stages, kinds and features as data, for the contract test. */
json_t *report_description(void);

#endif
