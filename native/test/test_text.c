/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and words: what is no number, or too large for one, is refused and not guessed. */
#include "tap.h"

#include <limits.h>

#include "text.h"

static void test_numbers(void)
{
	static const struct {
		const char *text;
		unsigned int base;
		uint64_t most, number;
		const char *rest; /* NULL = refused */
	} cases[] = {
		{"0", 10, 0, 0, ""}, {" \t42 7", 10, UINT64_MAX, 42, " 7"}, {"42x", 10, UINT64_MAX, 42, "x"},
		{"18446744073709551615", 10, UINT64_MAX, UINT64_MAX, ""}, {"18446744073709551616", 10, UINT64_MAX, 0, NULL},
		{"99999999999999999999999999", 10, UINT64_MAX, 0, NULL}, {"4294967295", 10, UINT32_MAX, UINT32_MAX, ""},
		{"4294967296", 10, UINT32_MAX, 0, NULL}, {"007", 10, 7, 7, ""}, {"8", 10, 7, 0, NULL}, {"10", 10, 9, 0, NULL},
		{"1", 10, 0, 0, NULL}, {"fFg", 16, UINT64_MAX, 255, "g"}, {"ffffffffffffffff", 16, UINT64_MAX, UINT64_MAX, ""},
		{"10000000000000000", 16, UINT64_MAX, 0, NULL}, {"0x1f", 16, UINT64_MAX, 0, "x1f"}, {"", 10, 9, 0, NULL},
		{"-1", 10, UINT64_MAX, 0, NULL}, {"+1", 10, UINT64_MAX, 0, NULL}, {"\n1", 10, UINT64_MAX, 0, NULL}, {"a", 10, UINT64_MAX, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = cases[i].text;
		uint64_t number = 77;
		bool good = text_number(&at, cases[i].base, cases[i].most, &number);

		CHECK(good == (cases[i].rest != NULL) && number == (good ? cases[i].number : 77) &&
			      strcmp(at, good ? cases[i].rest : cases[i].text) == 0,
		      "number \"%s\"", cases[i].text);
	}
}

static void test_ints(void)
{
	static const struct {
		const char *text;
		int number;
		bool good;
	} cases[] = {
		{"-1", -1, true}, {" 2147483647", INT_MAX, true}, {"-2147483647", -INT_MAX, true}, {"2147483648", 0, false},
		{"--1", 0, false}, {"- 1", 0, false}, {"-", 0, false}, {"", 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = cases[i].text;
		int number = 0;

		CHECK(text_int(&at, &number) == cases[i].good && number == cases[i].number && (cases[i].good || at == cases[i].text),
		      "int \"%s\"", cases[i].text);
	}
}

static void test_words(void)
{
	const char *at = "listen  ::1\t80\nmore";
	char word[7] = "";
	uint32_t number = 0;

	CHECK(text_word(&at, word, sizeof(word)) && strcmp(word, "listen") == 0, "a word that just fits");
	CHECK(!text_word(&at, word, 3) && strcmp(word, "listen") == 0, "one that does not is refused");
	CHECK(text_skip(&at, 1) && text_uint32(&at, &number) && number == 80, "words are skipped, numbers read");
	CHECK(!text_word(&at, word, sizeof(word)) && !text_skip(&at, 1) && *at == '\n', "nothing goes beyond the line");
	at = "one two";
	CHECK(!text_skip(&at, 3) && at[0] == 'o' && text_skip(&at, 2) && *at == '\0', "all of them, or none");
}

int main(void)
{
	test_numbers();
	test_ints();
	test_words();
	return tap_done();
}
