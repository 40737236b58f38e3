/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_jobs.h"

#ifdef __SANITIZE_ADDRESS__
#define FORKS 150
#else
#define FORKS 1000
#endif
#define CROWD 24u

/* They have yet to open one when they say that the job is prepared. */
static bool hold_the_same_soon(const pid_t supervisors[CROWD])
{
	for (int round = 0; round < 500; round++) {
		int first = count_entries(supervisors[0], "fd");
		unsigned int same = 1;

		while (same < CROWD && count_entries(supervisors[same], "fd") == first)
			same++;
		if (same == CROWD)
			return first > 0;
		(void)poll(NULL, 0, 10);
	}
	return false;
}

static void test_crowd(void)
{
	struct caller caller = open_caller();
	int before = settled_count(caller.pid);
	int connections[CROWD];
	pid_t supervisors[CROWD];
	bool good = true;

	for (unsigned int i = 0; i < CROWD; i++)
		connections[i] = start_held(&caller, i, "exit 0", &supervisors[i]);
	CHECK(hold_the_same_soon(supervisors), "the last of a crowd holds no more descriptors than the first");
	CHECK(holds_soon(caller.pid, before), "and the launcher none");
	/* Every second one, so that each has neighbours that live. */
	for (unsigned int i = 0; i < CROWD; i += 2)
		fd_close(&connections[i]);
	for (unsigned int i = 1; i < CROWD; i += 2) {
		caller_send(connections[i], FRAME_RELEASE, "", 0);
		good = runs_to_its_end(connections[i], true, 0) && good;
		fd_close(&connections[i]);
	}
	CHECK(good, "while others are cancelled, the rest run");
	CHECK(spare_alone_soon(caller.pid) > 0, "and all are gone");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher too");
}

static void test_no_leak(void)
{
	struct caller caller = open_caller();
	int before = settled_count(caller.pid);
	bool good = true;

	for (uint64_t i = 0; i < FORKS; i++) {
		int connection = caller_start(&caller, i, null_streams);

		caller_send(connection, FRAME_PLAN, "{}", 2);
		good = caller_hear(connection, NULL) == FRAME_ERROR && caller_hear(connection, NULL) == 0 && good;
		fd_close(&connection);
	}
	CHECK(good, "a bad plan is one job's error, %d times", FORKS);
	CHECK(holds_soon(caller.pid, before), "and leaves no descriptor");
	CHECK(spare_alone_soon(caller.pid) > 0, "and no process");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
}

static bool gone_soon(pid_t pid)
{
	for (int i = 0; i < 1000 && status_of(pid, "Name:")[0] != '\0'; i++)
		(void)poll(NULL, 0, 10);
	return status_of(pid, "Name:")[0] == '\0';
}

static void test_spare(void)
{
	struct caller caller = open_caller();
	pid_t spare = spare_alone_soon(caller.pid);
	pid_t supervisor;
	int connection;
	struct resident_ended ended;

	CHECK(spare > 0, "a supervisor waits for a job");
	CHECK(settled_count(spare) == 2 + 4 + 6, "with its standard streams, a socket, and what it has opened ahead");
	connection = start_held(&caller, 1, "exit 2", &supervisor);
	CHECK_NUMBER(supervisor, spare, "which is the next one's");
	caller_kill(&caller, 1);
	ended = caller_ended(&caller);
	CHECK(ended.seq == 1 && ended.pid == (uint32_t)spare, "and then is known as that");
	fd_close(&connection);
	spare = spare_alone_soon(caller.pid);
	CHECK(spare > 0 && spare != supervisor, "another one waits");
	(void)kill(spare, SIGKILL);
	CHECK(gone_soon(spare), "where it is killed,");
	connection = caller_start(&caller, 2, null_streams);
	send_plan(connection, "", "exit 5", false);
	CHECK(runs_to_its_end(connection, false, 5), "it costs no job");
	fd_close(&connection);
	spare = spare_alone_soon(caller.pid);
	CHECK(spare > 0, "and is replaced");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
	CHECK(status_of(spare, "Name:")[0] == '\0', "and took the spare along");
}

static void test_going(void)
{
	struct caller caller = open_caller();
	pid_t supervisor;
	int connection = start_held(&caller, 1, "exit 0", &supervisor);

	/* As when the JVM is killed. */
	fd_close(&connection);
	fd_close(&caller.lifeline);
	CHECK_NUMBER(tap_wait(caller.pid), 0, "the end of standard input is the end of the launcher");
	CHECK(gone_soon(supervisor), "and of its supervisors before it");
	fd_close(&caller.control);

	caller = open_caller();
	connection = start_held(&caller, 1, "exit 0", &supervisor);
	fd_close(&connection);
	(void)shutdown(caller.control, SHUT_WR);
	CHECK_NUMBER(tap_wait(caller.pid), 0, "so is a half-close of the control connection");
	CHECK(gone_soon(supervisor), "with its supervisors");
	fd_close(&caller.control);
	fd_close(&caller.lifeline);

	caller = open_caller();
	connection = start_held(&caller, 1, "exit 6", &supervisor);
	(void)kill(caller.pid, SIGKILL);
	(void)tap_wait(caller.pid);
	CHECK_NUMBER(caller_hear(caller.control, NULL), 0, "a launcher that is killed is missed at once");
	caller_send(connection, FRAME_RELEASE, "", 0);
	CHECK(runs_to_its_end(connection, true, 6), "its job runs on, and is told to its end");
	CHECK(gone_soon(supervisor), "then its supervisor goes");
	fd_close(&connection);
	fd_close(&caller.control);
	fd_close(&caller.lifeline);
}

int main(void)
{
	open_null_streams();
	test_crowd();
	test_spare();
	test_no_leak();
	test_going();
	return tap_done();
}
