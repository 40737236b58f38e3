/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named rendezvous between our own processes over SEQPACKET pairs: supervisor - init (and joiner), supervisor - job.
 * A peer that vanished is always an error: end of file never means success here.
 */
#ifndef NSJOB_SYNC_H
#define NSJOB_SYNC_H

#include <stdint.h>

#include "error.h"
#include "ns.h"
#include "stage.h"

enum sync_type {
	SYNC_JOINED = 1, /* joiner -> supervisor: init is born; carries its pidfd */
	SYNC_PROCEED,    /* supervisor -> init: maps are written, go on */
	SYNC_DOOR,       /* supervisor -> init: a cgroup is made; carries what to write to, to be in it */
	SYNC_BUILT,      /* init -> supervisor: the job's process is born; carries its pidfd */
	SYNC_JOB_BUILT,  /* job -> supervisor: all is done but exec */
	SYNC_EXEC,       /* supervisor -> job: execute */
	SYNC_READY,      /* job -> supervisor: the very next call is execve */
	SYNC_RUN,        /* supervisor -> init: exec is proven, you may reap */
	SYNC_EXITED,     /* init -> supervisor: the main process ended thus */
	SYNC_FORK,       /* supervisor -> starter: make a runner; carries its end of a socket */
	SYNC_FORKED,     /* starter -> supervisor: it is born; carries its pidfd */
	SYNC_ERROR,      /* anybody -> supervisor: failed */
};

/* How the main process ended, as waitid(2) tells. */
struct exit_record {
	int32_t code;   /* CLD_EXITED, CLD_KILLED, CLD_DUMPED */
	int32_t status; /* exit code or signal */
};

/* What only the job's process itself could find out. */
struct job_facts {
	int32_t keyring;      /* enum keyring_state */
	int32_t landlock_abi; /* 0: without */
	struct ns_identity namespaces[NS_COUNT]; /* of a guarded one, see plan_is_guarded() */
};

struct sync_message {
	enum sync_type type;
	struct job_facts facts; /* with SYNC_JOB_BUILT */
	struct exit_record exited;
	uint64_t stage_nanos[STAGE_COUNT]; /* the sender's own */
	const struct error *error;         /* last: of SYNC_ERROR only; valid until the next message comes */
};

/* Two CLOEXEC ends. */
int sync_open(int ret_fds[2], struct error *err);

/* Sends type and this process's stage times, with a descriptor when fd >= 0. */
int sync_send(int fd, enum sync_type type, int passed_fd, struct error *err);
/* The job's own, with a descriptor when passed_fd >= 0. */
int sync_send_built(int fd, const struct job_facts *facts, int passed_fd, struct error *err);
int sync_send_exit(int fd, const struct exit_record *record, struct error *err);
/* The last word of a failing child: nobody to complain to if it cannot be sent. */
void sync_send_error(int fd, const struct error *error);

/* Receives whatever comes: 1, 0 at end of file, -1 with an error. *ret_fd (may be NULL) is a passed descriptor or -1. */
int sync_receive(int fd, struct sync_message *ret_message, int *ret_fd, struct error *err);
/* Blocks for exactly this message; a SYNC_ERROR becomes *err, end of file an error that names `who`. */
int sync_expect(int fd, enum sync_type type, const char *who, struct sync_message *ret_message, int *ret_fd,
		struct error *err);

#endif
