/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone(2): a child in new namespaces, with a pidfd from birth.
 */
#ifndef NSJOB_CLONE_H
#define NSJOB_CLONE_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Like fork(2) with CLONE_* flags: 0 in the child, its pid in the parent (-1 with errno on failure) and a CLOEXEC pidfd in
 * *ret_pidfd. clone3(2) first; where it is not to be had (before Linux 5.3, or a container's filter), clone(2).
 * With CLONE_PARENT the child is a sibling, and the pid is only good for a look.
 */
pid_t clone_process(uint64_t flags, int *ret_pidfd);

/* "clone3" or "clone": the call that the last clone_process() ended with, for error objects. */
const char *clone_call(void);

#endif
