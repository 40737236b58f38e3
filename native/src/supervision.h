/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between supervise.c (which hears) and supervise_act.c (which acts) only. Runs in: supervisor.
 */
#ifndef NSJOB_SUPERVISION_H
#define NSJOB_SUPERVISION_H

#include <stdbool.h>
#include <stdint.h>

#include "cputime.h"
#include "error.h"
#include "relay.h"
#include "supervise_table.h"
#include "sync.h"
#include "wire.h"

struct commands;
struct launch;

struct supervision {
	struct launch *launch;
	struct relay *relay;       /* does nothing without a terminal */
	struct commands *commands; /* of a sandbox that is open, once the job has executed */
	enum supervise_state state;
	int signals;               /* signalfd of SIGTERM, and of what concerns the terminal */
	bool connection_over;
	uint64_t deadline;         /* 0 = none; what it means is the state's business */
	struct cpu_account cpu;
	uint64_t cpu_used;         /* nanoseconds, at the last look */
	uint64_t cpu_look_at;      /* when to look at the processor time again; 0 = never */
	unsigned int processors;
	uint64_t started_at, ended_at;
	uint64_t pending_signals;  /* asked for before the job ran: bit n-1 is signal n */
	uint64_t pending_to_group; /* which of them go to the job's group */
	bool pending_end;          /* asked to end, with grace, while exec was not proven yet */
	int64_t grace_millis;
	const char *cause;         /* first reason recorded for ending the job */
	bool ready;                /* the job said READY */
	bool has_record, told;
	struct exit_record record;
	int sweeps, quiet_sweeps;
	/* Last: pages that an ordinary job never touches. */
	struct wire_reader reader;
	struct error failure;      /* why it never ran */
};

/* Lets the table decide and carries its command out; may happen within itself, the state is always the new one. */
void supervise_happen(struct supervision *supervision, enum supervise_event event);

/* Looks at the tree's processor time, and ends the job when that has run out. */
void supervise_look_at_cpu(struct supervision *supervision);

/* Notes why the job is to end: only the first reason counts. */
void supervise_blame(struct supervision *supervision, const char *cause);

/* Notes why the job never ran: only the first reason counts. */
void supervise_never_ran(struct supervision *supervision, const char *syscall, int errnum, const char *message);

void supervise_tell(struct supervision *supervision, enum frame_type type, struct emitter body);
void supervise_signal(const struct supervision *supervision, int number, bool to_group);

/* How long the job has run at a moment of clock_nanos(); 0 when it never ran. */
uint64_t supervise_wall_nanos(const struct supervision *supervision, uint64_t until);

#endif
