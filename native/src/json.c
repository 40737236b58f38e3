/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "bounds.h"

/* Appends the node's path; returns the length so far, capped below size. */
static size_t write_path(const struct json_node *node, char *buffer, size_t size)
{
	size_t length;
	int written;

	if (node == NULL || node->parent == NULL) {
		buffer[0] = '\0';
		return 0;
	}
	length = write_path(node->parent, buffer, size);
	if (node->key != NULL)
		written = snprintf(buffer + length, size - length, "%s%s", length > 0 ? "." : "", node->key);
	else
		written = snprintf(buffer + length, size - length, "[%zu]", node->index);
	if (written < 0)
		return length;
	return length + (size_t)written < size ? length + (size_t)written : size - 1;
}

int json_refuse(const struct json_node *node, struct error *err, const char *format, ...)
{
	char path[LIMIT_PATH];
	char text[256];
	va_list arguments;

	(void)write_path(node, path, sizeof(path));
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return error_set(err, "", 0, path, "%s", text);
}

static bool too_deep(json_t *value, int depth)
{
	const char *key;
	json_t *child;
	size_t index;

	if (!json_is_object(value) && !json_is_array(value))
		return false;
	if (depth > LIMIT_DEPTH)
		return true;
	json_object_foreach(value, key, child) {
		if (too_deep(child, depth + 1))
			return true;
	}
	json_array_foreach(value, index, child) {
		if (too_deep(child, depth + 1))
			return true;
	}
	return false;
}

void json_seed(void)
{
	json_object_seed(0);
}

int json_parse_object(const char *text, size_t size, json_t **ret_document, struct error *err)
{
	json_error_t where;
	_cleanup_json_ json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);

	if (document == NULL)
		return error_set(err, "", 0, "", "not valid JSON: %s (byte %d)", where.text, where.position);
	if (!json_is_object(document))
		return error_set(err, "", 0, "", "must be a JSON object");
	if (too_deep(document, 1))
		return error_set(err, "", 0, "", "nested deeper than %d levels", LIMIT_DEPTH);
	*ret_document = document;
	document = NULL;
	return 0;
}

int json_only(const struct json_node *object, const char *const names[], struct error *err)
{
	const char *key;
	json_t *child;

	if (!json_is_object(object->value))
		return json_refuse(object, err, "must be an object");
	json_object_foreach(object->value, key, child) {
		struct json_node member = {object, key, 0, child};
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], key) != 0)
			i++;
		if (names[i] == NULL)
			return json_refuse(&member, err, "unknown field");
	}
	return 0;
}

struct json_node json_member(const struct json_node *object, const char *key)
{
	return (struct json_node){object, key, 0, json_object_get(object->value, key)};
}

struct json_node json_element(const struct json_node *array, size_t index)
{
	return (struct json_node){array, NULL, index, json_array_get(array->value, index)};
}

int json_require(const struct json_node *node, struct error *err)
{
	return node->value != NULL ? 0 : json_refuse(node, err, "required field is missing");
}

int json_read_int(const struct json_node *node, int64_t least, int64_t most, int64_t *ret_value, struct error *err)
{
	json_int_t value;

	if (json_require(node, err) < 0)
		return -1;
	if (!json_is_integer(node->value))
		return json_refuse(node, err, "must be an integer");
	value = json_integer_value(node->value);
	if (value < least || value > most)
		return json_refuse(node, err, "must be between %lld and %lld", (long long)least, (long long)most);
	*ret_value = value;
	return 0;
}

int json_read_u32(const struct json_node *node, uint32_t least, uint32_t most, uint32_t *ret_value, struct error *err)
{
	int64_t value;

	if (json_read_int(node, least, most, &value, err) < 0)
		return -1;
	*ret_value = (uint32_t)value;
	return 0;
}

int json_read_bool(const struct json_node *node, bool *ret_value, struct error *err)
{
	if (json_require(node, err) < 0)
		return -1;
	if (!json_is_boolean(node->value))
		return json_refuse(node, err, "must be true or false");
	*ret_value = json_is_true(node->value);
	return 0;
}

int json_read_string(const struct json_node *node, size_t least, size_t most, const char **ret_value, struct error *err)
{
	size_t length;

	if (json_require(node, err) < 0)
		return -1;
	if (!json_is_string(node->value))
		return json_refuse(node, err, "must be a string");
	length = json_string_length(node->value);
	if (length < least || length > most)
		return json_refuse(node, err, "must be %zu to %zu bytes long", least, most);
	*ret_value = json_string_value(node->value);
	return 0;
}

int json_read_choice(const struct json_node *node, const char *const names[], int *ret_index, struct error *err)
{
	const char *text = ""; /* set on success; the analyzer cannot tell */

	if (json_read_string(node, 0, LIMIT_PATH, &text, err) < 0)
		return -1;
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], text) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	return json_refuse(node, err, "unknown value");
}

int json_read_array(const struct json_node *node, size_t least, size_t most, size_t *ret_count, struct error *err)
{
	size_t count;

	if (json_require(node, err) < 0)
		return -1;
	if (!json_is_array(node->value))
		return json_refuse(node, err, "must be an array");
	count = json_array_size(node->value);
	if (count < least || count > most)
		return json_refuse(node, err, "must have %zu to %zu entries", least, most);
	*ret_count = count;
	return 0;
}
