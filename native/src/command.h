/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between commands.c (the loop's part), command_begin.c, command_news.c, command_obey.c and command_act.c only. Runs in: supervisor.
 */
#ifndef NSJOB_COMMAND_H
#define NSJOB_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "cputime.h"
#include "error.h"
#include "plan.h"
#include "runner.h"
#include "supervise_table.h"
#include "wire.h"

struct launch;

/* The subject of an error by which the caller knows that nobody got the command: it can be run in another way. */
#define COMMAND_STARTER "starter"

/* What the caller has sent of a command, and what it said besides. */
struct command_message {
	struct command_plan command;
	struct wire_part strings;
	struct wire_reader rest;
};

/* A runner, and the command that it runs now: one connection is one command. */
struct runner {
	struct launch *launch;
	int sync, pidfd;    /* of the runner; the latter is -1 until the starter has told */
	int whisper;        /* where its children leave their pids */
	pid_t pid;
	bool awaited;       /* the starter has not told yet */
	bool gone;          /* to be forgotten once its command is over */

	bool busy;
	int connection;     /* -1 when idle */
	bool connection_over;
	struct wire_reader reader;
	struct command_plan command;
	enum supervise_state state;
	int job_pidfd;
	pid_t job_pid, inside;
	bool main_dead;     /* by its pidfd; what its runner says comes behind */
	uint64_t word_at;   /* when its runner should have said something; 0 = it need not */
	int silences;
	bool clean;         /* nothing of the command is left */
	uint64_t deadline;  /* 0 = none; what it means is the state's business */
	uint64_t executed_at, started_at, ended_at;
	struct cpu_account cpu;
	uint64_t cpu_look_at;
	uint64_t pending_signals, pending_to_group;
	bool pending_end;
	int64_t grace_millis;
	const char *cause;
	struct error failure;
	bool has_record, told;
	struct exit_record record;
	struct rusage usage;
	int sweeps;
	uint64_t age_nanos; /* how long ago it had executed when that was told */
};

/* What the caller has sent already; the plan is the caller's to release. */
int command_read(const struct launch *launch, int connection, const int streams[3], struct command_message *ret_message,
		 struct error *err);
/* Makes an idle runner busy: plan and connection are its own then. */
int command_hand_over(struct runner *runner, int connection, const int streams[3], const struct command_message *message,
		      struct error *err);

/* Reads its connection. */
void command_hear_caller(struct runner *runner);
/* Obeys what came together with its plan. */
void command_hear_rest(struct runner *runner);

/* Reads what its runner says: false when there was nothing. */
bool command_hear_runner(struct runner *runner);
void command_runner_is_gone(struct runner *runner);

/* Lets the table decide and carries out what it says; a command that is over is gone afterwards, and the runner idle. */
void command_happen(struct runner *runner, enum supervise_event event);
void command_blame(struct runner *runner, const char *cause);
void command_signal(const struct runner *runner, int number, bool to_group);
void command_look_at_cpu(struct runner *runner);
/* Notes why it never ran; only the first reason counts. */
void command_never_ran(struct runner *runner, const char *syscall, int errnum, const char *message);
/* The runner has something to say, and a while to do so. */
void command_await_word(struct runner *runner);
void command_arm(struct runner *runner, int64_t millis);

#endif
