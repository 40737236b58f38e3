/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where plans lie: the document, and what is made of it. In a process that has prepared for it a plan is one piece of memory,
 * at an address that its children know too, so that one of them can be given a copy; else it is as malloc(3) has it.
 */
#ifndef NSJOB_PLAN_MEMORY_H
#define NSJOB_PLAN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* So much is one message of a socket as the kernel has them; a plan of a whole root takes about half of it. */
#define PLAN_MEMORY_BYTES (128u * 1024u)

/* Before the fork of those that will be given a copy. Refused by the kernel: then plans lie anywhere. */
void plan_memory_prepare(void);

/* Takes the faults of the pages that most plans need. In each process for itself, a fork does not copy them. */
void plan_memory_touch(void);

/* What is allocated between the two lies in the piece, as far as it goes. For one plan: nothing is ever taken back. */
void plan_memory_begin(void);
void plan_memory_end(void);

/* The piece, with its size so far; NULL where the plan does not lie in it, not whole, or not in any. */
void *plan_memory_whole(size_t *ret_size);
/* Where a copy of it goes: the same place in a child. */
void *plan_memory_place(void);

void *plan_malloc(size_t size);
void *plan_calloc(size_t count, size_t size);
void plan_free(void *memory);

static inline void plan_free_at(void *pointer)
{
	plan_free(*(void **)pointer);
}

#define _cleanup_plan_free_ __attribute__((cleanup(plan_free_at)))

#endif
