/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <jansson.h>

#include "emit.h"

/* Whether the text is just this, and is also what another reader takes for JSON. */
static bool written(struct emitter *out, const char *expected)
{
	size_t size = 0;
	const char *text = emit_end(out, &size);
	json_t *read = text != NULL ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	bool same = read != NULL && size == strlen(expected) && memcmp(text, expected, size) == 0 && text[size] == '\0';

	if (!same)
		tap_print("# %s", text != NULL ? text : "nothing");
	json_decref(read);
	emit_release(out);
	return same;
}

static void test_structure(void)
{
	struct emitter out, part;

	emit_begin(&out);
	CHECK(written(&out, "{}"), "an object with nothing in it");
	emit_begin(&out);
	emit_open_array(&out, "a");
	emit_close_array(&out);
	emit_open_object(&out, "o");
	emit_close_object(&out);
	emit_open_array(&out, "b");
	emit_integer(&out, NULL, 1);
	emit_open_object(&out, NULL);
	emit_null(&out, "n");
	emit_close_object(&out);
	emit_boolean(&out, NULL, true);
	emit_boolean(&out, NULL, false);
	emit_text(&out, NULL, "[");
	emit_text(&out, NULL, "{");
	emit_integer(&out, NULL, 2);
	emit_close_array(&out);
	emit_hex(&out, "h", UINT64_C(0x1ff00abcdef));
	CHECK(written(&out, "{\"a\":[],\"o\":{},\"b\":[1,{\"n\":null},true,false,\"[\",\"{\",2],\"h\":\"000001ff00abcdef\"}"),
	      "commas are between values, and only there");
	emit_begin_part(&part);
	emit_open_array(&part, NULL);
	emit_integer(&part, NULL, 3);
	emit_close_array(&part);
	emit_begin(&out);
	emit_integer(&out, "first", 0);
	emit_part(&out, "part", &part);
	emit_integer(&out, "last", 0);
	emit_release(&part);
	CHECK(written(&out, "{\"first\":0,\"part\":[3],\"last\":0}"), "a part goes where it is put");
}

static void test_integers(void)
{
	struct emitter out;

	emit_begin(&out);
	emit_integer(&out, "a", 0);
	emit_integer(&out, "b", INT64_MAX);
	emit_integer(&out, "c", INT64_MIN);
	emit_integer(&out, "d", -10);
	CHECK(written(&out, "{\"a\":0,\"b\":9223372036854775807,\"c\":-9223372036854775808,\"d\":-10}"), "integers to the last digit");
}

static void test_texts(void)
{
	struct emitter out;

	emit_begin(&out);
	emit_text(&out, "q", "a\"b\\c/");
	emit_text(&out, "c", "\n\t\x01\x1f\x7f");
	emit_text(&out, "u", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	emit_text(&out, "\"\n", "");
	CHECK(written(&out, "{\"q\":\"a\\\"b\\\\c/\",\"c\":\"\\u000a\\u0009\\u0001\\u001f\x7f\","
			    "\"u\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\",\"\\\"\\u000a\":\"\"}"),
	      "what must be is escaped, in names too, and nothing else is");
	emit_begin(&out);
	emit_text(&out, "cut", "a\xc3\xa4\xe2\x82");
	CHECK(written(&out, "{\"cut\":\"a????\"}"), "a text that is cut in a character is question marks, not no event");
}

static void test_utf8(void)
{
	static const char *const good[] = {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
					   "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe2\x82",
					  "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
					  "\xf5\x80\x80\x80", "\xff"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(emit_is_utf8(good[i]), "UTF-8, %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!emit_is_utf8(bad[i]), "not UTF-8, %zu", i);
}

/* Larger than any first guess; and where there is no memory nothing is written, and it is said. */
static void test_memory(void)
{
	struct emitter out, part;
	size_t size;
	char *text;

	emit_begin(&out);
	emit_open_array(&out, "a");
	for (int i = 0; i < 20000; i++)
		emit_text(&out, NULL, "0123456789");
	emit_close_array(&out);
	text = emit_end(&out, &size);
	CHECK(text != NULL && size == 7 + 20000 * 13 && strcmp(text + size - 5, "89\"]}") == 0, "any length");
	emit_release(&out);
	emit_begin_part(&part);
	part.failed = true;
	emit_begin(&out);
	emit_part(&out, "a", &part);
	emit_integer(&out, "b", 1);
	CHECK(emit_end(&out, &size) == NULL, "an event with a part that could not be built is none");
	emit_release(&out);
	emit_integer(&out, "c", 1);
	CHECK(out.memory == NULL, "what is released takes nothing any more");
}

int main(void)
{
	test_structure();
	test_integers();
	test_texts();
	test_utf8();
	test_memory();
	return tap_done();
}
