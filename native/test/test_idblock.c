/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "clone.h"
#include "error.h"
#include "fd.h"
#include "idblock.h"
#include "stage.h"

static char top[64], directory[128];
static uint32_t bases[] = {524288, 589824, 655360};

static struct id_block make_block(size_t count)
{
	return (struct id_block){.directory = directory, .bases = bases, .base_count = count};
}

static const char *lock_path(uint32_t base)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%u", directory, base);
	return path;
}

static bool exists(uint32_t base)
{
	return access(lock_path(base), F_OK) == 0;
}

static void set_up(void)
{
	(void)snprintf(top, sizeof(top), "/tmp/nsjob-test.XXXXXX");
	if (mkdtemp(top) == NULL)
		tap_bail("mkdtemp: %s", strerror(errno));
	(void)snprintf(directory, sizeof(directory), "%s/run/ids", top);
}

static void tear_down(void)
{
	char path[128];

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		(void)unlink(lock_path(bases[i]));
	(void)rmdir(directory);
	(void)unlink(directory);
	(void)snprintf(path, sizeof(path), "%s/run", top);
	(void)rmdir(path);
	(void)rmdir(top);
}

#define NO_LOCK {.fd = -1, .directory = -1}

static void test_lock_and_release(void)
{
	struct id_block block = make_block(3);
	struct id_lock lock = NO_LOCK;
	struct stat status;
	struct error err;

	set_up();
	CHECK(idblock_lock(&block, &lock, &err) == 0 && lock.fd >= 0 && lock.base == bases[0], "the first base is locked");
	CHECK(exists(bases[0]) && !exists(bases[1]), "its file is there, the others' are not");
	CHECK(stat(directory, &status) == 0 && (status.st_mode & 07777) == 0700, "the directory was made, for us alone");
	CHECK(stat(lock_path(bases[0]), &status) == 0 && (status.st_mode & 0177) == 0, "so was the file");
	CHECK((fcntl(lock.fd, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(lock.directory, F_GETFD) & FD_CLOEXEC) != 0,
	      "both descriptors are close-on-exec");
	idblock_release(&lock);
	CHECK(!exists(bases[0]) && lock.fd == -1 && lock.directory == -1, "the release removes the file and closes both");
	idblock_release(&lock);
	CHECK(lock.fd == -1, "a second release does nothing");
	CHECK(idblock_lock(&block, &lock, &err) == 0 && lock.base == bases[0], "and the base can be locked again");
	idblock_release(&lock);
	tear_down();
}

static void test_without(void)
{
	struct id_block block = {.directory = NULL};
	struct id_lock lock = NO_LOCK;
	struct error err;

	CHECK(idblock_lock(&block, &lock, &err) == 0 && lock.fd == -1, "no block asked for, no lock taken");
}

/* Each lock is a process' own open file, as with two helpers. */
static int lock_next(void *argument)
{
	struct id_block block = make_block(3);
	struct id_lock lock = NO_LOCK;
	struct error err;
	uint32_t expected = *(uint32_t *)argument;

	if (idblock_lock(&block, &lock, &err) < 0)
		return err.errnum == EBUSY ? 50 : 1;
	return lock.base == expected ? 0 : 2; /* ends without a release, as if killed */
}

static void test_next_base(void)
{
	struct id_block block = make_block(3);
	struct id_block rest = {.directory = directory, .bases = bases + 1, .base_count = 2};
	struct id_lock first = NO_LOCK;
	struct id_lock second = NO_LOCK;
	struct id_lock third = NO_LOCK;
	struct error err;

	set_up();
	(void)idblock_lock(&block, &first, &err);
	CHECK_NUMBER(tap_child(lock_next, &bases[1]), 0, "a second process gets the next base");
	CHECK(exists(bases[1]), "killed, it leaves its file");
	CHECK(idblock_lock(&rest, &second, &err) == 0 && second.base == bases[1], "but not its lock");
	CHECK(idblock_lock(&block, &third, &err) == 0 && third.base == bases[2], "the third gets the third");
	CHECK_NUMBER(tap_child(lock_next, &bases[0]), 50, "the fourth is told that all are taken");
	idblock_release(&second);
	CHECK(!exists(bases[1]) && exists(bases[0]) && exists(bases[2]), "a release removes its own file only");
	CHECK_NUMBER(tap_child(lock_next, &bases[1]), 0, "the freed one is taken next");
	idblock_release(&first);
	idblock_release(&third);
	tear_down();
}

static void test_all_taken(void)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct id_lock other = NO_LOCK;
	struct error err;

	set_up();
	(void)stage_enter(STAGE_ID_BLOCK, &err);
	(void)idblock_lock(&block, &lock, &err);
	CHECK(idblock_lock(&block, &other, &err) < 0 && err.errnum == EBUSY && err.stage == STAGE_ID_BLOCK &&
		      strcmp(err.subject, directory) == 0 && other.fd == -1, "all taken is EBUSY and names the directory");
	idblock_release(&lock);
	tear_down();
}

/* The child stands for init: it holds the lock after the supervisor is gone. */
static void test_outlives(void)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct id_lock other = NO_LOCK;
	struct error err;
	int ends[2];
	pid_t pid;
	char byte;

	set_up();
	(void)idblock_lock(&block, &lock, &err);
	if (pipe2(ends, O_CLOEXEC) < 0)
		tap_bail("pipe2: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		(void)close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	fd_close(&lock.fd); /* the supervisor is killed: no release */
	fd_close(&lock.directory);
	CHECK(idblock_lock(&block, &other, &err) < 0 && err.errnum == EBUSY, "init's copy keeps the lock of a killed supervisor");
	(void)close(ends[1]);
	(void)close(ends[0]);
	(void)tap_wait(pid);
	CHECK(idblock_lock(&block, &other, &err) == 0, "with init's end it is free");
	idblock_release(&other);
	tear_down();
}

static void refuse_mode(mode_t mode)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct error err;
	char path[128];

	set_up();
	(void)snprintf(path, sizeof(path), "%s/run", top);
	if (mkdir(path, 0755) < 0 || mkdir(directory, 0700) < 0 || chmod(directory, mode) < 0)
		tap_bail("mkdir: %s", strerror(errno));
	CHECK(idblock_lock(&block, &lock, &err) < 0 && err.errnum == EPERM && lock.fd == -1 && lock.directory == -1,
	      "a directory of mode %o is refused", (unsigned int)mode);
	CHECK(!exists(bases[0]), "and nothing is made in it");
	(void)chmod(directory, 0700);
	tear_down();
}

/* Only root can give a directory away; for anybody else root's own are another's. */
static void test_others_directory(void)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct error err;
	char path[128];

	set_up();
	(void)snprintf(path, sizeof(path), "%s/run", top);
	if (geteuid() != 0)
		block.directory = "/usr";
	else if (mkdir(path, 0755) < 0 || mkdir(directory, 0700) < 0 || chown(directory, 12345, 12345) < 0)
		tap_bail("chown: %s", strerror(errno));
	CHECK(idblock_lock(&block, &lock, &err) < 0 && err.errnum == EPERM && lock.fd == -1, "another's directory is refused");
	tear_down();
}

static void test_refused_directories(void)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct error err;
	char path[128], elsewhere[128];

	refuse_mode(0770);
	refuse_mode(0702);
	refuse_mode(01777);
	set_up();
	(void)snprintf(path, sizeof(path), "%s/run", top);
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", top);
	if (mkdir(path, 0755) < 0 || mkdir(elsewhere, 0700) < 0 || symlink(elsewhere, directory) < 0)
		tap_bail("symlink: %s", strerror(errno));
	CHECK(idblock_lock(&block, &lock, &err) < 0 && lock.fd == -1, "a symbolic link in its place is refused");
	(void)rmdir(elsewhere);
	tear_down();
	test_others_directory();
}

static void test_link_in_place_of_lock(void)
{
	struct id_block block = make_block(1);
	struct id_lock lock = NO_LOCK;
	struct error err;
	char target[128];

	set_up();
	(void)idblock_lock(&block, &lock, &err);
	idblock_release(&lock);
	(void)snprintf(target, sizeof(target), "%s/target", top);
	if (symlink(target, lock_path(bases[0])) < 0)
		tap_bail("symlink: %s", strerror(errno));
	CHECK(idblock_lock(&block, &lock, &err) < 0 && access(target, F_OK) != 0, "a symbolic link is no lock and is not followed");
	tear_down();
}

/*
 * The race: between our open and our lock the last owner unlinks the file. Two children lock and release the one base as
 * fast as they can; whoever has the lock owns the name, or two jobs would share their ids.
 */
static int hammer(void *argument)
{
	struct id_block block = make_block(1);
	uint64_t until = clock_nanos() + UINT64_C(400000000);
	int *shared = argument;
	int locked = 0;

	while (clock_nanos() < until) {
		struct id_lock lock = NO_LOCK;
		struct error err;
		struct stat mine, named;

		if (idblock_lock(&block, &lock, &err) < 0) {
			if (err.errnum != EBUSY)
				return 1;
			continue;
		}
		if (fstat(lock.fd, &mine) < 0 || stat(lock_path(bases[0]), &named) < 0 || mine.st_ino != named.st_ino)
			return 2;
		/* A second witness: a lock on a file that nobody unlinks. */
		if (flock(*shared, LOCK_EX | LOCK_NB) < 0)
			return 3;
		(void)flock(*shared, LOCK_UN);
		idblock_release(&lock);
		locked++;
	}
	return locked > 0 ? 0 : 4;
}

static int hammer_process(void *argument)
{
	int fd = open(argument, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? 5 : hammer(&fd);
}

static void test_unlink_race(void)
{
	char witness[128];
	pid_t pids[3];
	bool good = true;

	set_up();
	(void)snprintf(witness, sizeof(witness), "%s/witness", top);
	for (size_t i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			(void)alarm(TAP_CHILD_SECONDS);
			_exit(hammer_process(witness));
		}
	}
	for (size_t i = 0; i < 3; i++) {
		int result = tap_wait(pids[i]);

		good = good && result == 0;
		if (result != 0)
			tap_print("# child %zu returned %d", i, result);
	}
	CHECK(good, "whoever holds the lock owns the name, however fast it is unlinked and made again");
	(void)unlink(witness);
	tear_down();
}

static void test_used(void)
{
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct id_range ranges[] = {{.inside = 7, .outside = 100, .count = 3}, {.inside = 0, .outside = 5, .count = 1}};
	struct id_map map = {.ranges = ranges, .count = 2};
	struct id_lock lock = NO_LOCK;

	lock.base = getuid() - 5;
	CHECK(idblock_used(&lock, proc, &map), "our own id is in use");
	lock.base = getuid() - 102;
	CHECK(idblock_used(&lock, proc, &map), "as the last of a range, too");
	lock.base = 4200000000u;
	CHECK(!idblock_used(&lock, proc, &map), "ids of nobody are not");
	lock.base = getuid() - 5;
	CHECK(idblock_used(&lock, -1, &map), "what cannot be looked at may be");
}

int main(void)
{
	(void)umask(022);
	test_lock_and_release();
	test_without();
	test_next_base();
	test_all_taken();
	test_outlives();
	test_refused_directories();
	test_link_in_place_of_lock();
	test_unlink_race();
	test_used();
	return tap_done();
}
