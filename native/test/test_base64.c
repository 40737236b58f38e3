/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of files in a plan: strict, as nobody writes them by hand. */
#include "tap.h"

#include "base64.h"

int main(void)
{
	static const struct {
		const char *text, *bytes;
		size_t size;
		bool good;
	} cases[] = {
		{"", "", 0, true}, {"Zg==", "f", 1, true}, {"Zm8=", "fo", 2, true}, {"Zm9v", "foo", 3, true},
		{"Zm9vYg==", "foob", 4, true}, {"AP/+", "\0\377\376", 3, true},
		{"Zg", "", 0, false}, {"Zg=", "", 0, false}, {"Z===", "", 0, false}, {"====", "", 0, false}, {"Zh==", "", 0, false},
		{"Zm9=", "", 0, false}, {"Zg==Zg==", "", 0, false}, {"Zm 9", "", 0, false}, {"Zm-_", "", 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char buffer[16];
		size_t size = 99;
		bool good = base64_decode(cases[i].text, buffer, &size);

		CHECK(good == cases[i].good && (!good || (size == cases[i].size && memcmp(buffer, cases[i].bytes, size) == 0)),
		      "base64 \"%s\"", cases[i].text);
	}
	return tap_done();
}
