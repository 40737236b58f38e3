/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../src/error.h"
#include "../src/plan.h"
#include "../src/wire.h"
#include "tap.h"

static const char whole[] = "{\"protocol\":1,\"strings\":{\"argv\":2,\"searchPath\":1,\"env\":0,\"cwd\":true},"
			    "\"rlimits\":[{\"resource\":7,\"soft\":10,\"hard\":20}],\"ownedStdio\":[1,2],"
			    "\"limits\":{\"setupMillis\":1000,\"wallMillis\":50,\"graceMillis\":5}}";

static const char brief[] = "{\"protocol\":1,\"strings\":{\"argv\":1,\"searchPath\":0,\"env\":0,\"cwd\":false},"
			    "\"limits\":{\"setupMillis\":1000,\"graceMillis\":5},\"brief\":true}";

static bool refused(const char *text, const char *subject)
{
	struct command_plan command;
	struct error err = {0};
	int result = command_plan_parse(text, strlen(text), &command, &err);

	if (result == 0)
		plan_release(&command.plan);
	else if (strcmp(err.subject, subject) != 0)
		tap_print("# refused at \"%s\": %s", err.subject, err.message);
	return result < 0 && strcmp(err.subject, subject) == 0;
}

static void test_plan(void)
{
	struct command_plan command;
	struct error err = {0};

	CHECK(command_plan_parse(whole, strlen(whole), &command, &err) == 0, "a command's plan is taken");
	CHECK(command.argument_count == 2 && command.search_count == 1 && command.variable_count == 0 && command.has_cwd,
	      "how many strings are to come");
	CHECK(command.plan.process.rlimit_count == 1 && command.plan.process.rlimits[0].soft == 10 &&
		      command.plan.process.owned_stdio[1] && !command.plan.process.owned_stdio[0] &&
		      command.plan.has_wall && command.plan.wall_millis == 50 && command.plan.grace_millis == 5,
	      "its limits and its streams");
	CHECK(!command.brief, "somebody waits for the news of its start");
	plan_release(&command.plan);
	CHECK(command_plan_parse(brief, strlen(brief), &command, &err) == 0 && command.brief, "unless it says that nobody does");
	plan_release(&command.plan);
	CHECK(refused("{\"protocol\":2}", "protocol"), "another protocol is not");
	CHECK(refused("{\"protocol\":1,\"argv\":[]}", "argv"), "nor is an unknown field");
	CHECK(refused("{\"protocol\":1,\"strings\":{\"argv\":0,\"searchPath\":0,\"env\":0,\"cwd\":false}}", "strings.argv"),
	      "nor a command without a program");
	CHECK(refused("{\"protocol\":1,\"strings\":{\"argv\":1,\"searchPath\":0,\"env\":0,\"cwd\":false}}", "limits"),
	      "nor one without limits");
}

static void send_fds(int socket, const int fds[], size_t count)
{
	static const uint8_t frame[WIRE_HEADER] = {0, 0, 0, 0, FRAME_COMMAND};
	struct iovec part = {.iov_base = (void *)(uintptr_t)frame, .iov_len = sizeof(frame)};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(5 * sizeof(int))];
	} control = {0};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};

	*CMSG_FIRSTHDR(&header) =
		(struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int))};
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), fds, count * sizeof(int));
	(void)sendmsg(socket, &header, 0);
}

static void send_frame(int socket, enum frame_type type, const char *body)
{
	CHECK(wire_send_bytes(socket, type, body, strlen(body), &(struct error){0}) == 0, "a frame is sent");
}

static void test_frames(void)
{
	static struct wire_reader rest;
	struct wire_part plan, text;
	struct control control;
	struct error err = {0};
	char bytes[64];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		tap_bail("socketpair");
	CHECK(wire_receive_command(ends[1], &plan, &text, &rest, &err) < 0, "nobody waits for a command that is not there");
	send_frame(ends[0], FRAME_PLAN, "{}");
	CHECK(wire_receive_command(ends[1], &plan, &text, &rest, &err) < 0, "nor for half of one");
	send_frame(ends[0], FRAME_PLAN, "{}");
	send_frame(ends[0], FRAME_STRINGS, "abc");
	send_frame(ends[0], FRAME_CANCEL, "");
	CHECK(wire_receive_command(ends[1], &plan, &text, &rest, &err) == 0 && plan.size == 2 && text.size == 3 &&
		      memcmp(plan.bytes, "{}", 2) == 0 && memcmp(text.bytes, "abc", 3) == 0,
	      "plan and strings are read at once");
	CHECK(wire_next(&rest, &control, &err) == WIRE_CONTROL && control.type == FRAME_CANCEL &&
		      wire_next(&rest, &control, &err) == WIRE_NONE,
	      "and what was said since is not lost");
	wire_hold(ends[0]);
	send_frame(ends[0], FRAME_RUNNING, "{}");
	CHECK(recv(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT) < 0, "what is held is not sent");
	send_frame(ends[0], FRAME_EXITED, "{}");
	wire_flush();
	CHECK(recv(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT) == 2 * (WIRE_HEADER + 2), "before all of it is");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static int open_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_descriptors(void)
{
	struct wire_reader reader = {.length = 0};
	struct control control;
	struct error err = {0};
	int ends[2], fds[WIRE_FDS], before;
	const int sent[] = {0, 1, 2, 1, 2};

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		tap_bail("socketpair");
	before = open_count();
	send_fds(ends[0], sent, WIRE_FDS);
	send_fds(ends[0], sent, WIRE_FDS);
	for (int i = 0; i < 2; i++) {
		CHECK(wire_fill(ends[1], &reader) == WIRE_CONTROL && wire_next(&reader, &control, &err) == WIRE_CONTROL &&
			      control.type == FRAME_COMMAND && wire_take_fds(&reader, fds),
		      "each command comes with its own descriptors");
		for (size_t j = 0; j < WIRE_FDS; j++)
			(void)close(fds[j]);
	}
	send_fds(ends[0], sent, 3);
	CHECK(wire_fill(ends[1], &reader) == WIRE_CONTROL && !wire_take_fds(&reader, fds), "too few are none");
	send_fds(ends[0], sent, 5);
	CHECK(wire_fill(ends[1], &reader) == WIRE_CONTROL, "too many are cut off");
	wire_drop_fds(&reader);
	CHECK(open_count() == before, "and none of them stays open");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	test_plan();
	test_descriptors();
	test_frames();
	return tap_done();
}
