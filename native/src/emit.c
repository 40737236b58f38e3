/* SPDX-License-Identifier: Apache-2.0 */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

/* A report with two lines of maps; larger ones double it. */
#define FIRST_ROOM 3072u

/* Room for more bytes and a NUL: where they go, or NULL. */
static char *reserve(struct emitter *out, size_t size)
{
	size_t room = out->room == 0 ? FIRST_ROOM : out->room;
	char *larger;

	if (out->failed)
		return NULL;
	if (out->memory != NULL && out->room - out->length > size)
		return out->memory + out->length;
	while (room - out->length <= size)
		room *= 2;
	larger = realloc(out->memory, room);
	if (larger == NULL) {
		out->failed = true;
		return NULL;
	}
	out->memory = larger;
	out->room = room;
	return larger + out->length;
}

static void put(struct emitter *out, const char *text, size_t length)
{
	char *place = reserve(out, length);

	if (place == NULL)
		return;
	memcpy(place, text, length);
	out->length += length;
}

static void put_byte(struct emitter *out, char byte)
{
	put(out, &byte, 1);
}

/* How many bytes the character has that begins here; 0: none does. */
static size_t character(const unsigned char *text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;
	uint32_t code;

	if (size < 2)
		return size;
	code = text[0] & (0xffu >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : size;
}

bool emit_is_utf8(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	while (*byte != '\0') {
		size_t size = character(byte);

		if (size == 0)
			return false;
		byte += size;
	}
	return true;
}

/* What RFC 8259 wants escaped, and nothing more. */
static void put_escaped(struct emitter *out, unsigned char byte)
{
	char code[6] = {'\\', 'u', '0', '0', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};

	if (byte == '"' || byte == '\\')
		put(out, (const char[]){'\\', (char)byte}, 2);
	else
		put(out, code, sizeof(code));
}

static void put_quoted(struct emitter *out, const char *text)
{
	bool exact = emit_is_utf8(text);
	const char *from = text;

	put_byte(out, '"');
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte >= 0x20 && byte != '"' && byte != '\\' && (exact || byte < 0x80))
			continue;
		put(out, from, (size_t)(text - from));
		from = text + 1;
		if (byte >= 0x80)
			put_byte(out, '?');
		else
			put_escaped(out, byte);
	}
	put(out, from, (size_t)(text - from));
	put_byte(out, '"');
}

/* The comma after what is there already, and the key. */
static void put_key(struct emitter *out, const char *key)
{
	char last = !out->failed && out->length > EMIT_AHEAD ? out->memory[out->length - 1] : '{';

	if (last != '{' && last != '[')
		put_byte(out, ',');
	if (key == NULL)
		return;
	put_quoted(out, key);
	put_byte(out, ':');
}

void emit_begin(struct emitter *out)
{
	emit_begin_part(out);
	put_byte(out, '{');
}

void emit_begin_part(struct emitter *out)
{
	*out = (struct emitter){.length = EMIT_AHEAD};
}

void emit_part(struct emitter *out, const char *key, const struct emitter *part)
{
	put_key(out, key);
	if (part->failed || part->memory == NULL)
		out->failed = true;
	else
		put(out, part->memory + EMIT_AHEAD, part->length - EMIT_AHEAD);
}

char *emit_end(struct emitter *out, size_t *ret_size)
{
	put_byte(out, '}');
	if (out->failed)
		return NULL;
	out->memory[out->length] = '\0';
	*ret_size = out->length - EMIT_AHEAD;
	return out->memory + EMIT_AHEAD;
}

void emit_release(struct emitter *out)
{
	free(out->memory);
	*out = (struct emitter){.failed = true};
}

void emit_open_object(struct emitter *out, const char *key)
{
	put_key(out, key);
	put_byte(out, '{');
}

void emit_close_object(struct emitter *out)
{
	put_byte(out, '}');
}

void emit_open_array(struct emitter *out, const char *key)
{
	put_key(out, key);
	put_byte(out, '[');
}

void emit_close_array(struct emitter *out)
{
	put_byte(out, ']');
}

void emit_integer(struct emitter *out, const char *key, int64_t value)
{
	char digits[24];
	char *first = digits + sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--first = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--first = '-';
	put_key(out, key);
	put(out, first, (size_t)(digits + sizeof(digits) - first));
}

void emit_boolean(struct emitter *out, const char *key, bool value)
{
	put_key(out, key);
	put(out, value ? "true" : "false", value ? 4 : 5);
}

void emit_null(struct emitter *out, const char *key)
{
	put_key(out, key);
	put(out, "null", 4);
}

void emit_hex(struct emitter *out, const char *key, uint64_t value)
{
	char digits[18] = "\"";

	for (int i = 0; i < 16; i++)
		digits[i + 1] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
	digits[17] = '"';
	put_key(out, key);
	put(out, digits, sizeof(digits));
}

void emit_text(struct emitter *out, const char *key, const char *text)
{
	put_key(out, key);
	put_quoted(out, text);
}
