/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON as it goes, into memory that is sent as it is: an event costs what its bytes cost. Where memory runs out the
 * rest is dropped, and emit_end() says so: nobody has to look before.
 */
#ifndef NSJOB_EMIT_H
#define NSJOB_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the header of a frame, before the text. */
#define EMIT_AHEAD 8u

struct emitter {
	char *memory; /* free() */
	size_t length, room;
	bool failed;
};

/* An object that is nobody's member: the first thing that is written. */
void emit_begin(struct emitter *out);
/* Part of an object, to be put into it later: one value, of which emit_end() is not called. */
void emit_begin_part(struct emitter *out);
void emit_part(struct emitter *out, const char *key, const struct emitter *part);

/* Its end: the text, the emitter's still and with a NUL behind it that *ret_size does not count; NULL where memory ran out. */
char *emit_end(struct emitter *out, size_t *ret_size);
void emit_release(struct emitter *out);

/* The key is NULL in an array. */
void emit_open_object(struct emitter *out, const char *key);
void emit_close_object(struct emitter *out);
void emit_open_array(struct emitter *out, const char *key);
void emit_close_array(struct emitter *out);
void emit_integer(struct emitter *out, const char *key, int64_t value);
void emit_boolean(struct emitter *out, const char *key, bool value);
void emit_null(struct emitter *out, const char *key);
/* A tool's words or a path cut in the middle of a character must not cost us a whole event: not UTF-8, it has question marks. */
void emit_text(struct emitter *out, const char *key, const char *text);
/* 16 digits, as proc(5) has sets of capabilities. */
void emit_hex(struct emitter *out, const char *key, uint64_t value);

/* Whether it is UTF-8 as RFC 3629 has it. */
bool emit_is_utf8(const char *text);

#endif
