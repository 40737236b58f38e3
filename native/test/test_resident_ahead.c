/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_jobs.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "../src/ahead.h"
#include "../src/clone.h"
#include "../src/plan.h"
#include "../src/sys.h"

/* One that may be made ahead. %s: its names, the id outside, twice, the command, and whether it is held. */
static const char ahead_text[] =
	"{'protocol':1,'job':'r','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'new'},'pid':{'mode':'new'},"
	"'net':{'mode':'inherit'},'ipc':{'mode':'new'},'uts':{'mode':'%s'},'cgroup':{'mode':'inherit'},'time':{'mode':'inherit'}},"
	"'idMaps':{'uid':[{'inside':0,'outside':%s,'count':1}],'gid':[{'inside':0,'outside':%s,'count':1}],'setgroups':'deny'},"
	"'dropGroups':false,'init':{'uid':0,'gid':0},'mounts':[{'op':'propagation','target':'/','value':'private','recursive':true},"
	"{'op':'proc','target':'/proc'}],'loopback':false,"
	"'process':{'argv':['/bin/sh','-c','%s'],'searchPath':[],'env':[],'dropCapabilities':false,'noNewPrivs':false,"
	"'newSession':true,'asPid1':false},'limits':{'setupMillis':20000,'graceMillis':0},'hold':%s}";

static const char *outside; /* the id that the job's root is */
static const char *names = "new";
static char directory[] = "/tmp/nsjob-ahead-XXXXXX";

static void send_ahead(int connection, const char *command, bool hold)
{
	char text[2048];
	int size = snprintf(text, sizeof(text), ahead_text, names, outside, outside, command, hold ? "true" : "false");

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

	(void)snprintf(command, sizeof(command), "while read a b c d e f; do [ $e = %s ] && exit 6; done < /proc/self/mountinfo",
		       directory);
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
	CHECK(runs(&caller, 2, "read a < /proc/sys/kernel/hostname; [ $a = two ] && exit 7", 7, &init),
	      "a host's new name is the job's");
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

/* Two in a row that are the same are followed by a third, and what alternates is not guessed. */
static void test_guess(void)
{
	static struct plan one, other, joins;
	ahead_known known = 0;
	uint64_t shape;

	one.namespaces[NS_UTS].mode = other.namespaces[NS_IPC].mode = NS_MODE_NEW;
	joins.namespaces[NS_UTS].mode = NS_MODE_JOIN;
	shape = ahead_shape(&one);
	CHECK(shape != 0 && ahead_shape(&other) != 0 && ahead_shape(&other) != shape && ahead_shape(&joins) == 0,
	      "kinds of plans have shapes");
	CHECK(ahead_guess(&known) == 0 && !ahead_has_come(&known), "of no plan there is no guess");
	ahead_learn(&known, &one);
	CHECK(ahead_guess(&known) == shape && ahead_has_come(&known), "one is guessed again,");
	ahead_expect(&known);
	CHECK(ahead_guess(&known) == shape && !ahead_has_come(&known), "also while the next plan is on its way");
	ahead_learn(&known, &one);
	ahead_learn(&known, &other);
	CHECK(ahead_guess(&known) == ahead_shape(&other), "after another kind that one is,");
	ahead_learn(&known, &one);
	CHECK(ahead_guess(&known) == 0, "after two more changes none,");
	ahead_learn(&known, &other);
	ahead_learn(&known, &one);
	CHECK(ahead_guess(&known) == 0, "however often they alternate,");
	ahead_learn(&known, &one);
	CHECK(ahead_guess(&known) == shape, "until two are the same");
	ahead_learn(&known, &joins);
	CHECK(ahead_guess(&known) == 0, "and none for one that cannot have it");
}

/* 0 for who has root's ids and nothing else, and cannot look into the process; 1 when it can, 2 when it could into nobody. */
static int looked_at_by_bare_root(pid_t pid)
{
	pid_t looker = fork();

	if (looker == 0) {
		struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct none[2] = {{0}};
		char path[64], text[256];
		int pidfd;
		pid_t seen = clone_process(CLONE_NEWUSER, &pidfd);

		if (seen == 0) {
			(void)poll(NULL, 0, 10000);
			_exit(0);
		}
		(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)seen);
		if (syscall(SYS_capset, &header, none) < 0 || readlink(path, text, sizeof(text)) < 0)
			_exit(2);
		(void)kill(seen, SIGKILL);
		(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
		_exit(readlink(path, text, sizeof(text)) < 0 && errno == EACCES ? 0 : 1);
	}
	return tap_wait(looker);
}

static void test_hidden(void)
{
	struct caller caller = open_caller();
	pid_t init, made = ahead_of_first(&caller);

	CHECK_NUMBER(looked_at_by_bare_root(made), 0,
		     "who has root's ids and no capability does not look into an init of root's that waits");
	CHECK(runs(&caller, 2, "read a < /proc/self/comm; [ -r /proc/self/environ ] && exit 4", 4, &init) && init == made,
	      "the job that it gets sees itself as ever");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
}

static bool limit_ipc(const char *number)
{
	return fd_write_file(AT_FDCWD, "/proc/sys/user/max_ipc_namespaces", number, strlen(number)) == 0;
}

/* The one that waits for a job, when there are others. */
static pid_t spare_soon(pid_t launcher)
{
	char path[64], text[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)launcher, (int)launcher);
	for (int i = 0; i < 500; i++) {
		char *next = text;

		if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) <= 0)
			text[0] = '\0';
		for (pid_t child; (child = (pid_t)strtol(next, &next, 10)) > 0;) {
			if (strcmp(status_of(child, "Name:"), "nsjob-spare") == 0)
				return child;
		}
		(void)poll(NULL, 0, 10);
	}
	return 0;
}

/* With one namespace of a kind and no more: the job's is the one that counts. */
static void test_used_up(void)
{
	struct caller caller = open_caller();
	json_t *prepared = NULL;
	pid_t init, made, spare;
	int connection;
	bool more;

	made = ahead_of_first(&caller);
	if (!limit_ipc("1"))
		tap_bail("max_ipc_namespaces: %s", strerror(errno));
	names = "inherit";
	CHECK(runs(&caller, 2, "exit 3", 3, &init) && init != made, "an init that does not fit gives up its place to the job's");
	names = "new";
	CHECK(spare_alone_soon(caller.pid) > 0 && limit_ipc("100"), "and later");
	made = ahead_of_first(&caller);
	connection = caller_start(&caller, 3, null_streams);
	if (!limit_ipc("1"))
		tap_bail("max_ipc_namespaces: %s", strerror(errno));
	send_ahead(connection, "exit 4", true);
	CHECK(caller_hear(connection, &prepared) == FRAME_PREPARED, "a job takes the last one:");
	CHECK_NUMBER(number_of(prepared, "pid", "init"), made, "that which was made for it");
	spare = spare_soon(caller.pid);
	(void)poll(NULL, 0, 200);
	CHECK(spare > 0 && first_child(spare, &more) == 0 && status_of(spare, "Name:")[0] != '\0',
	      "there is none for another, and who would have it waits");
	CHECK(limit_ipc("100"), "until there are more");
	caller_send(connection, FRAME_RELEASE, "", 0);
	CHECK(runs_to_its_end(connection, true, 4), "the job runs");
	fd_close(&connection);
	CHECK(runs(&caller, 4, "exit 5", 5, &init), "and the next one, whose init is cloned when it comes");
	CHECK(ahead_soon(&caller) > 0, "after that there is one again");
	CHECK_NUMBER(caller_leave(&caller), 0, "the launcher ends");
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

/* In a user namespace with limits of our own: where we are in one already, or as somebody who is not root. */
static bool become_somebody(bool root)
{
	const unsigned int id = 100000;

	outside = "0";
	return (!root || (setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 &&
			  unshare(CLONE_NEWUSER) == 0 && map_ourselves(id, id))) &&
	       limit_ipc("100");
}

int main(void)
{
	bool root = geteuid() == 0;

	open_null_streams();
	test_guess();
	if (mkdtemp(directory) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	if (own_world()) {
		test_fits();
		test_changed_mounts();
		test_changed_name();
		test_deaths();
		(void)rmdir(directory);
		if (root)
			test_hidden();
		if (become_somebody(root))
			test_used_up();
		else
			tap_skip("limits of init made ahead", "no limits of our own");
	} else {
		(void)rmdir(directory);
		tap_skip("init made ahead", "no namespaces of our own");
	}
	return tap_done();
}
