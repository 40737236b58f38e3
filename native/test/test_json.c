/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "error.h"
#include "json.h"
#include "bounds.h"

static int parse_bytes(const char *text, size_t size, json_t **ret_document, struct error *err)
{
	*ret_document = NULL;
	return json_parse_object(text, size, ret_document, err);
}

static bool refused(const char *text, size_t size)
{
	_cleanup_json_ json_t *document = NULL;
	struct error err = {.errnum = 5};

	return parse_bytes(text, size, &document, &err) < 0 && document == NULL && err.subject[0] == '\0' &&
	       err.errnum == 0 && err.message[0] != '\0';
}

static void test_documents(void)
{
	static const struct {
		const char *text;
		size_t size;
		const char *what;
	} bad[] = {
		{"", 0, "nothing"},
		{"{", 1, "half an object"},
		{"[]", 2, "an array"},
		{"7", 1, "a number"},
		{"null", 4, "null"},
		{"{} {}", 5, "two objects"},
		{"{}x", 3, "an object and more"},
		{"{\"a\":1,\"a\":2}", 13, "a duplicate name"},
		{"{\"a\":{\"b\":1,\"b\":1}}", 19, "a duplicate name further in"},
		{"{\"a\":\"\\u0000\"}", 14, "an escaped NUL"},
		{"{\"\\u0000\":1}", 12, "an escaped NUL in a name"},
		{"{\"a\":\"x\0y\"}", 11, "a bare NUL"},
		{"{\"a\":1}\0", 8, "a NUL after the end"},
		{"{\"a\":\"\xff\"}", 9, "bad UTF-8"},
		{"{\"a\":\"\xc0\xaf\"}", 10, "overlong UTF-8"},
		{"{\"a\":\"\xed\xa0\x80\"}", 11, "a surrogate in UTF-8"},
		{"{\"a\":\"\\ud800\"}", 14, "half a surrogate pair"},
		{"{\"a\":9223372036854775808}", 25, "an integer above 63 bits"},
		{"{\"a\":01}", 8, "a leading zero"},
		{"{\"a\":+1}", 8, "a plus sign"},
		{"{\"a\":NaN}", 9, "NaN"},
		{"{'a':1}", 7, "single quotes"},
		{"{\"a\":1,}", 8, "a comma at the end"},
		{"{\"a\":1/**/}", 11, "a comment"},
		{"\xef\xbb\xbf{}", 5, "a byte order mark"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(refused(bad[i].text, bad[i].size), "refuses %s", bad[i].what);
	CHECK(!refused(" {\n} ", 5), "takes blanks around the object");
	CHECK(!refused("{\"a\":9223372036854775807}", 25), "takes the largest integer");
	CHECK(!refused("{}!", 2), "reads no byte past the size");
}

static void test_depth(void)
{
	for (int depth = LIMIT_DEPTH - 1; depth <= LIMIT_DEPTH + 1; depth++) {
		char text[256] = "{\"a\":";
		size_t length = strlen(text);
		bool is_refused;

		for (int i = 1; i < depth; i++)
			text[length++] = '[';
		for (int i = 1; i < depth; i++)
			text[length++] = ']';
		if (depth == 1)
			text[length++] = '1';
		text[length++] = '}';
		is_refused = refused(text, length);
		CHECK(is_refused == (depth > LIMIT_DEPTH), "%d levels of at most %d: %s", depth, LIMIT_DEPTH,
		      is_refused ? "refused" : "taken");
	}
}

/* A whole message full of brackets: no recursion may follow it down. */
static void test_bottomless(void)
{
	size_t size = LIMIT_PLAN_BYTES;
	char *text = malloc(size);

	if (text == NULL)
		tap_bail("out of memory");
	memset(text, '[', size);
	CHECK(refused(text, size), "a million brackets are refused");
	memcpy(text, "{\"a\":", 5);
	CHECK(refused(text, size), "a million levels are refused");
	free(text);
}

static void test_paths(void)
{
	static const char *const names[] = {"a", NULL};
	static const char text[] = "{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}";
	_cleanup_json_ json_t *document = NULL;
	struct error err;
	struct json_node root = {NULL, NULL, 0, NULL};
	struct json_node a, b, element, c, absent;
	int64_t number;

	if (parse_bytes(text, strlen(text), &document, &err) < 0)
		tap_bail("%s", err.message);
	root.value = document;
	a = json_member(&root, "a");
	b = json_member(&a, "b");
	element = json_element(&b, 1);
	c = json_member(&element, "c");
	absent = json_member(&element, "d");
	CHECK_NUMBER(json_refuse(&c, &err, "too %s", "odd"), -1, "refusing is -1");
	CHECK_TEXT(err.subject, "a.b[1].c", "the path of a member in an element");
	CHECK_TEXT(err.message, "too odd", "and what is wrong with it");
	(void)json_refuse(&root, &err, "no");
	CHECK_TEXT(err.subject, "", "the root has the empty path");
	CHECK(absent.value == NULL, "an absent member has no value");
	CHECK(json_require(&absent, &err) < 0 && strcmp(err.subject, "a.b[1].d") == 0, "an absent member has a path");
	CHECK(json_read_int(&absent, 0, 1, &number, &err) < 0 && strcmp(err.subject, "a.b[1].d") == 0,
	      "reading an absent member names it");
	CHECK(json_only(&root, names, &err) == 0, "known fields are fine");
	CHECK(json_only(&a, names, &err) < 0 && strcmp(err.subject, "a.b") == 0, "an unknown field is named");
	CHECK(json_only(&c, names, &err) < 0 && strcmp(err.subject, "a.b[1].c") == 0, "a text has no fields");
}

/* A name of any length must not run over the path's buffer. */
static void test_long_path(void)
{
	struct error err;
	struct json_node root = {NULL, NULL, 0, NULL};
	struct json_node first, second;
	static char name[LIMIT_PATH * 2];

	memset(name, 'n', sizeof(name) - 1);
	first = (struct json_node){&root, name, 0, NULL};
	second = (struct json_node){&first, NULL, 123456, NULL};
	(void)json_refuse(&second, &err, "no");
	CHECK(strlen(err.subject) < sizeof(err.subject) && err.subject[0] == 'n', "a long path is cut");
	name[LIMIT_PATH - 2] = '\0';
	(void)json_refuse(&second, &err, "no");
	CHECK(strlen(err.subject) == LIMIT_PATH - 1, "also when only its end does not fit");
}

static void test_integers(void)
{
	static const char text[] = "{\"i\":[0,5,10,11,-1,1.0,1e1,\"5\",true,null,[5],{}]}";
	_cleanup_json_ json_t *document = NULL;
	struct error err;
	struct json_node root = {NULL, NULL, 0, NULL};
	struct json_node array;
	int64_t number = -7;
	uint32_t small;

	if (parse_bytes(text, strlen(text), &document, &err) < 0)
		tap_bail("%s", err.message);
	root.value = document;
	array = json_member(&root, "i");
	for (size_t i = 0; i < json_array_size(array.value); i++) {
		struct json_node node = json_element(&array, i);
		bool good = i < 3;
		bool taken;

		number = -7;
		taken = json_read_int(&node, 0, 10, &number, &err) == 0;
		CHECK(taken == good, "element %zu is %s as an integer from 0 to 10", i, good ? "taken" : "refused");
		CHECK(taken ? number == (int64_t)i * 5 : number == -7, "and the result is written on success only");
		CHECK((json_read_u32(&node, 0, 10, &small, &err) == 0) == good, "the same for 32 bits");
	}
}

static void test_other_types(void)
{
	static const char *const names[] = {"one", "two", NULL};
	static const char text[] = "{\"t\":true,\"s\":\"two\",\"e\":\"\",\"a\":[1,2],\"u\":\"\xc3\xa4\",\"n\":null}";
	_cleanup_json_ json_t *document = NULL;
	struct error err;
	struct json_node root = {NULL, NULL, 0, NULL};
	struct json_node yes, string, empty, array, umlaut, null;
	const char *got = NULL;
	size_t count = 99;
	bool flag = false;
	int choice = -7;

	if (parse_bytes(text, strlen(text), &document, &err) < 0)
		tap_bail("%s", err.message);
	root.value = document;
	yes = json_member(&root, "t");
	string = json_member(&root, "s");
	empty = json_member(&root, "e");
	array = json_member(&root, "a");
	umlaut = json_member(&root, "u");
	null = json_member(&root, "n");
	CHECK(json_read_bool(&yes, &flag, &err) == 0 && flag, "true is true");
	CHECK(json_read_bool(&null, &flag, &err) < 0, "null is not false");
	CHECK(json_read_bool(&string, &flag, &err) < 0, "a text is not a truth value");
	CHECK(json_read_choice(&string, names, &choice, &err) == 0 && choice == 1, "a choice by its name");
	CHECK(json_read_choice(&empty, names, &choice, &err) < 0, "the empty choice is none");
	CHECK(json_read_choice(&yes, names, &choice, &err) < 0, "a choice is a text");
	CHECK(json_read_string(&string, 3, 3, &got, &err) == 0 && strcmp(got, "two") == 0, "a text of the exact length");
	CHECK(json_read_string(&string, 4, 9, &got, &err) < 0, "a text too short");
	CHECK(json_read_string(&string, 0, 2, &got, &err) < 0, "a text too long");
	CHECK(json_read_string(&umlaut, 2, 2, &got, &err) == 0, "lengths are bytes");
	CHECK(json_read_string(&null, 0, 9, &got, &err) < 0, "null is not a text");
	CHECK(json_read_array(&array, 2, 2, &count, &err) == 0 && count == 2, "an array of the exact length");
	CHECK(json_read_array(&array, 3, 4, &count, &err) < 0, "an array too short");
	CHECK(json_read_array(&array, 0, 1, &count, &err) < 0, "an array too long");
	CHECK(json_read_array(&root, 0, 9, &count, &err) < 0, "an object is not an array");
	CHECK(json_read_array(&null, 0, 9, &count, &err) < 0, "null is not an array");
}

int main(void)
{
	test_documents();
	test_depth();
	test_bottomless();
	test_paths();
	test_long_path();
	test_integers();
	test_other_types();
	return tap_done();
}
