/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4648 base64, for bytes inside a plan.
 */
#ifndef NSJOB_BASE64_H
#define NSJOB_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Strict: with padding, nothing else between or after. The buffer has room for strlen(text) bytes, more than enough. */
bool base64_decode(const char *text, unsigned char *buffer, size_t *ret_size);

#endif
