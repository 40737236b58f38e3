/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_memory.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TOUCHED_BYTES (48u * 1024u)
#define PAGE_BYTES 4096u

static unsigned char *piece; /* NULL: not prepared */
static size_t used;
static bool open_for_more;
static bool overflowed;

void plan_memory_prepare(void)
{
	void *memory = mmap(NULL, PLAN_MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return;
	piece = memory;
	/* For good: what it frees may lie here or there. */
	json_set_alloc_funcs(plan_malloc, plan_free);
}

void plan_memory_touch(void)
{
	for (size_t i = 0; piece != NULL && i < TOUCHED_BYTES; i += PAGE_BYTES)
		((volatile unsigned char *)piece)[i] = 0;
}

void plan_memory_begin(void)
{
	used = 0;
	overflowed = false;
	open_for_more = piece != NULL;
}

void plan_memory_end(void)
{
	open_for_more = false;
}

void *plan_memory_whole(size_t *ret_size)
{
	*ret_size = used;
	return overflowed || used == 0 ? NULL : piece;
}

void *plan_memory_place(void)
{
	return piece;
}

void *plan_malloc(size_t size)
{
	size_t whole = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *memory;

	if (whole < size)
		return NULL;
	if (!open_for_more)
		return malloc(size);
	if (whole > PLAN_MEMORY_BYTES - used) {
		overflowed = true;
		return malloc(size);
	}
	memory = piece + used;
	used += whole;
	return memory;
}

void *plan_calloc(size_t count, size_t size)
{
	size_t whole;
	void *memory;

	if (__builtin_mul_overflow(count, size, &whole))
		return NULL;
	memory = plan_malloc(whole);
	if (memory != NULL)
		memset(memory, 0, whole);
	return memory;
}

void plan_free(void *memory)
{
	uintptr_t at = (uintptr_t)memory;

	if (piece == NULL || at < (uintptr_t)piece || at >= (uintptr_t)piece + PLAN_MEMORY_BYTES)
		free(memory);
}
