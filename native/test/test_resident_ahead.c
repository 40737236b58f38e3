/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_jobs.h"

#include <sched.h>
#include <sys/mount.h>

/* One that may be made ahead. %s: the id outside, twice, the command, and whether it is held. */
static const char ahead_text[] =
	"{'protocol':1,'job':'r','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'new'},'pid':{'mode':'new'},"
	"'net':{'mode':'inherit'},'ipc':{'mode':'new'},'uts':{'mode':'new'},'cgroup':{'mode':'inherit'},'time':{'mode':'inherit'}},"
	"'idMaps':{'uid':[{'inside':0,'outside':%s,'count':1}],'gid':[{'inside':0,'outside':%s,'count':1}],'setgroups':'deny'},"
	"'dropGroups':false,'init':{'uid':0,'gid':0},'mounts':[{'op':'propagation','target':'/','value':'private','recursive':true},"
	"{'op':'proc','target':'/proc'}],'loopback':false,"
	"'process':{'argv':['/bin/sh','-c','%s'],'searchPath':[],'env':[],'dropCapabilities':false,'noNewPrivs':false,"
	"'newSession':true,'asPid1':false},'limits':{'setupMillis':20000,'graceMillis':0},'hold':%s}";

static const char *outside; /* the id that the job's root is */
static char directory[] = "/tmp/nsjob-ahead-XXXXXX";

static void send_ahead(int connection, const char *command, bool hold)
{
	char text[2048];
	int size = snprintf(text, sizeof(text), ahead_text, outside, outside, command, hold ? "true" : "false");

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\'')
			*c = '"';
	}
	caller_send(connection, FRAME_PLAN, text, (size_t)size);
}

/* A job in namespaces of its own: how it ends, and who its init was. */
static bool runs(const struct caller *caller, uint64_t seq, const char *command, long long status, pid_t *ret_init)
{
	int connection = caller_start(caller, seq, null_streams);
	json_t *prepared = NULL;
	bool good;

	send_ahead(connection, command, false);
	if (caller_hear(connection, &prepared) != FRAME_PREPARED)
		tap_bail("a job in namespaces of its own is not prepared: %s",
			 prepared != NULL ? json_string_value(json_object_get(prepared, "message")) : "no word");
	*ret_init = (pid_t)number_of(prepared, "pid", "init");
	good = runs_to_its_end(connection, true, status);
	fd_close(&connection);
	return good;
}

/* The init that the spare supervisor has made, once it waits. */
static pid_t ahead_soon(const struct caller *caller)
{
	pid_t spare = spare_alone_soon(caller->pid);
	bool more;

	for (int i = 0; i < 100; i++) {
		pid_t child = first_child(spare, &more);

		if (child > 0 && strcmp(status_of(child, "Name:"), "nsjob-ahead") == 0)
			return child;
		(void)poll(NULL, 0, 10);
	}
	return 0;
}

/* The same, of the first jobs of a launcher: the spare is forked soon after a job has begun, maybe before its plan is known. */
static pid_t ahead_of_first(const struct caller *caller)
{
	pid_t init;
	pid_t made = 0;

	for (uint64_t seq = 100; made == 0 && seq < 110; seq++) {
		if (!runs(caller, seq, "exit 0", 0, &init))
			tap_bail("a job in namespaces of its own does not run");
		made = ahead_soon(caller);
	}
	if (made == 0)
		tap_bail("no init is made ahead");
	return made;
}

static bool gone_soon(pid_t pid)
{
	for (int i = 0; i < 1000 && status_of(pid, "Name:")[0] != '\0'; i++)
		(void)poll(NULL, 0, 10);
	return status_of(pid, "Name:")[0] == '\0';
}

static void test_fits(void)
{
	struct caller caller = open_caller();
	bool more;
	pid_t init, made, supervisor;
	int connection;

	CHECK(first_child(spare_alone_soon(caller.pid), &more) == 0, "nothing is made ahead before the first job");
	made = ahead_of_first(&caller);
	CHECK(made > 0, "an init is made for the next one");
	CHECK(count_entries(made, "fd") == 2 + 4, "with four descriptors");
	CHECK(runs(&caller, 2, "read a < /proc/1/comm; [ $a = nsjob-init ] && exit 4", 4, &init), "the next one runs");
	CHECK_NUMBER(init, made, "by that init");
	CHECK(gone_soon(made), "which ends with it");
	made = ahead_soon(&caller);
	connection = start_held(&caller, 3, "exit 5", &supervisor);
	CHECK(made > 0 && gone_soon(made), "for another kind of job it is ended,");
	caller_send(connection, FRAME_RELEASE, "", 0);
	CHECK(runs_to_its_end(connection, true, 5), "and that job runs");
	fd_close(&connection);
	CHECK(spare_alone_soon(caller.pid) > 0, "nobody is left");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
}

static void test_changed_mounts(void)
{
	struct caller caller = open_caller();
	char command[128];
	pid_t init, made;

	(void)snprintf(command, sizeof(command), "while read a b c d e f; do [ $e = %s ] && exit 6; done < /proc/self/mountinfo", directory);
	made = ahead_of_first(&caller);
	if (mount("none", directory, "tmpfs", 0, NULL) < 0)
		tap_bail("mount: %s", strerror(errno));
	CHECK(gone_soon(made), "when something is mounted, the init with the older mounts ends at once");
	CHECK(runs(&caller, 2, command, 6, &init) && init != made, "the next job has the new mount");
	made = ahead_soon(&caller);
	if (made == 0 || umount(directory) < 0)
		tap_bail("umount: %s", strerror(errno));
	CHECK(runs(&caller, 3, command, 1, &init) && init != made, "and not one that has gone, however soon it comes");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
}

static void test_changed_name(void)
{
	struct caller caller = open_caller();
	pid_t init, made;

	if (sethostname("one", 3) < 0)
		tap_bail("sethostname: %s", strerror(errno));
	made = ahead_of_first(&caller);
	if (sethostname("two", 3) < 0)
		tap_bail("sethostname: %s", strerror(errno));
	CHECK(runs(&caller, 2, "read a < /proc/sys/kernel/hostname; [ $a = two ] && exit 7", 7, &init), "a host's new name is the job's");
	CHECK(init != made && gone_soon(made), "whose init is not the one with the older name");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
}

static void test_deaths(void)
{
	struct caller caller = open_caller();
	pid_t init, made, spare;

	made = ahead_of_first(&caller);
	CHECK(made > 0 && kill(made, SIGKILL) == 0 && gone_soon(made), "an init that waits is killed,");
	CHECK(runs(&caller, 2, "exit 8", 8, &init) && init != made, "and costs no job");
	made = ahead_soon(&caller);
	spare = spare_alone_soon(caller.pid);
	CHECK(made > 0 && spare > 0 && kill(spare, SIGKILL) == 0 && gone_soon(made), "it dies with its supervisor,");
	CHECK(runs(&caller, 3, "exit 9", 9, &init), "which costs no job either");
	made = ahead_of_first(&caller);
	spare = spare_alone_soon(caller.pid);
	(void)kill(caller.pid, SIGKILL);
	(void)tap_wait(caller.pid);
	CHECK(made > 0 && gone_soon(made) && gone_soon(spare), "and with a launcher that is killed");
	fd_close(&caller.control);
	fd_close(&caller.lifeline);
	caller = open_caller();
	made = ahead_of_first(&caller);
	CHECK_NUMBER(caller_leave(&caller), 0, "a launcher that ends");
	CHECK(made > 0 && status_of(made, "Name:")[0] == '\0', "has taken it along");
}

static bool map_ourselves(unsigned int uid, unsigned int gid)
{
	char uids[32], gids[32];
	int uid_size = snprintf(uids, sizeof(uids), "0 %u 1\n", uid);
	int gid_size = snprintf(gids, sizeof(gids), "0 %u 1\n", gid);

	return fd_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", 4) == 0 &&
	       fd_write_file(AT_FDCWD, "/proc/self/uid_map", uids, (size_t)uid_size) == 0 &&
	       fd_write_file(AT_FDCWD, "/proc/self/gid_map", gids, (size_t)gid_size) == 0;
}

/* Mounts and a name that we may change. Ours are not the host's ids then, or the job's are others. */
static bool own_world(void)
{
	unsigned int uid = geteuid();
	unsigned int gid = getegid();

	outside = uid == 0 ? "100000" : "0";
	return unshare((uid == 0 ? 0 : CLONE_NEWUSER) | CLONE_NEWNS | CLONE_NEWUTS) == 0 && (uid == 0 || map_ourselves(uid, gid)) &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

int main(void)
{
	open_null_streams();
	if (mkdtemp(directory) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	if (own_world()) {
		test_fits();
		test_changed_mounts();
		test_changed_name();
		test_deaths();
	} else {
		tap_skip("init made ahead", "no namespaces of our own");
	}
	(void)rmdir(directory);
	return tap_done();
}
