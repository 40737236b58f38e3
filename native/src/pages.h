/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each page that a process writes to after a fork is copied first, which takes as long as several system calls. What is written in
 * every launch lies together.
 */
#ifndef NSJOB_PAGES_H
#define NSJOB_PAGES_H

/* For static variables that begin as zeros. The linker sorts by name. */
#define _written_ __attribute__((section(".bss..written.1")))
/* Behind them, in this order, large ones of which only the front is written in most launches. */
#define _written_in_front_(order) __attribute__((section(".bss..written." #order)))

#endif
