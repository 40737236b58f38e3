/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "error.h"
#include "fd.h"
#include "json.h"
#include "pages.h"

static uint32_t read_length(const uint8_t header[WIRE_HEADER])
{
	return (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3];
}

static _written_ struct {
	bool on;
	int connection;
	size_t length;
} held;
static _written_in_front_(3) uint8_t held_frames[WIRE_HELD];

void wire_hold(int connection)
{
	wire_flush();
	held.on = true;
	held.connection = connection;
}

void wire_flush(void)
{
	if (held.on && held.length > 0)
		(void)fd_send_full(held.connection, held_frames, held.length);
	held.on = false;
	held.length = 0;
}

bool wire_holds(void)
{
	return held.length > 0;
}

static void write_header(uint8_t header[WIRE_HEADER], enum frame_type type, size_t size)
{
	header[0] = (uint8_t)(size >> 24);
	header[1] = (uint8_t)(size >> 16);
	header[2] = (uint8_t)(size >> 8);
	header[3] = (uint8_t)size;
	header[4] = (uint8_t)type;
}

/* One send: header and body arrive together, and a reader that is woken finds a whole event. */
static int send_frame(int connection, const void *frame, size_t size, struct error *err)
{
	bool hold = held.on && connection == held.connection;

	if (hold && size <= sizeof(held_frames) - held.length) {
		memcpy(held_frames + held.length, frame, size);
		held.length += size;
		return 0;
	}
	if (hold)
		wire_flush();
	if (fd_send_full(connection, frame, size) < 0)
		return error_set(err, "send", errno, "", "the caller is gone");
	return 0;
}

int wire_send_bytes(int connection, enum frame_type type, const void *body, size_t size, struct error *err)
{
	_cleanup_free_ uint8_t *frame = malloc(WIRE_HEADER + size);

	/* Java has become us: nobody listens. */
	if (connection < 0)
		return 0;
	if (frame == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory while building an event");
	write_header(frame, type, size);
	memcpy(frame + WIRE_HEADER, body, size);
	return send_frame(connection, frame, WIRE_HEADER + size, err);
}

_Static_assert(EMIT_AHEAD >= WIRE_HEADER, "the header is written before the text");

int wire_send(int connection, enum frame_type type, struct emitter body, struct error *err)
{
	size_t size;
	char *text = emit_end(&body, &size);
	int result = 0;

	if (text == NULL) {
		result = error_set(err, "malloc", ENOMEM, "", "out of memory while building an event");
	} else if (connection >= 0) {
		write_header((uint8_t *)text - WIRE_HEADER, type, size);
		result = send_frame(connection, text - WIRE_HEADER, WIRE_HEADER + size, err);
	}
	emit_release(&body);
	return result;
}

int wire_receive(int connection, enum frame_type expected, size_t most, char **ret_body, size_t *ret_size,
		 struct error *err)
{
	uint8_t header[WIRE_HEADER];
	_cleanup_free_ char *body = NULL;
	size_t size;

	if (fd_read_full(connection, header, sizeof(header)) < 0)
		return error_set(err, "read", errno, "", "the connection ended where a frame should begin");
	if (header[4] != expected)
		return error_set(err, "", EPROTO, "", "frame of type %d where %d is due", header[4], (int)expected);
	size = read_length(header);
	if (size > most)
		return error_set(err, "", EMSGSIZE, "", "frame of %zu bytes, at most %zu are allowed", size, most);
	body = malloc(size + 1);
	if (body == NULL)
		return error_set(err, "malloc", ENOMEM, "", "out of memory for a frame of %zu bytes", size);
	if (fd_read_full(connection, body, size) < 0)
		return error_set(err, "read", errno, "", "the connection ended within a frame");
	body[size] = '\0';
	*ret_body = body;
	*ret_size = size;
	body = NULL;
	return 0;
}

/* The next of the frames in the bytes, which are moved behind it. */
static int take_frame(uint8_t **bytes, size_t *left, enum frame_type expected, size_t most, struct wire_part *ret_part,
		      struct error *err)
{
	size_t size;

	if (*left < WIRE_HEADER)
		return error_set(err, "", EPROTO, "", "the connection ended where a frame should begin");
	if ((*bytes)[4] != expected)
		return error_set(err, "", EPROTO, "", "frame of type %d where %d is due", (*bytes)[4], (int)expected);
	size = read_length(*bytes);
	if (size > most)
		return error_set(err, "", EMSGSIZE, "", "frame of %zu bytes, at most %zu are allowed", size, most);
	if (*left - WIRE_HEADER < size)
		return error_set(err, "", EPROTO, "", "the connection ended within a frame");
	*ret_part = (struct wire_part){.bytes = (const char *)*bytes + WIRE_HEADER, .size = size};
	*bytes += WIRE_HEADER + size;
	*left -= WIRE_HEADER + size;
	return 0;
}

int wire_receive_command(int connection, struct wire_part *ret_plan, struct wire_part *ret_strings, struct wire_reader *rest,
			 struct error *err)
{
	static uint8_t all[2 * WIRE_HEADER + LIMIT_CONTROL_BYTES + LIMIT_COMMAND_BYTES + sizeof(rest->buffer)];
	uint8_t *bytes = all;
	ssize_t got = recv(connection, all, sizeof(all), MSG_DONTWAIT);
	size_t left = got > 0 ? (size_t)got : 0;

	if (got < 0)
		return error_set(err, "recv", errno, "", "the connection ended where a frame should begin");
	if (take_frame(&bytes, &left, FRAME_PLAN, LIMIT_CONTROL_BYTES, ret_plan, err) < 0 ||
	    take_frame(&bytes, &left, FRAME_STRINGS, LIMIT_COMMAND_BYTES, ret_strings, err) < 0)
		return -1;
	if (left > sizeof(rest->buffer))
		return error_set(err, "", EMSGSIZE, "", "too much was said of the command before it has begun");
	memcpy(rest->buffer, bytes, left);
	rest->length = left;
	return 0;
}

/* A set that finds another one waiting, or that is not whole, is closed: the frame that it came with will miss it. */
static void keep_fds(struct wire_reader *reader, struct msghdr *header)
{
	struct cmsghdr *rights = CMSG_FIRSTHDR(header);
	int fds[WIRE_FDS];
	size_t count;

	if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
		return;
	count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(rights), count * sizeof(int));
	if (count == WIRE_FDS && reader->fd_count == 0) {
		memcpy(reader->fds, fds, sizeof(fds));
		reader->fd_count = WIRE_FDS;
		return;
	}
	for (size_t i = 0; i < count; i++)
		fd_close(&fds[i]);
}

bool wire_take_fds(struct wire_reader *reader, int ret_fds[WIRE_FDS])
{
	if (reader->fd_count != WIRE_FDS)
		return false;
	memcpy(ret_fds, reader->fds, sizeof(reader->fds));
	reader->fd_count = 0;
	return true;
}

void wire_drop_fds(struct wire_reader *reader)
{
	while (reader->fd_count > 0)
		fd_close(&reader->fds[--reader->fd_count]);
}

enum wire_event wire_fill(int connection, struct wire_reader *reader)
{
	struct iovec part = {.iov_base = reader->buffer + reader->length, .iov_len = sizeof(reader->buffer) - reader->length};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(WIRE_FDS * sizeof(int))];
	} control;
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	/* It stops behind bytes that came with descriptors: there is never more than one set. */
	ssize_t got = recvmsg(connection, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (got > 0) {
		keep_fds(reader, &header);
		reader->length += (size_t)got;
		return WIRE_CONTROL;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return WIRE_NONE;
	return WIRE_END;
}

static int parse_signal(const struct json_node *root, struct control *control, struct error *err)
{
	static const char *const fields[] = {"signal", "group", NULL};
	struct json_node number = json_member(root, "signal");
	struct json_node group = json_member(root, "group");
	int64_t value;
	bool to_group = false;

	if (json_only(root, fields, err) < 0 || json_read_int(&number, 1, SIGRTMAX, &value, err) < 0 ||
	    (group.value != NULL && json_read_bool(&group, &to_group, err) < 0))
		return -1;
	control->signal = (int)value;
	control->to_group = to_group;
	return 0;
}

static int parse_cancel(const struct json_node *root, struct control *control, struct error *err)
{
	static const char *const fields[] = {"graceMillis", NULL};
	struct json_node grace = json_member(root, "graceMillis");

	control->grace_millis = -1;
	if (json_only(root, fields, err) < 0)
		return -1;
	return grace.value == NULL ? 0 : json_read_int(&grace, 0, LIMIT_MILLIS, &control->grace_millis, err);
}

static int parse_resize(const struct json_node *root, struct control *control, struct error *err)
{
	static const char *const fields[] = {"rows", "columns", NULL};
	struct json_node rows = json_member(root, "rows");
	struct json_node columns = json_member(root, "columns");
	uint32_t row_count, column_count;

	if (json_only(root, fields, err) < 0 || json_read_u32(&rows, 1, UINT16_MAX, &row_count, err) < 0 ||
	    json_read_u32(&columns, 1, UINT16_MAX, &column_count, err) < 0)
		return -1;
	control->rows = (uint16_t)row_count;
	control->columns = (uint16_t)column_count;
	return 0;
}

static int parse_control(const uint8_t *body, size_t size, struct control *control, struct error *err)
{
	_cleanup_json_ json_t *document = NULL;
	struct json_node root = {NULL, NULL, 0, NULL};

	if (control->type == FRAME_RELEASE || control->type == FRAME_COMMAND)
		return size == 0 ? 0 : error_set(err, "", EPROTO, "", "frame of type %d carries no body", (int)control->type);
	if (control->type != FRAME_SIGNAL && control->type != FRAME_CANCEL && control->type != FRAME_RESIZE)
		return error_set(err, "", EPROTO, "", "frame of type %d is not known here", (int)control->type);
	if (size == 0 && control->type == FRAME_CANCEL) {
		control->grace_millis = -1;
		return 0;
	}
	if (json_parse_object((const char *)body, size, &document, err) < 0)
		return -1;
	root.value = document;
	if (control->type == FRAME_RESIZE)
		return parse_resize(&root, control, err);
	return control->type == FRAME_SIGNAL ? parse_signal(&root, control, err) : parse_cancel(&root, control, err);
}

enum wire_event wire_next(struct wire_reader *reader, struct control *ret_control, struct error *err)
{
	size_t size;
	int parsed;

	if (reader->length < WIRE_HEADER)
		return WIRE_NONE;
	size = read_length(reader->buffer);
	if (size > LIMIT_CONTROL_BYTES) {
		(void)error_set(err, "", EMSGSIZE, "", "control frame of %zu bytes, at most %u are allowed", size,
				LIMIT_CONTROL_BYTES);
		return WIRE_BROKEN;
	}
	if (reader->length < WIRE_HEADER + size)
		return WIRE_NONE;
	*ret_control = (struct control){.type = (enum frame_type)reader->buffer[4]};
	parsed = parse_control(reader->buffer + WIRE_HEADER, size, ret_control, err);
	reader->length -= WIRE_HEADER + size;
	memmove(reader->buffer, reader->buffer + WIRE_HEADER + size, reader->length);
	return parsed == 0 ? WIRE_CONTROL : WIRE_BROKEN;
}
