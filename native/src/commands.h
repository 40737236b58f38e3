/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of an open sandbox, from outside: each has a connection of its own to the caller, and a runner in there (runner.h).
 * Runs in: supervisor, within its one loop.
 */
#ifndef NSJOB_COMMANDS_H
#define NSJOB_COMMANDS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "wire.h"

struct commands;
struct launch;

/* What commands_poll() may add. */
#define COMMANDS_EVENTS (1 + 3 * LIMIT_COMMANDS)

/* NULL where the plan wants none, or memory is out: then every command is refused. The job has executed. */
struct commands *commands_open(struct launch *launch);

/* One more: takes over its descriptors. What is wrong with it is told on its own connection. */
void commands_begin(struct commands *commands, const int fds[WIRE_FDS]);

/* Fills in what to wait for: how many. commands NULL: none. */
size_t commands_poll(const struct commands *commands, struct pollfd events[COMMANDS_EVENTS]);
/* When to look even if nothing happens, clock_nanos(); 0: never. */
uint64_t commands_next(const struct commands *commands);
/* Acts on what poll(2) found, and on what time it is. */
void commands_turn(struct commands *commands, const struct pollfd events[COMMANDS_EVENTS], size_t count);

/* The sandbox ends, for a cause or (NULL) by itself, and its commands with it: no more begins. commands NULL: nothing. */
void commands_blame(struct commands *commands, const char *cause);

/* All processes are dead: tells the end of those that were not told, and releases everything. */
void commands_close(struct commands *commands);

#endif
