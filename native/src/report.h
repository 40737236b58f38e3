/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says about the built job, checked against the plan, and the events made of it: PROTOCOL.md, "Events".
 * Runs in: supervisor.
 */
#ifndef NSJOB_REPORT_H
#define NSJOB_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "emit.h"
#include "sync.h"

struct error;
struct launch;
struct plan;

/*
 * Reads once which namespaces and how many filters are ours, and so those of all whom we fork outside of new ones: the launcher
 * does it for its supervisors.
 */
int report_know_ourselves(int proc_dir, struct error *err);

/*
 * In which namespaces the job is, and their maps, is known from its process' birth on where that makes none of its own: read while it
 * prepares itself. job_pid, job_pidfd and job_dir are there.
 */
bool report_may_look_early(const struct plan *plan);
void report_look_early(const struct launch *launch);

/*
 * Reads the job's namespaces, maps and credentials back and compares them with what was asked for: a new namespace that
 * is the host's, a kept capability, a missing no_new_privs are failures.
 */
int report_verify(const struct launch *launch, struct error *err);

/* The body of `prepared`: what report_verify() has found. */
int report_prepared(const struct launch *launch, struct emitter *ret_event, struct error *err);

/* Bodies of the other events; where memory ran out wire_send() makes an error of it. */
struct emitter report_hello(const char *secret);
struct emitter report_started(const uint64_t nanos[STAGE_COUNT]);
/* Of a command in an open sandbox, all else of which is as the sandbox's: pids as the supervisor sees them, but for `inside`. */
struct emitter report_running(pid_t host, pid_t inside, pid_t runner, const uint64_t nanos[STAGE_COUNT]);
/* record NULL: the main process' end was never told; lost NULL: nobody died under it; cause NULL: it ended by itself. */
struct emitter report_exited(const struct exit_record *record, const char *lost, const char *cause, uint64_t wall_nanos);
/* cgroups: from cgroup_figures(), or NULL for none. */
struct emitter report_usage(const struct rusage *usage, uint64_t wall_nanos, int survivors, const struct emitter *cgroups);
struct emitter report_error(const struct error *error);

/* Between report*.c only. `inside` is the pid in the job's own namespace. */
void report_put_pids(struct emitter *out, pid_t host, pid_t inside, pid_t init);
void report_put_stages(struct emitter *out, const uint64_t nanos[STAGE_COUNT]);

/* --describe: protocol, stages, kinds and features as data, for the contract test. */
struct emitter report_description(void);

#endif
