/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader over jansson: every getter checks type and range and names the field ("process.argv[2]") in
 * its error; unknown and duplicate fields, NUL in strings, bad UTF-8 and deep documents are refused.
 */
#ifndef NSJOB_JSON_H
#define NSJOB_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* A value and the way to it: lives on the stack of the function that walks the document. */
struct json_node {
	const struct json_node *parent;
	const char *key; /* NULL for an array element and for the root */
	size_t index;
	json_t *value;   /* borrowed from the document; NULL when absent */
};

static inline void json_release(json_t **document)
{
	json_decref(*document);
}

#define _cleanup_json_ __attribute__((cleanup(json_release)))

/* Takes the random number of the hash tables now, for all processes that we fork. */
void json_seed(void);

/* Parses one object and nothing after it. *ret_document is the caller's to json_decref(). */
int json_parse_object(const char *text, size_t size, json_t **ret_document, struct error *err);

/* Refuses fields of the object that are not among the names (ended by NULL); also refuses a non-object. */
int json_only(const struct json_node *object, const char *const names[], struct error *err);

/* The member, its value NULL when absent. */
struct json_node json_member(const struct json_node *object, const char *key);
struct json_node json_element(const struct json_node *array, size_t index);

/* Fails with "required" unless present. */
int json_require(const struct json_node *node, struct error *err);

int json_read_int(const struct json_node *node, int64_t least, int64_t most, int64_t *ret_value, struct error *err);
int json_read_u32(const struct json_node *node, uint32_t least, uint32_t most, uint32_t *ret_value, struct error *err);
int json_read_bool(const struct json_node *node, bool *ret_value, struct error *err);
/* Borrowed from the document, least..most bytes long. */
int json_read_string(const struct json_node *node, size_t least, size_t most, const char **ret_value, struct error *err);
/* Index of the string among the names (ended by NULL). */
int json_read_choice(const struct json_node *node, const char *const names[], int *ret_index, struct error *err);
int json_read_array(const struct json_node *node, size_t least, size_t most, size_t *ret_count, struct error *err);

/* An error about the field: its path becomes the subject. */
int json_refuse(const struct json_node *node, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
