/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>

#include "error.h"
#include "fd.h"
#include "ns.h"
#include "proc.h"
#include "sys.h"

/* Fields 3 to 22, then the rest that nobody reads; %s is the state. */
#define STAT_TAIL "%s 17 18 19 34816 -1 4194368 1 2 3 4 5 6 7 8 20 0 1 0 987654321012 4096 5"

static void test_stat(void)
{
	static const char *const commands[] = {"cat",  "a) R 1 (b", ")",     ") ", "(", "",
					       "a b c", ") S 1 2 3 4 5 6 7 8", "\n) Z 1", "\xff\xfe"};
	char text[256];
	struct proc_stat stat;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		(void)snprintf(text, sizeof(text), "42 (%s) " STAT_TAIL, commands[i], "S");
		memset(&stat, 0, sizeof(stat));
		CHECK(proc_parse_stat(text, &stat) == 0 && stat.state == 'S' && stat.parent == 17 &&
			      stat.terminal == 34816 && stat.flags == 4194368 && stat.start_time == 987654321012u &&
			      stat.own_ticks == 5 + 6 && stat.children_ticks == 7 + 8,
		      "stat of a command called \"%s\"", commands[i]);
	}
}

static void test_bad_stat(void)
{
	static const char *const texts[] = {"", "42", "42 (cat", "42 (cat)", "42 (cat) S", "42 (cat) S x",
					    "42 (cat) S 17 18 19 0 -1 64 1 2 3 4 5 6 7 8 20 0 1 0",
					    "42 (cat) S 17 18 19 0 -1 64 1 2 3 4 5 6 7 8 20 0 1 0 x"};
	struct proc_stat stat;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_NUMBER(proc_parse_stat(texts[i], &stat), -1, "a stat cut short is refused");
}

/* Linux 6: everything there. */
static const char status_new[] =
	"Name:\tcat\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t42\nNgid:\t0\nPid:\t42\nPPid:\t1\nTracerPid:\t0\n"
	"Uid:\t1000\t1001\t1002\t1003\nGid:\t2000\t2001\t2002\t2003\nFDSize:\t64\nGroups:\t4 24 4294967294 \n"
	"NStgid:\t42\t7\t1\nNSpid:\t42\t7\t1\nNSpgid:\t42\t7\t1\nNSsid:\t42\t7\t1\n"
	"SigIgn:\t0000000000001000\nSigCgt:\t0000000000000400\nCapInh:\t0000000000000001\n"
	"CapPrm:\t000001fffeffffff\nCapEff:\t0000000000000002\nCapBnd:\tffffffffffffffff\nCapAmb:\t0000000000000004\n"
	"NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";

/* Linux 3.10: no ambient set, no NSpid, no NoNewPrivs, Seccomp not built in. */
static const char status_old[] =
	"Name:\tcat\nState:\tS (sleeping)\nTgid:\t42\nPid:\t42\nPPid:\t1\nTracerPid:\t0\nUid:\t0\t0\t0\t0\n"
	"Gid:\t0\t0\t0\t0\nFDSize:\t64\nGroups:\t\nCapInh:\t0000000000000000\nCapPrm:\t0000001fffffffff\n"
	"CapEff:\t0000001fffffffff\nCapBnd:\t0000001fffffffff\n";

static void test_status(void)
{
	struct proc_status status;

	CHECK_NUMBER(proc_parse_status(status_new, &status), 0, "status of a new kernel");
	CHECK_NUMBER(status.uid, 1001, "the effective uid is the second");
	CHECK_NUMBER(status.gid, 2001, "the effective gid is the second");
	CHECK(status.group_count == 3 && status.groups[0] == 4 && status.groups[1] == 24 &&
		      status.groups[2] == 4294967294u, "all groups");
	CHECK(status.inheritable == 1 && status.permitted == 0x1fffeffffffu && status.effective == 2 &&
		      status.bounding == UINT64_MAX && status.ambient == 4, "all five capability sets");
	CHECK(status.no_new_privs == 1 && status.seccomp == 2 && status.seccomp_filters == 1, "no_new_privs and seccomp");
	CHECK(status.ignored == 0x1000 && status.caught == 0x400, "ignored and caught signals");
	CHECK(status.pid_count == 3 && status.pids[0] == 42 && status.pids[1] == 7 && status.pids[2] == 1,
	      "pids of all levels");
	free(status.groups);
	CHECK_NUMBER(proc_parse_status(status_old, &status), 0, "status of an old kernel");
	CHECK(status.group_count == 0 && status.pid_count == 0, "no groups, no levels");
	CHECK(status.ignored == UINT64_MAX && status.caught == UINT64_MAX, "signals that are not told are not none");
	CHECK(status.no_new_privs == -1 && status.seccomp == -1 && status.seccomp_filters == -1, "what the kernel does not say is -1, not 0");
	free(status.groups);
}

static void test_hostile_status(void)
{
	/* Newlines in a name are shown as \n with a backslash by every kernel; a field may still look like another. */
	static const char text[] = "Name:\tUid: 7\nXUid:\t9\t9\nUid:\t1\t2\t3\t4\nGid:\t1\t2\t3\t4\nGroups:\t\n"
				   "CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\nNSpid:\t9\n";
	struct proc_status status;
	char many[64 + 12 * 2 * PROC_PID_LEVELS + sizeof(status_old)];
	size_t length;

	CHECK(proc_parse_status(text, &status) == 0 && status.uid == 2, "a field is looked for at the start of a line");
	free(status.groups);
	for (const char *field = "UidGidCapInhCapPrmCapEffCapBnd"; *field != '\0';
	     field += strncmp(field, "Cap", 3) == 0 ? 6 : 3) {
		char damaged[sizeof(status_old)];
		char name[8] = "\n";
		char *place;

		memcpy(damaged, status_old, sizeof(damaged));
		memcpy(name + 1, field, strncmp(field, "Cap", 3) == 0 ? 6 : 3);
		place = strstr(damaged, name);
		if (place == NULL)
			tap_bail("no %s in the test's own text", name);
		place[1] = 'x';
		CHECK(proc_parse_status(damaged, &status) < 0, "a status without%s is refused", name);
	}
	length = (size_t)snprintf(many, sizeof(many), "%sNSpid:", status_old);
	for (int i = 0; i < 2 * PROC_PID_LEVELS; i++)
		length += (size_t)snprintf(many + length, sizeof(many) - length, "\t%d", i + 1);
	CHECK(proc_parse_status(many, &status) == 0 && status.pid_count == PROC_PID_LEVELS, "too many levels are cut");
	free(status.groups);
}

static void test_many_groups(void)
{
	size_t size = sizeof(status_old) + 12 * 65536;
	char *text = malloc(size);
	size_t length;
	struct proc_status status;

	if (text == NULL)
		tap_bail("out of memory");
	length = (size_t)snprintf(text, size, "CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\nUid:\t0\t0\nGid:\t0\t0\nGroups:\t");
	for (unsigned int i = 0; i < 65536; i++)
		length += (size_t)snprintf(text + length, size - length, "%u ", 4294901758u + i);
	CHECK(proc_parse_status(text, &status) == 0 && status.group_count == 65536 &&
		      status.groups[65535] == 4294967293u, "as many groups as the kernel allows");
	free(status.groups);
	free(text);
}

/* Both ways name the same namespaces. */
static void compare_namespaces(int directory, int pidfd)
{
	struct ns_identity shown[NS_COUNT], told[NS_COUNT];
	struct error err;

	if (ns_identities_by_pidfd(pidfd, told) < 0) {
		tap_skip("namespaces by pidfd", "this kernel has no such request");
		return;
	}
	if (ns_identities(directory, shown, &err) < 0)
		tap_bail("%s", err.message);
	for (int kind = 0; kind < NS_COUNT; kind++)
		CHECK(shown[kind].inode != 0 && told[kind].inode == shown[kind].inode && told[kind].device == shown[kind].device,
		      "a pidfd and /proc name the same %s namespace", ns_table[kind].name);
}

static void test_real(void)
{
	struct error err;
	struct proc_stat stat;
	struct proc_status status = {0};
	struct ns_identity gone[NS_COUNT];
	siginfo_t info;
	pid_t pid = fork();
	_cleanup_close_ int pidfd = -1;
	_cleanup_close_ int directory = -1;

	if (pid == 0) {
		(void)alarm(TAP_CHILD_SECONDS);
		for (;;)
			(void)pause();
	}
	pidfd = sys_pidfd_open(pid);
	directory = proc_open(pid, pidfd, &err);
	CHECK(directory >= 0, "a living process is opened");
	CHECK(!proc_ended(pidfd), "and has not ended");
	CHECK_NUMBER(proc_pid_of(pidfd, &err), pid, "the pid of a pidfd");
	compare_namespaces(directory, pidfd);
	CHECK(proc_read_stat(directory, &stat, &err) == 0 && stat.parent == getpid() && stat.start_time > 0,
	      "its stat names us as its parent");
	CHECK((stat.flags & PROC_PF_FORKNOEXEC) != 0, "it was forked and never executed");
	CHECK(proc_read_status(directory, &status, &err) == 0 && status.uid == geteuid() && status.pid_count >= 1 &&
		      status.pids[0] == pid, "its status has our uid and its pid");
	free(status.groups);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	CHECK(proc_ended(pidfd), "a zombie has ended");
	CHECK(proc_read_stat(directory, &stat, &err) == 0 && stat.state == 'Z', "a zombie's stat can be read");
	CHECK(proc_open(pid, pidfd, &err) < 0 && err.errnum == ESRCH, "a process that ended is not opened");
	(void)tap_wait(pid);
	CHECK(proc_pid_of(pidfd, &err) < 0 && err.errnum == ESRCH, "a reaped process has no pid");
	CHECK(ns_identities_by_pidfd(pidfd, gone) < 0, "nor namespaces");
	CHECK(proc_read_stat(directory, &stat, &err) < 0, "nor a stat, whoever has its number now");
	CHECK(proc_pid_of(STDOUT_FILENO, &err) < 0, "a descriptor that is no pidfd has no pid");
}

int main(void)
{
	test_stat();
	test_bad_stat();
	test_status();
	test_hostile_status();
	test_many_groups();
	test_real();
	return tap_done();
}
