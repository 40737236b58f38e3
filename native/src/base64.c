/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

#include <stdint.h>
#include <string.h>

bool base64_decode(const char *text, unsigned char *buffer, size_t *ret_size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text);
	size_t padding = 0;
	size_t size = 0;
	uint32_t bits = 0;

	if (length % 4 != 0)
		return false;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < length - padding; i++) {
		const char *digit = strchr(digits, text[i]);

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (i % 4 == 0)
			continue;
		buffer[size++] = (unsigned char)(bits >> (6 - 2 * (i % 4)) & 0xff);
	}
	/* Bits that no byte takes must be 0: one text for one content. */
	if (padding > 0 && (bits & (padding == 1 ? 0x3u : 0xfu)) != 0)
		return false;
	*ret_size = size;
	return true;
}
