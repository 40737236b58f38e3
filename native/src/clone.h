/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone(2): a child in new namespaces, with a pidfd from birth.
 */
#ifndef NSJOB_CLONE_H
#define NSJOB_CLONE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Like fork(2) with CLONE_* flags: 0 in the child, its pid in the parent (-1 with errno on failure) and a CLOEXEC pidfd in
 * *ret_pidfd. clone3(2) first; where it is not to be had (before Linux 5.3, or a container's filter), clone(2).
 * With CLONE_PARENT the child is a sibling, and the pid is only good for a look.
 */
pid_t clone_process(uint64_t flags, int *ret_pidfd);

/*
 * The same, born in the cgroup of version 2 whose directory this is (CLONE_INTO_CGROUP, Linux 5.7), or -1. Refused or unknown to the kernel: born
 * where the caller is, and clone_was_into_cgroup() says false in the child, which then has to go there itself.
 */
pid_t clone_into(uint64_t flags, int cgroup, int *ret_pidfd);
bool clone_was_into_cgroup(void);

/* Like fork(2), without glibc's part in it, which is for threads: an ordinary child, whom its parent knows by its pid. */
pid_t clone_plain(void);

/* With clone(2) alone, for a process whose own filter is on already: some kill for clone3(2), whose flags no filter can see. */
pid_t clone_filtered(uint64_t flags, int *ret_pidfd);

/* "clone3" or "clone": the call that the last clone_process() ended with, for error objects. */
const char *clone_call(void);

#endif
