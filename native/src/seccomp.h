/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job's system call filter: bytes that Java compiled, decoded by the plan's parser and installed as they are.
 * Runs in: every process (decoding), the job (installing).
 */
#ifndef NSJOB_SECCOMP_H
#define NSJOB_SECCOMP_H

#include <stddef.h>

struct error;
struct plan;
struct sock_filter;

/* Base64 of 1 to LIMIT_FILTER whole instructions: 0; -1 when it is not that; -2 out of memory. *ret_code: plan_free(). */
int seccomp_decode(const char *text, struct sock_filter **ret_code, size_t *ret_count);

/* Installs the plan's filter on this process. Nothing after it may need a call that the filter forbids. */
int seccomp_install(const struct plan *plan, struct error *err);

#endif
