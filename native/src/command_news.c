/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runner of one command says. Runs in: supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "command.h"
#include "fd.h"
#include "launch.h"
#include "proc.h"

static int receive_news(int sync, struct runner_news *news, struct error *ret_error, int *ret_pidfd)
{
	struct iovec parts[] = {{.iov_base = news, .iov_len = sizeof(*news)}, {.iov_base = ret_error, .iov_len = sizeof(*ret_error)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *rights;
	ssize_t got = recvmsg(sync, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*ret_pidfd = -1;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < (ssize_t)sizeof(*news))
		return -1;
	rights = CMSG_FIRSTHDR(&header);
	if (rights != NULL && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
	    rights->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_pidfd, CMSG_DATA(rights), sizeof(int));
	return (size_t)got == sizeof(*news) + (news->word == RUNNER_FAILED ? sizeof(*ret_error) : 0) ? 1 : -1;
}

/* The pid, as it is here, of the child that has this one inside, or of the last that is there; 0 where none has said so. */
static pid_t whispered_pid(int whisper, int32_t inside, int32_t *ret_inside)
{
	int32_t said = 0;
	struct ucred sender = {0};

	*ret_inside = 0;

	for (;;) {
		struct iovec part = {.iov_base = &said, .iov_len = sizeof(said)};
		union {
			struct cmsghdr align;
			char space[CMSG_SPACE(sizeof(sender))];
		} control;
		struct msghdr header = {
			.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
		const struct cmsghdr *credentials;

		if (recvmsg(whisper, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(said))
			return inside == 0 ? sender.pid : 0;
		credentials = CMSG_FIRSTHDR(&header);
		if (credentials == NULL || credentials->cmsg_level != SOL_SOCKET || credentials->cmsg_type != SCM_CREDENTIALS ||
		    credentials->cmsg_len != CMSG_LEN(sizeof(sender)))
			return 0;
		memcpy(&sender, CMSG_DATA(credentials), sizeof(sender));
		*ret_inside = said;
		if (said == inside)
			return sender.pid;
	}
}

/* Dead, and not reaped before we have looked: whether it had executed stands in /proc. */
static bool has_executed(const struct runner *runner)
{
	struct proc_stat stat;
	char name[16];
	_cleanup_close_ int process_dir = -1;

	(void)snprintf(name, sizeof(name), "%d", (int)runner->job_pid);
	process_dir = openat(runner->launch->proc_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return process_dir < 0 || proc_read_stat(process_dir, &stat, error_scratch()) < 0 || (stat.flags & PROC_PF_FORKNOEXEC) == 0;
}

static void hear_start(struct runner *runner, const struct runner_news *news)
{
	bool executed = true;

	runner->word_at = 0;
	runner->silences = 0;
	runner->age_nanos = news->age_nanos;
	runner->job_pid = whispered_pid(runner->whisper, news->inside, &runner->inside);
	runner->inside = news->inside;
	if (news->word == RUNNER_DOUBTFUL) {
		runner->job_pid = proc_pid_of(runner->job_pidfd, error_scratch());
		executed = has_executed(runner);
	}
	if (runner->job_pid <= 0)
		command_never_ran(runner, "open", EMFILE, "cannot tell the pid of the command's process");
	executed = executed && runner->job_pid > 0;
	if (news->word == RUNNER_DOUBTFUL)
		(void)send(runner->sync, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (!executed)
		command_never_ran(runner, "", ECHILD, "the command's process ended before it could execute the program");
	command_happen(runner, executed ? EVENT_EXECUTED : EVENT_EXEC_FAILED);
}

static void hear_end(struct runner *runner, const struct runner_news *news)
{
	runner->usage = news->usage;
	runner->record = news->record;
	runner->has_record = true;
	runner->word_at = 0;
	runner->clean = news->word == RUNNER_CLEAN || news->clean != 0;
	if (news->word != RUNNER_CLEAN)
		command_happen(runner, EVENT_MAIN_ENDED);
	if (runner->clean)
		command_happen(runner, EVENT_INIT_GONE);
}

/*
 * Where its child had come to its exec nobody knows any more whether that went well: the command is lost. Where it had not, nothing
 * of it has run; and if the starter has died, it may be that nobody was there to start it.
 */
void command_runner_is_gone(struct runner *runner)
{
	bool executing = runner->busy && (runner->state == STATE_EXECUTING || (runner->state == STATE_KILLING && runner->started_at == 0));

	runner->gone = true;
	fd_close(&runner->sync);
	runner->age_nanos = 0;
	wire_hold(runner->connection);
	if (executing)
		runner->job_pid = whispered_pid(runner->whisper, 0, &runner->inside);
	if (executing && runner->job_pid > 0)
		command_happen(runner, EVENT_EXECUTED);
	else if (runner->awaited)
		(void)error_set(&runner->failure, "", ECHILD, COMMAND_STARTER, "the sandbox's process that starts commands has ended");
	command_never_ran(runner, "", ECHILD, "the process that was to start the command has ended");
	command_happen(runner, EVENT_INIT_GONE);
	wire_flush();
}

bool command_hear_runner(struct runner *runner)
{
	struct runner_news news;
	struct error *error = error_scratch();
	_cleanup_close_ int pidfd = -1;
	int received = receive_news(runner->sync, &news, error, &pidfd);

	if (received == 0)
		return false;
	if (received < 0 || !runner->busy) {
		command_runner_is_gone(runner);
		return true;
	}
	if ((news.word == RUNNER_STARTED || news.word == RUNNER_DOUBTFUL) && runner->job_pidfd < 0 && pidfd >= 0) {
		runner->job_pidfd = fd_take(&pidfd);
		hear_start(runner, &news);
	} else if (news.word == RUNNER_FAILED) {
		if (runner->failure.message[0] == '\0')
			runner->failure = *error;
		/* It may have whispered before its exec failed. */
		(void)whispered_pid(runner->whisper, 0, &runner->inside);
		runner->clean = true;
		command_happen(runner, EVENT_EXEC_FAILED);
		command_happen(runner, EVENT_INIT_GONE);
	} else if (news.word == RUNNER_BRIEF || news.word == RUNNER_ENDED || news.word == RUNNER_CLEAN) {
		wire_hold(runner->connection);
		if (news.word == RUNNER_BRIEF)
			hear_start(runner, &news);
		hear_end(runner, &news);
		wire_flush();
	}
	return true;
}
