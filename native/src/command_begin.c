/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a command of an open sandbox begins: read, checked, handed to a runner. Runs in: supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "command.h"
#include "fd.h"
#include "launch.h"
#include "stdio_fds.h"

/* Its strings are all there, each with its end. */
static int check_strings(const struct command_plan *command, const char *text, size_t size, struct error *err)
{
	size_t wanted = (size_t)command->argument_count + command->search_count + command->variable_count + (command->has_cwd ? 1 : 0);
	size_t found = 0;

	for (size_t i = 0; i < size; i++)
		found += text[i] == '\0';
	if (size == 0 || text[size - 1] != '\0' || found != wanted)
		return error_set(err, "", EPROTO, "", "%zu strings where %zu are due", found, wanted);
	return text[0] != '\0' ? 0 : error_set(err, "", EINVAL, "argv[0]", "must not be empty");
}

static int send_order(int sync, const struct command_plan *command, const char *text, size_t size, const int streams[3],
		      struct error *err)
{
	struct runner_order order = {.argument_count = command->argument_count,
				     .search_count = command->search_count,
				     .variable_count = command->variable_count,
				     .has_cwd = command->has_cwd,
				     .brief = command->brief,
				     .limit_count = (uint32_t)command->plan.process.rlimit_count,
				     .size = (uint32_t)size};
	struct iovec parts[] = {{.iov_base = &order, .iov_len = sizeof(order)}, {.iov_base = (void *)(uintptr_t)text, .iov_len = size}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};

	if (order.limit_count > 0)
		memcpy(order.limits, command->plan.process.rlimits, order.limit_count * sizeof(order.limits[0]));
	*CMSG_FIRSTHDR(&header) =
		(struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(3 * sizeof(int))};
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), streams, 3 * sizeof(int));
	if (sendmsg(sync, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return error_set(err, "sendmsg", errno, "", "cannot hand the command to the sandbox");
	return 0;
}

static void occupy(struct runner *runner, int connection, const struct command_plan *command, const struct wire_reader *rest)
{
	runner->busy = true;
	runner->connection = connection;
	runner->connection_over = runner->has_record = runner->told = runner->clean = runner->pending_end = runner->main_dead = false;
	runner->silences = 0;
	runner->reader.length = rest->length;
	memcpy(runner->reader.buffer, rest->buffer, rest->length);
	runner->command = *command;
	runner->state = STATE_EXECUTING;
	runner->job_pid = runner->inside = 0;
	runner->started_at = runner->ended_at = runner->cpu_look_at = 0;
	runner->pending_signals = runner->pending_to_group = 0;
	runner->grace_millis = command->plan.grace_millis;
	runner->cause = NULL;
	runner->failure.message[0] = '\0';
	runner->usage = (struct rusage){0};
	runner->sweeps = 0;
	runner->executed_at = clock_nanos();
	command_arm(runner, command->plan.setup_millis);
	command_await_word(runner);
}

int command_read(const struct launch *launch, int connection, const int streams[3], struct command_message *ret_message,
		 struct error *err)
{
	struct wire_part plan;

	/* Nothing here waits for a caller: what is not there yet is not waited for, and what is not read is lost. */
	if (fcntl(connection, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, "fcntl", errno, "", "cannot use the connection of a command");
	if (stage_enter(STAGE_PLAN, err) < 0 ||
	    wire_receive_command(connection, &plan, &ret_message->strings, &ret_message->rest, err) < 0 ||
	    command_plan_parse(plan.bytes, plan.size, &ret_message->command, err) < 0)
		return -1;
	if (check_strings(&ret_message->command, ret_message->strings.bytes, ret_message->strings.size, err) == 0 &&
	    (!plan_has_other_root(&launch->plan) || stdio_check(streams, err) == 0) &&
	    stdio_give(launch, streams, ret_message->command.plan.process.owned_stdio, err) == 0)
		return 0;
	plan_release(&ret_message->command.plan);
	return -1;
}

int command_hand_over(struct runner *runner, int connection, const int streams[3], const struct command_message *message,
		      struct error *err)
{
	if (send_order(runner->sync, &message->command, message->strings.bytes, message->strings.size, streams, err) < 0)
		return -1;
	occupy(runner, connection, &message->command, &message->rest);
	return 0;
}
