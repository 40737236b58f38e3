/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor as a table: what happens (event) while it is doing what (state). Pure decisions, no system calls: the
 * unit test drives it with made-up events, supervise.c carries the commands out.
 */
#ifndef NSJOB_SUPERVISE_TABLE_H
#define NSJOB_SUPERVISE_TABLE_H

#include <stdbool.h>

enum supervise_state {
	STATE_HELD,        /* built and reported, waits for release */
	STATE_EXECUTING,   /* told to exec, not proven yet */
	STATE_RUNNING,     /* exec proven, `started` sent */
	STATE_TERMINATING, /* TERM sent, grace runs */
	STATE_KILLING,     /* KILL sent, waits for the end of the main process or of init */
	STATE_ENDING,      /* main process over and told, the rest is being killed */
	STATE_FAILING,     /* never ran, being taken down */
	STATE_GONE,        /* init is dead: reap and finish */
	STATE_COUNT
};

enum supervise_event {
	EVENT_RELEASE,
	EVENT_CANCEL,      /* cancel frame, SIGTERM to the supervisor: with grace */
	EVENT_CANCEL_NOW,  /* cancel frame with grace 0 */
	EVENT_PEER_GONE,   /* end of the connection, or garbage on it: no grace */
	EVENT_TIMER,       /* the deadline of the current state */
	EVENT_CPU,         /* the tree has used up its processor time */
	EVENT_EXECUTED,    /* exec proven */
	EVENT_EXEC_FAILED, /* the job said why, or vanished before exec */
	EVENT_MAIN_ENDED,  /* init told the exit record */
	EVENT_INIT_GONE,
	EVENT_COUNT
};

enum supervise_command {
	COMMAND_NONE,
	COMMAND_EXECUTE,     /* tell the job to exec, arm the set-up deadline */
	COMMAND_START,       /* send `started`, let init reap, arm the wall clock */
	COMMAND_TERMINATE,   /* TERM to the job, arm the grace */
	COMMAND_KILL_MAIN,   /* KILL to the main process, arm a short deadline for init to tell */
	COMMAND_KILL_ALL,    /* kill what is left and look again soon */
	COMMAND_TELL_END,    /* send `exited` with the record, then kill what is left */
	COMMAND_TELL_LOST,   /* init died under the job: send `exited` without a record */
	COMMAND_FAIL,        /* keep the error, kill all */
};

struct supervise_step {
	enum supervise_state next;
	enum supervise_command command;
};

struct supervise_step supervise_decide(enum supervise_state state, enum supervise_event event);

#endif
