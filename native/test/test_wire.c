/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <sys/socket.h>

#include "error.h"
#include "fd.h"
#include "json.h"
#include "wire.h"

struct pair {
	int ours, theirs;
};

static struct pair open_pair(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		tap_bail("socketpair: %s", strerror(errno));
	return (struct pair){ends[0], ends[1]};
}

static void close_pair(struct pair *pair)
{
	fd_close(&pair->ours);
	fd_close(&pair->theirs);
}

/* Builds a frame, body may be shorter than the length it claims: the size on the wire. */
static size_t frame(uint8_t *buffer, uint32_t claimed, uint8_t type, const void *body, size_t size)
{
	buffer[0] = (uint8_t)(claimed >> 24);
	buffer[1] = (uint8_t)(claimed >> 16);
	buffer[2] = (uint8_t)(claimed >> 8);
	buffer[3] = (uint8_t)claimed;
	buffer[4] = type;
	if (size > 0)
		memcpy(buffer + WIRE_HEADER, body, size);
	return WIRE_HEADER + size;
}

static size_t text_frame(uint8_t *buffer, uint8_t type, const char *body)
{
	return frame(buffer, (uint32_t)strlen(body), type, body, strlen(body));
}

static void put(int fd, const void *bytes, size_t size)
{
	if (fd_send_full(fd, bytes, size) < 0)
		tap_bail("send: %s", strerror(errno));
}

/* What one whole frame in the reader's buffer becomes. */
static enum wire_event take(const uint8_t *bytes, size_t size, struct control *control, struct error *err)
{
	struct wire_reader reader = {.length = size};
	enum wire_event event;

	memcpy(reader.buffer, bytes, size);
	event = wire_next(&reader, control, err);
	return event;
}

static void test_split_at_every_byte(void)
{
	uint8_t bytes[128];
	size_t size = text_frame(bytes, FRAME_SIGNAL, "{\"signal\":15,\"group\":true}");
	struct error err;
	bool early = false;
	bool good = true;

	for (size_t cut = 1; cut < size; cut++) {
		struct pair pair = open_pair();
		struct wire_reader reader = {.length = 0};
		struct control control = {0};

		put(pair.theirs, bytes, cut);
		early = early || wire_fill(pair.ours, &reader) != WIRE_CONTROL ||
			wire_next(&reader, &control, &err) != WIRE_NONE;
		put(pair.theirs, bytes + cut, size - cut);
		good = good && wire_fill(pair.ours, &reader) == WIRE_CONTROL &&
		       wire_next(&reader, &control, &err) == WIRE_CONTROL && control.type == FRAME_SIGNAL &&
		       control.signal == 15 && control.to_group && reader.length == 0 &&
		       wire_next(&reader, &control, &err) == WIRE_NONE;
		close_pair(&pair);
	}
	CHECK(!early, "a frame cut at any byte is not taken before it is whole");
	CHECK(good, "and is taken when the rest has come");
}

static void test_byte_by_byte(void)
{
	uint8_t bytes[256];
	size_t size = text_frame(bytes, FRAME_CANCEL, "{\"graceMillis\":70}");
	struct pair pair = open_pair();
	struct wire_reader reader = {.length = 0};
	struct control control = {0};
	struct error err;
	int frames = 0;

	size += text_frame(bytes + size, FRAME_RELEASE, "");
	for (size_t i = 0; i < size; i++) {
		put(pair.theirs, bytes + i, 1);
		if (wire_fill(pair.ours, &reader) != WIRE_CONTROL)
			break;
		while (wire_next(&reader, &control, &err) == WIRE_CONTROL)
			frames++;
	}
	CHECK_NUMBER(frames, 2, "frames that drip in are all found");
	CHECK_NUMBER(control.type, FRAME_RELEASE, "in their order");
	close_pair(&pair);
}

static void test_two_in_one_read(void)
{
	uint8_t bytes[256];
	size_t size = text_frame(bytes, FRAME_SIGNAL, "{\"signal\":10}");
	struct pair pair = open_pair();
	struct wire_reader reader = {.length = 0};
	struct control control;
	struct error err;

	size += text_frame(bytes + size, FRAME_CANCEL, "");
	size += text_frame(bytes + size, FRAME_SIGNAL, "{\"sign"); /* and a half */
	put(pair.theirs, bytes, size - 4);
	CHECK_NUMBER(wire_fill(pair.ours, &reader), WIRE_CONTROL, "two and a half frames in one read");
	CHECK(wire_next(&reader, &control, &err) == WIRE_CONTROL && control.type == FRAME_SIGNAL && control.signal == 10 &&
		      !control.to_group, "the first");
	CHECK(wire_next(&reader, &control, &err) == WIRE_CONTROL && control.type == FRAME_CANCEL &&
		      control.grace_millis == -1, "the second, an empty cancel");
	CHECK_NUMBER(wire_next(&reader, &control, &err), WIRE_NONE, "the half one waits");
	CHECK_NUMBER(reader.length, WIRE_HEADER + 2, "with its bytes kept");
	close_pair(&pair);
}

static void test_largest(void)
{
	static uint8_t bytes[WIRE_HEADER + LIMIT_CONTROL_BYTES + 1];
	static char body[LIMIT_CONTROL_BYTES + 2];
	struct pair pair = open_pair();
	struct wire_reader reader = {.length = 0};
	struct control control;
	struct error err;
	size_t size;

	memset(body, ' ', LIMIT_CONTROL_BYTES);
	memcpy(body, "{\"signal\":9}", 12);
	size = text_frame(bytes, FRAME_SIGNAL, body);
	put(pair.theirs, bytes, size);
	while (reader.length < size && wire_fill(pair.ours, &reader) == WIRE_CONTROL)
		;
	CHECK(wire_next(&reader, &control, &err) == WIRE_CONTROL && control.signal == 9,
	      "a control frame of the largest size fits");
	CHECK_NUMBER(wire_fill(pair.ours, &reader), WIRE_NONE, "and the reader is not at the end after it");
	size = frame(bytes, LIMIT_CONTROL_BYTES + 1, FRAME_SIGNAL, "", 0);
	CHECK(take(bytes, size, &control, &err) == WIRE_BROKEN && err.errnum == EMSGSIZE,
	      "one byte more is refused, from the header alone");
	size = frame(bytes, UINT32_MAX, FRAME_SIGNAL, "", 0);
	CHECK(take(bytes, size, &control, &err) == WIRE_BROKEN && err.errnum == EMSGSIZE, "so are four gigabytes");
	close_pair(&pair);
}

static void test_refused(void)
{
	static const struct {
		uint8_t type;
		const char *body, *subject;
	} bad[] = {
		{FRAME_RELEASE, "{}", ""},
		{FRAME_SIGNAL, "", ""},
		{FRAME_SIGNAL, "{}", "signal"},
		{FRAME_SIGNAL, "[]", ""},
		{FRAME_SIGNAL, "{\"signal\":0}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":-9}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":65}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":4294967305}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":9.0}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":\"9\"}", "signal"},
		{FRAME_SIGNAL, "{\"signal\":9,\"group\":1}", "group"},
		{FRAME_SIGNAL, "{\"signal\":9,\"signal\":9}", ""},
		{FRAME_SIGNAL, "{\"signal\":9,\"pid\":1}", "pid"},
		{FRAME_SIGNAL, "{\"signal\":9", ""},
		{FRAME_CANCEL, "{\"graceMillis\":-1}", "graceMillis"},
		{FRAME_CANCEL, "{\"graceMillis\":2592000001}", "graceMillis"},
		{FRAME_CANCEL, "{\"grace\":1}", "grace"},
		{FRAME_CANCEL, "null", ""},
		{FRAME_RESIZE, "", ""},
		{FRAME_RESIZE, "{\"rows\":24}", "columns"},
		{FRAME_RESIZE, "{\"rows\":0,\"columns\":80}", "rows"},
		{FRAME_RESIZE, "{\"rows\":24,\"columns\":65536}", "columns"},
		{FRAME_RESIZE, "{\"rows\":24,\"columns\":80,\"x\":1}", "x"},
		{0, "", ""}, {FRAME_PLAN, "", ""}, {2, "", ""}, {7, "", ""}, {8, "", ""}, {9, "", ""},
		{FRAME_HELLO, "{}", ""}, {FRAME_ERROR, "{}", ""}, {255, "", ""},
	};
	uint8_t bytes[256];
	struct control control;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t size = text_frame(bytes, bad[i].type, bad[i].body);

		CHECK(take(bytes, size, &control, &err) == WIRE_BROKEN && strcmp(err.subject, bad[i].subject) == 0,
		      "type %d with %s is refused and names \"%s\"", bad[i].type, bad[i].body[0] ? bad[i].body : "nothing",
		      bad[i].subject);
	}
}

static void test_taken(void)
{
	uint8_t bytes[256];
	struct control control;
	struct error err;
	size_t size = text_frame(bytes, FRAME_SIGNAL, "{\"signal\":64}");

	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.signal == 64, "the last signal");
	size = text_frame(bytes, FRAME_SIGNAL, "{\"group\":false,\"signal\":1}");
	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.signal == 1 && !control.to_group,
	      "the first signal, group first");
	size = text_frame(bytes, FRAME_CANCEL, "{}");
	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.grace_millis == -1, "a cancel without grace");
	size = text_frame(bytes, FRAME_CANCEL, "{\"graceMillis\":0}");
	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.grace_millis == 0, "a cancel with none at all");
	size = text_frame(bytes, FRAME_CANCEL, "{\"graceMillis\":2592000000}");
	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.grace_millis == 2592000000, "with the longest");
	size = text_frame(bytes, FRAME_RESIZE, "{\"rows\":1,\"columns\":65535}");
	CHECK(take(bytes, size, &control, &err) == WIRE_CONTROL && control.rows == 1 && control.columns == 65535, "a size");
}

static void test_ends(void)
{
	struct pair pair = open_pair();
	struct wire_reader reader = {.length = 0};
	struct control control;
	struct error err;
	uint8_t bytes[64];
	size_t size = text_frame(bytes, FRAME_CANCEL, "");

	CHECK_NUMBER(wire_fill(pair.ours, &reader), WIRE_NONE, "nothing there is nothing, not the end");
	put(pair.theirs, bytes, size);
	(void)shutdown(pair.theirs, SHUT_WR);
	CHECK(wire_fill(pair.ours, &reader) == WIRE_CONTROL && wire_next(&reader, &control, &err) == WIRE_CONTROL,
	      "what came before a half-close is taken");
	CHECK_NUMBER(wire_fill(pair.ours, &reader), WIRE_END, "a half-close is the end");
	close_pair(&pair);
	pair = open_pair();
	reader.length = 0;
	put(pair.ours, "unread", 6);
	put(pair.theirs, bytes, size - 2);
	fd_close(&pair.theirs); /* with our bytes unread: ECONNRESET, not EOF */
	while (wire_fill(pair.ours, &reader) == WIRE_CONTROL)
		;
	CHECK_NUMBER(wire_fill(pair.ours, &reader), WIRE_END, "a reset is the end");
	close_pair(&pair);
}

static void test_receive(void)
{
	uint8_t bytes[64];
	struct pair pair = open_pair();
	char *body = NULL;
	size_t got = 0;
	struct error err;

	put(pair.theirs, bytes, frame(bytes, 3, FRAME_PLAN, "a\0b", 3));
	CHECK(wire_receive(pair.ours, FRAME_PLAN, 3, &body, &got, &err) == 0 && got == 3 && memcmp(body, "a\0b", 4) == 0,
	      "a frame of the largest size, with a NUL after it");
	free(body);
	body = NULL;
	put(pair.theirs, bytes, frame(bytes, 0, FRAME_PLAN, "", 0));
	CHECK(wire_receive(pair.ours, FRAME_PLAN, 0, &body, &got, &err) == 0 && got == 0 && body[0] == '\0', "an empty frame");
	free(body);
	body = NULL;
	put(pair.theirs, bytes, frame(bytes, 4, FRAME_PLAN, "abcd", 4));
	CHECK(wire_receive(pair.ours, FRAME_PLAN, 3, &body, &got, &err) < 0 && err.errnum == EMSGSIZE && body == NULL,
	      "a byte too many is refused");
	close_pair(&pair);
	pair = open_pair();
	put(pair.theirs, bytes, frame(bytes, 0, FRAME_CANCEL, "", 0));
	CHECK(wire_receive(pair.ours, FRAME_PLAN, 9, &body, &got, &err) < 0 && err.errnum == EPROTO, "another type is refused");
	close_pair(&pair);
	for (size_t cut = 0; cut < WIRE_HEADER + 4; cut++) {
		pair = open_pair();
		(void)frame(bytes, 4, FRAME_PLAN, "abcd", 4);
		put(pair.theirs, bytes, cut);
		(void)shutdown(pair.theirs, SHUT_WR);
		CHECK(wire_receive(pair.ours, FRAME_PLAN, 9, &body, &got, &err) < 0 && err.errnum == 0 && body == NULL,
		      "the end after %zu bytes is an error, without an errno", cut);
		close_pair(&pair);
	}
}

static void test_send(void)
{
	static const char expected[] = "\0\0\0\7\106{\"a\":1}";
	struct pair pair = open_pair();
	struct emitter event, empty, broken = {.failed = true};
	struct error err;
	char bytes[64] = "";

	emit_begin(&event);
	emit_integer(&event, "a", 1);
	emit_begin(&empty);
	CHECK_NUMBER(wire_send(pair.ours, FRAME_ERROR, event, &err), 0, "an event is sent");
	CHECK(recv(pair.theirs, bytes, sizeof(bytes), MSG_DONTWAIT) == 12 && memcmp(bytes, expected, 12) == 0,
	      "as length, type and compact body");
	CHECK(wire_send(pair.ours, FRAME_USAGE, broken, &err) < 0 && err.errnum == ENOMEM, "an event that was not built is an error");
	CHECK(recv(pair.theirs, bytes, sizeof(bytes), MSG_DONTWAIT) < 0 && errno == EAGAIN, "and sends nothing");
	fd_close(&pair.theirs);
	CHECK(wire_send(pair.ours, FRAME_USAGE, empty, &err) < 0 && err.errnum == EPIPE,
	      "a caller that is gone is an error, and no SIGPIPE");
	close_pair(&pair);
}

int main(void)
{
	test_split_at_every_byte();
	test_byte_by_byte();
	test_two_in_one_read();
	test_largest();
	test_refused();
	test_taken();
	test_ends();
	test_receive();
	test_send();
	return tap_done();
}
