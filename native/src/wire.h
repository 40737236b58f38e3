/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on the connection to the caller: u32 big-endian body length, u8 type, body. PROTOCOL.md, "Frames".
 * Runs in: supervisor, nobody else ever holds the connection.
 */
#ifndef NSJOB_WIRE_H
#define NSJOB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "emit.h"

struct error;

enum frame_type {
	FRAME_PLAN = 1,
	FRAME_STRINGS = 2,
	FRAME_RELEASE = 3,
	FRAME_SIGNAL = 4,
	FRAME_CANCEL = 5,
	FRAME_RESIZE = 6,
	FRAME_COMMAND = 10,
	FRAME_HELLO = 65,
	FRAME_PREPARED = 66,
	FRAME_STARTED = 67,
	FRAME_EXITED = 68,
	FRAME_USAGE = 69,
	FRAME_ERROR = 70,
	FRAME_FILE = 71,
	FRAME_CONTENT = 72,
	FRAME_SKIPPED = 73,
	FRAME_RUNNING = 74,
};

#define WIRE_HEADER 5u
/* Of what wire_hold() holds: a report and what follows it, or an exit and figures with several cgroups. */
#define WIRE_HELD 4096u

/*
 * Sends an event; the body is ended and released here. A caller that is gone
 * is not an error of the sender: -1 with EPIPE or ECONNRESET, and the next read tells the end of file.
 */
int wire_send(int connection, enum frame_type type, struct emitter body, struct error *err);

/* The same for a body that is there as bytes. */
int wire_send_bytes(int connection, enum frame_type type, const void *body, size_t size, struct error *err);

/*
 * What is sent on this connection from now on goes together with what follows, until wire_flush(), which must come before it is
 * closed: each send wakes the caller up. What does not fit any more is not held. Not more than one connection at a time.
 */
void wire_hold(int connection);
void wire_flush(void);
bool wire_holds(void);

/* Blocks for one frame of the given type. *ret_body is free()d by the caller. */
int wire_receive(int connection, enum frame_type expected, size_t most, char **ret_body, size_t *ret_size,
		 struct error *err);

/* The descriptors that come with FRAME_COMMAND: its own connection, and its standard streams. */
#define WIRE_FDS 4u

/* Control frames while a job runs, read as they come. */
struct wire_reader {
	size_t length;
	int fds[WIRE_FDS]; /* came with what is in the buffer; nobody else's yet */
	size_t fd_count;
	uint8_t buffer[WIRE_HEADER + LIMIT_CONTROL_BYTES];
};

struct wire_part {
	const char *bytes;
	size_t size;
};

/*
 * Of a connection on which both frames of a command are waiting: its plan and its strings, valid until the next call; what has
 * been said since is in the reader then. Never blocks.
 */
int wire_receive_command(int connection, struct wire_part *ret_plan, struct wire_part *ret_strings, struct wire_reader *rest,
			 struct error *err);

struct control {
	enum frame_type type;
	int signal;           /* FRAME_SIGNAL */
	int to_group;
	int64_t grace_millis; /* FRAME_CANCEL; -1 = the plan's */
	uint16_t rows, columns; /* FRAME_RESIZE */
};

enum wire_event { WIRE_NONE, WIRE_CONTROL, WIRE_END, WIRE_BROKEN };

/* Reads what is there without blocking. */
enum wire_event wire_fill(int connection, struct wire_reader *reader);
/* Takes the next whole frame out of the buffer: WIRE_CONTROL, WIRE_NONE when there is none, or WIRE_BROKEN. */
enum wire_event wire_next(struct wire_reader *reader, struct control *ret_control, struct error *err);
/* Takes over what came with a FRAME_COMMAND; false when there was not what belongs to it. */
bool wire_take_fds(struct wire_reader *reader, int ret_fds[WIRE_FDS]);
/* Closes what nobody took. */
void wire_drop_fds(struct wire_reader *reader);

#endif
