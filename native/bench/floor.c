/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor PLAN direct|supervised: what the kernel alone costs for the launch plan in the file PLAN, which Java wrote. What
 * nsjob takes above it is nsjob's. "supervised" forks one process more, as everybody must who launches for another process.
 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../src/error.h"
#include "../src/sys.h"

int floor_write_at(int directory, const char *path, const char *text, size_t length)
{
	int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -1;
	result = write(fd, text, length) == (ssize_t)length ? 0 : -1;
	(void)close(fd);
	return result;
}

static int write_map(pid_t pid, const char *file, const struct id_map *map, uint32_t base)
{
	char path[64], text[1024];
	size_t length = 0;

	for (size_t i = 0; i < map->count && length < sizeof(text) - 64; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%u %u %u\n", map->ranges[i].inside,
					   map->ranges[i].outside + base, map->ranges[i].count);
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return length == 0 ? 0 : floor_write_at(AT_FDCWD, path, text, length);
}

static int write_maps(const struct floor *floor, pid_t pid)
{
	const struct plan *plan = &floor->plan;
	char path[64];

	if (!plan->has_maps)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
	if (!plan->setgroups_allowed && floor_write_at(AT_FDCWD, path, "deny", 4) < 0)
		return -1;
	return write_map(pid, "gid_map", &plan->gids, floor->base) < 0 ? -1 : write_map(pid, "uid_map", &plan->uids, floor->base);
}

/* Nobody else has these ids meanwhile. */
static int lock_block(struct floor *floor)
{
	const struct id_block *block = &floor->plan.block;
	char name[16];

	for (size_t i = 0; block->directory != NULL && i < block->base_count; i++) {
		struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		int fd;

		(void)snprintf(name, sizeof(name), "%" PRIu32, block->bases[i]);
		fd = openat(floor->blocks, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		if (fcntl(fd, F_OFD_SETLK, &whole_file) == 0) {
			floor->base = block->bases[i];
			return fd;
		}
		(void)close(fd);
	}
	return -1;
}

static void release_block(const struct floor *floor, int lock)
{
	char name[16];

	if (lock < 0)
		return;
	(void)snprintf(name, sizeof(name), "%" PRIu32, floor->base);
	(void)unlinkat(floor->blocks, name, 0);
	(void)close(lock);
}

static void bring_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd);
	must(ioctl(fd, SIOCSIFFLAGS, &request));
	(void)close(fd);
}

static void build_world(struct floor *floor, int proc)
{
	const struct plan *plan = &floor->plan;
	char text[16];

	if (plan->has_init_ids) {
		must(setresgid(plan->init_gid, plan->init_gid, plan->init_gid));
		must(setresuid(plan->init_uid, plan->init_uid, plan->init_uid));
	}
	must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	if (plan->namespaces[NS_CGROUP].mode == NS_MODE_NEW)
		must(unshare(CLONE_NEWCGROUP));
	if (plan->namespaces[NS_TIME].mode == NS_MODE_NEW)
		must(unshare(CLONE_NEWTIME));
	if (plan->mount_count > 0)
		floor_mount(floor);
	if (plan->has_max_user_namespaces) {
		(void)snprintf(text, sizeof(text), "%u", plan->max_user_namespaces);
		must(floor_write_at(proc, "sys/user/max_user_namespaces", text, strlen(text)));
	}
	if (plan->hostname != NULL)
		must(sethostname(plan->hostname, strlen(plan->hostname)));
	if (plan->loopback)
		bring_loopback_up();
	if (plan->new_root)
		must(chdir("/"));
}

static _Noreturn void init(struct floor *floor, int go)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct none[2] = {{0}};
	int proc = floor->plan.has_max_user_namespaces ? open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int status = 0;
	pid_t job;
	char byte;

	floor_enter_cgroups(floor);
	/* End of file: the maps could not be written. */
	if (read(go, &byte, 1) != 1)
		_exit(NOT_ALLOWED);
	build_world(floor, proc);
	if (floor->ready >= 0) {
		must(write(floor->ready, "", 1));
		for (;;)
			(void)pause();
	}
	job = fork();
	if (job == 0)
		floor_job(floor);
	must(job);
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	must(sys_capset(&header, none));
	while (waitpid(job, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : NOT_ALLOWED);
}

static pid_t start(struct floor *floor)
{
	struct clone_args arguments = {.flags = floor->flags, .exit_signal = SIGCHLD};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = sys_clone3(&arguments);
	if (pid == 0) {
		(void)close(ends[1]);
		init(floor, ends[0]);
	}
	if (pid > 0 && write_maps(floor, pid) == 0 && write(ends[1], "", 1) != 1)
		perror("floor: write");
	(void)close(ends[0]);
	(void)close(ends[1]);
	return pid;
}

pid_t floor_hold(struct floor *floor)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (floor->plan.block.directory != NULL)
		(void)lock_block(floor);
	if (floor_take_sources(floor) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	floor->ready = ends[1];
	pid = start(floor);
	floor->ready = -1;
	(void)close(ends[1]);
	if (pid > 0 && read(ends[0], &byte, 1) != 1)
		pid = -1;
	(void)close(ends[0]);
	floor_drop_sources(floor);
	return pid;
}

static int launch(struct way *way)
{
	struct floor *floor = way->state;
	int lock = lock_block(floor);
	int result;

	if (floor->plan.block.directory != NULL && lock < 0)
		return bench_refuse(way, "no block of ids");
	if (floor_make_cgroups(floor, way->worker) < 0 || floor_take_sources(floor) < 0) {
		floor_remove_cgroups(floor, way->worker);
		release_block(floor, lock);
		return bench_refuse(way, "cgroups or sources of binds");
	}
	result = bench_await(way, start(floor));
	floor_drop_sources(floor);
	floor_remove_cgroups(floor, way->worker);
	release_block(floor, lock);
	return result;
}

static int launch_supervised(struct way *way)
{
	pid_t supervisor = fork();

	if (supervisor == 0)
		_exit(launch(way) == 0 ? 0 : NOT_ALLOWED);
	return bench_await(way, supervisor);
}

static void know_the_kernel(struct floor *floor)
{
	static const uint64_t known[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
	const struct plan *plan = &floor->plan;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (plan->process.landlock.wanted && abi >= (long)plan->process.landlock.minimum_abi) {
		floor->landlock_known = plan->process.landlock.handled & known[abi > 5 ? 5 : abi];
		floor->landlock_scoped = abi >= 6 ? plan->process.landlock.scoped : 0;
	}
	while (prctl(PR_CAPBSET_READ, floor->last_capability + 1, 0, 0, 0) >= 0)
		floor->last_capability++;
}

static int read_plan(struct floor *floor, const char *path)
{
	static char text[LIMIT_PLAN_BYTES];
	struct error err = {.stage = STAGE_PLAN};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));

	(void)close(fd);
	return size <= 0 ? -1 : plan_parse(text, (size_t)size, &floor->plan, &err);
}

bool floor_make(struct way *way)
{
	struct floor *floor = calloc(1, sizeof(*floor));

	way->refused = "cannot read the plan";
	if (floor == NULL || way->arguments[0] == NULL || way->arguments[1] == NULL || read_plan(floor, way->arguments[0]) < 0)
		return false;
	way->refused = "a plan that the floor does not know";
	if (floor->plan.newuidmap != NULL || floor->plan.process.terminal || floor->plan.process.lock_mounts ||
	    floor->plan.process.as_pid1 || floor->plan.process.capabilities != 0 || floor->plan.domainname != NULL)
		return false;
	floor->ready = -1;
	floor->supervised = strcmp(way->arguments[1], "supervised") == 0;
	/* Those that are made later, by init: cgroups are entered before, and a clone's own time namespace has no offsets. */
	floor->flags = ns_clone_flags(&floor->plan);
	floor->blocks = floor->plan.block.directory == NULL ? -1 : open(floor->plan.block.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	know_the_kernel(floor);
	if (!floor_prepare_mounts(floor, &way->refused))
		return false;
	way->state = floor;
	way->run = floor->supervised ? launch_supervised : launch;
	return true;
}
