/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and words in lines of text, one after another: what files of /proc and a caller's lines consist of. In place of
 * sscanf(3), which brings all of libc's floating point into a static program, and takes what is too large for a number.
 * Each call skips blanks and tabs, never the end of a line, and moves *at behind what it took; false leaves the result alone.
 */
#ifndef NSJOB_TEXT_H
#define NSJOB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits alone, in base 10 or 16, the latter without 0x; false where there are none, or for more than `most`. */
bool text_number(const char **at, unsigned int base, uint64_t most, uint64_t *ret_number);
bool text_uint32(const char **at, uint32_t *ret_number);
bool text_uint64(const char **at, uint64_t *ret_number);
/* With a minus, perhaps. */
bool text_int(const char **at, int *ret_number);

/* What comes before the next blank or end; false for none, or where `word` has no room for it. */
bool text_word(const char **at, char *word, size_t size);
/* So many words, whatever they are. */
bool text_skip(const char **at, unsigned int words);

#endif
