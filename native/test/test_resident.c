/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_jobs.h"

static void test_greeting(void)
{
	struct caller caller;
	char text[4096];
	json_t *hello;
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);

	caller_listen(&caller);
	caller_spawn(&caller, CALLER_SECRET "\n", launcher);
	CHECK(caller_accept(&caller, text, sizeof(text)), "a launcher connects");
	hello = json_loads(text, 0, NULL);
	CHECK_TEXT(json_string_value(json_object_get(hello, "secret")), CALLER_SECRET, "its first message has the secret");
	CHECK_NUMBER(json_integer_value(json_object_get(hello, "pid")), caller.pid, "and its pid");
	CHECK(getsockopt(caller.control, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == caller.pid,
	      "which the kernel confirms");
	json_decref(hello);
	CHECK_TEXT(status_of(caller.pid, "Name:"), "nsjob-launcher", "it has a name for ps");
	CHECK_NUMBER(caller_leave(&caller), 0, "and ends with us");
}

static void refuses_secret(const char *text, const char *what)
{
	struct caller caller;
	char hello[64];

	caller_listen(&caller);
	caller_spawn(&caller, text, launcher);
	fd_close(&caller.lifeline);
	CHECK_NUMBER(tap_wait(caller.pid), 125, what);
	fd_close(&caller.listener);
	(void)caller_accept(&caller, hello, sizeof(hello));
}

/* The launcher's parent is not who listens: as when another user's process had taken the place of the socket. */
static int stranger(void *argument)
{
	struct caller *caller = argument;

	caller_spawn(caller, CALLER_SECRET "\n", launcher);
	return tap_wait(caller->pid);
}

static void test_strangers(void)
{
	struct caller caller;
	char hello[4096];

	refuses_secret("", "no secret");
	refuses_secret("0123\n", "a short secret");
	refuses_secret(CALLER_SECRET "0\n", "a long secret");
	refuses_secret(CALLER_SECRET, "a secret without an end");
	caller_listen(&caller);
	CHECK_NUMBER(tap_child(stranger, &caller), 125, "it talks to nobody but its parent");
	CHECK(!caller_accept(&caller, hello, sizeof(hello)), "and told nobody the secret");
	fd_close(&caller.control);
}

static void test_job(void)
{
	struct caller caller = open_caller();
	int before = settled_count(caller.pid);
	int input[2], output[2], connection;
	char text[16] = {0};
	pid_t supervisor;

	if (pipe2(input, O_CLOEXEC) < 0 || pipe2(output, O_CLOEXEC) < 0)
		tap_bail("pipe2: %s", strerror(errno));
	connection = caller_start(&caller, 1, (const int[]){input[0], output[1], null_streams[2]});
	fd_close(&input[0]);
	fd_close(&output[1]);
	if (write(input[1], "word\n", 5) != 5)
		tap_bail("write: %s", strerror(errno));
	send_plan(connection, "", "read a; echo +$a; exit 7", false);
	CHECK(runs_to_its_end(connection, false, 7), "a job is prepared, started, exited and told");
	CHECK(read(output[0], text, sizeof(text) - 1) == 6 && strcmp(text, "+word\n") == 0, "it had the streams that were sent");
	CHECK_NUMBER(read(output[0], text, sizeof(text)), 0, "and nobody has them any more");
	fd_close(&connection);
	connection = start_held(&caller, 2, "exit 3", &supervisor);
	CHECK_TEXT(status_of(supervisor, "Name:"), "nsjob-super", "prepared names the supervisor");
	CHECK_NUMBER(atoi(status_of(supervisor, "PPid:")), caller.pid, "a child of the launcher");
	/* HUP, INT, QUIT, USR1, USR2, PIPE, TSTP, TTIN and TTOU; TERM as soon as it is watched. */
	CHECK_NUMBER(strtoull(status_of(supervisor, "SigBlk:"), NULL, 16) & ~0x4000ull, 0x381a07,
		     "that blocks what a supervisor blocks, and no SIGCHLD");
	CHECK_TEXT(status_of(supervisor, "SigIgn:"), "0000000000000000", "and ignores nothing");
	CHECK(holds_soon(caller.pid, before), "of all that the launcher keeps nothing");
	caller_send(connection, FRAME_RELEASE, "", 0);
	CHECK(runs_to_its_end(connection, true, 3), "a held job runs when it is released");
	fd_close(&connection);
	connection = caller_start(&caller, 3, null_streams);
	send_plan(connection, "'inPlace':{'fork':false},", "exit 0", false);
	CHECK(caller_hear(connection, NULL) == FRAME_ERROR && caller_hear(connection, NULL) == 0, "no supervisor becomes the command");
	fd_close(&connection);
	CHECK(spare_alone_soon(caller.pid) > 0, "all are reaped");
	fd_close(&input[1]);
	fd_close(&output[0]);
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher has seen nothing of it");
}

/* A start with so many descriptors, the first of them a connection: refused aloud, and nothing of it kept. */
static void refuses_start(const struct caller *caller, size_t count, const struct resident_order *order, const char *what)
{
	struct resident_ended ended;
	int ends[2];
	int fds[16];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		tap_bail("socketpair: %s", strerror(errno));
	for (size_t i = 0; i < count; i++)
		fds[i] = i == 0 ? ends[1] : null_streams[0];
	caller_order(caller, order, sizeof(*order), fds, count);
	fd_close(&ends[1]);
	ended = caller_ended(caller);
	CHECK(ended.type == RESIDENT_ENDED && ended.seq == order->seq && ended.pid == 0 && WIFEXITED(ended.status) &&
		      WEXITSTATUS(ended.status) == 125, "%s: refused", what);
	CHECK(count == 0 || caller_hear(ends[0], NULL) == 0, "%s: the connection ends", what);
	fd_close(&ends[0]);
}

static void test_garbage(void)
{
	struct caller caller = open_caller();
	struct resident_order start = {.type = RESIDENT_START, .seq = 5};
	struct resident_order odd = {.type = RESIDENT_START, .reserved = 1, .seq = 6};
	struct resident_order unknown = {.type = 99, .seq = 7};
	struct resident_order ended = {.type = RESIDENT_ENDED, .seq = 7};
	struct resident_order end = {.type = RESIDENT_KILL, .seq = 8};
	char large[64] = {RESIDENT_START};
	int before = settled_count(caller.pid);
	int connection;

	refuses_start(&caller, 0, &start, "no descriptor");
	refuses_start(&caller, 3, &start, "three descriptors");
	refuses_start(&caller, 5, &start, "five descriptors");
	refuses_start(&caller, 16, &start, "sixteen descriptors");
	refuses_start(&caller, 4, &odd, "a reserved field");
	caller_order(&caller, large, 0, NULL, 0);
	caller_order(&caller, large, 1, NULL, 0);
	caller_order(&caller, &start, sizeof(start) - 1, null_streams, 3);
	caller_order(&caller, large, sizeof(large), (const int[]){0, 0, 0, 0}, 4);
	caller_order(&caller, &unknown, sizeof(unknown), null_streams, 3);
	caller_order(&caller, &ended, sizeof(ended), NULL, 0);
	caller_order(&caller, &end, sizeof(end), NULL, 0);
	caller_order(&caller, &end, sizeof(end), null_streams, 2);
	if (write(caller.lifeline, large, sizeof(large)) != sizeof(large))
		tap_bail("write: %s", strerror(errno));
	connection = caller_start(&caller, 9, null_streams);
	send_plan(connection, "", "exit 0", false);
	CHECK(runs_to_its_end(connection, false, 0), "after all that garbage a job still runs");
	fd_close(&connection);
	CHECK(holds_soon(caller.pid, before), "no descriptor of it is left");
	CHECK_NUMBER(caller_leave(&caller), 0, "and the launcher ends as ever");
}

static void test_ends(void)
{
	struct caller caller = open_caller();
	struct resident_ended ended;
	pid_t killed, crashed, alarmed, other;
	int first = start_held(&caller, 11, "exit 0", &killed);
	int second = start_held(&caller, 12, "exit 0", &crashed);
	int third = start_held(&caller, 13, "exit 0", &alarmed);
	int last = start_held(&caller, 14, "exit 4", &other);

	caller_kill(&caller, 11);
	CHECK_NUMBER(caller_hear(first, NULL), 0, "the connection of a supervisor that is killed ends, whoever was forked after it");
	ended = caller_ended(&caller);
	CHECK(ended.seq == 11 && ended.pid == (uint32_t)killed && WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL,
	      "and it is told how");
	(void)kill(crashed, SIGSEGV);
	ended = caller_ended(&caller);
	CHECK(ended.seq == 12 && ended.pid == (uint32_t)crashed && ended.status != 0, "a crash is one job's");
	(void)kill(alarmed, SIGALRM);
	ended = caller_ended(&caller);
	CHECK(ended.seq == 13 && WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGALRM, "the alarm of a set-up too");
	caller_kill(&caller, 11);
	caller_kill(&caller, 14000);
	caller_send(last, FRAME_RELEASE, "", 0);
	CHECK(runs_to_its_end(last, true, 4), "killing what is gone, or never was, kills nobody");
	CHECK(spare_alone_soon(caller.pid) > 0, "all are reaped");
	fd_close(&first);
	fd_close(&second);
	fd_close(&third);
	fd_close(&last);
	CHECK_NUMBER(caller_leave(&caller), 0, "and the launcher stays until we go");
}

int main(void)
{
	open_null_streams();
	test_greeting();
	test_strangers();
	test_job();
	test_garbage();
	test_ends();
	return tap_done();
}
