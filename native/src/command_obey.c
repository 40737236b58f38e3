/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the caller says of one command of an open sandbox. Runs in: supervisor.
 */
#include "command.h"

static void obey(struct runner *runner, const struct control *control)
{
	uint64_t bit = control->signal > 0 ? UINT64_C(1) << (control->signal - 1) : 0;

	if (control->type == FRAME_SIGNAL && runner->state == STATE_EXECUTING) {
		runner->pending_signals |= bit;
		runner->pending_to_group |= control->to_group ? bit : 0;
	} else if (control->type == FRAME_SIGNAL && (runner->state == STATE_RUNNING || runner->state == STATE_TERMINATING)) {
		command_signal(runner, control->signal, control->to_group);
	} else if (control->type == FRAME_CANCEL) {
		uint64_t until;

		command_blame(runner, "cancel");
		if (control->grace_millis >= 0)
			runner->grace_millis = control->grace_millis;
		until = clock_nanos() + (uint64_t)runner->grace_millis * 1000000u;
		if (runner->grace_millis == 0)
			command_happen(runner, EVENT_CANCEL_NOW);
		else if (runner->state == STATE_EXECUTING)
			runner->pending_end = true;
		else if (runner->state == STATE_TERMINATING && until < runner->deadline)
			runner->deadline = until;
		else
			command_happen(runner, EVENT_CANCEL);
	}
}

static void obey_all(struct runner *runner, enum wire_event event)
{
	struct control control;
	struct error ignored;

	while (event == WIRE_CONTROL && runner->busy) {
		event = wire_next(&runner->reader, &control, &ignored);
		if (event == WIRE_CONTROL)
			obey(runner, &control);
	}
	if (!runner->busy || (event != WIRE_END && event != WIRE_BROKEN))
		return;
	runner->connection_over = true;
	command_blame(runner, "connection");
	command_happen(runner, EVENT_PEER_GONE);
}

void command_hear_caller(struct runner *runner)
{
	obey_all(runner, wire_fill(runner->connection, &runner->reader));
}

void command_hear_rest(struct runner *runner)
{
	obey_all(runner, WIRE_CONTROL);
}
