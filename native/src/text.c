/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <limits.h>
#include <string.h>

#define BLANKS " \t"
#define ENDS " \t\n"

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10 : UINT_MAX;
}

bool text_number(const char **at, unsigned int base, uint64_t most, uint64_t *ret_number)
{
	const char *begin = *at + strspn(*at, BLANKS);
	const char *end = begin;
	uint64_t number = 0;

	for (; digit_of(*end) < base; end++) {
		unsigned int digit = digit_of(*end);

		if (number > (most - digit) / base || digit > most)
			return false;
		number = number * base + digit;
	}
	if (end == begin)
		return false;
	*at = end;
	*ret_number = number;
	return true;
}

bool text_uint32(const char **at, uint32_t *ret_number)
{
	uint64_t number;

	if (!text_number(at, 10, UINT32_MAX, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool text_uint64(const char **at, uint64_t *ret_number)
{
	return text_number(at, 10, UINT64_MAX, ret_number);
}

bool text_int(const char **at, int *ret_number)
{
	const char *begin = *at + strspn(*at, BLANKS);
	bool negative = *begin == '-';
	uint64_t number;

	begin += negative ? 1 : 0;
	if (digit_of(*begin) > 9 || !text_number(&begin, 10, INT_MAX, &number))
		return false;
	*at = begin;
	*ret_number = negative ? -(int)number : (int)number;
	return true;
}

bool text_word(const char **at, char *word, size_t size)
{
	const char *begin = *at + strspn(*at, BLANKS);
	size_t length = strcspn(begin, ENDS);

	if (length == 0 || length >= size)
		return false;
	memcpy(word, begin, length);
	word[length] = '\0';
	*at = begin + length;
	return true;
}

bool text_skip(const char **at, unsigned int words)
{
	const char *begin = *at;

	for (; words > 0; words--) {
		size_t length;

		begin += strspn(begin, BLANKS);
		length = strcspn(begin, ENDS);
		if (length == 0)
			return false;
		begin += length;
	}
	*at = begin;
	return true;
}
