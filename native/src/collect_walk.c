/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bounds.h"
#include "collect.h"
#include "fault.h"
#include "fd.h"
#include "plan.h"
#include "report.h"
#include "wire.h"

struct walk {
	int root, proc, socket;
	uint32_t source;
	uint32_t depth;        /* of directories below the source */
	int64_t files, bytes;  /* left */
	bool over;             /* too many files: nothing more of this source */
	size_t length;
	char path[LIMIT_PATH]; /* below the source */
};

static uint8_t packet[1 + LIMIT_CONTENT_BYTES];

static void send_packet(const struct walk *walk, enum frame_type type, size_t size)
{
	packet[0] = (uint8_t)type;
	while (send(walk->socket, packet, 1 + size, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			_exit(1); /* the supervisor is gone */
	}
}

static void tell(const struct walk *walk, enum frame_type type, struct emitter body)
{
	size_t size;
	const char *text = emit_end(&body, &size);

	if (text == NULL || size > sizeof(packet) - 1)
		_exit(1);
	memcpy(packet + 1, text, size);
	emit_release(&body);
	send_packet(walk, type, size);
}

/* What FRAME_FILE and FRAME_SKIPPED begin with. */
static struct emitter about(const struct walk *walk)
{
	struct emitter event;

	emit_begin(&event);
	emit_integer(&event, "source", (int64_t)walk->source);
	emit_text(&event, "path", walk->path);
	return event;
}

static void skip(const struct walk *walk, const char *reason)
{
	struct emitter event = about(walk);

	emit_text(&event, "reason", reason);
	tell(walk, FRAME_SKIPPED, event);
}

static void skip_failed(const struct walk *walk, int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		skip(walk, "missing");
		break;
	case EACCES:
	case EPERM:
		skip(walk, "permission");
		break;
	default:
		skip(walk, "unreadable");
	}
}

/* What is read there is no file of anybody's: it may never end, or do something. tmpfs, overlay and FUSE are not among them. */
static bool is_of_the_kernel(int fd)
{
	static const uint32_t types[] = {
		ANON_INODE_FS_MAGIC, AUTOFS_SUPER_MAGIC,    BINFMTFS_MAGIC, BPF_FS_MAGIC,	CGROUP2_SUPER_MAGIC, CGROUP_SUPER_MAGIC,
		DEBUGFS_MAGIC,	     DEVPTS_SUPER_MAGIC,    EFIVARFS_MAGIC, NSFS_MAGIC,		PIPEFS_MAGIC,	     PROC_SUPER_MAGIC,
		PSTOREFS_MAGIC,	     SECURITYFS_MAGIC,	    SELINUX_MAGIC,  SMACK_MAGIC,	SOCKFS_MAGIC,	     SYSFS_MAGIC,
		TRACEFS_MAGIC,	     0x62656570 /* configfs */, 0x65735543 /* fusectl */, 0x67596969 /* rpc_pipefs */,
		0x19800202 /* mqueue */,
	};
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((uint32_t)status.f_type == types[i])
			return true;
	}
	return false;
}

static const char *refusal(int fd, const struct stat *status)
{
	switch (status->st_mode & S_IFMT) {
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
	case S_IFBLK:
		return "device";
	case S_IFREG:
		/* Another name of it may lie where nobody meant to collect anything from. */
		if (status->st_nlink != 1)
			return "hard-link";
		break;
	default:
		break;
	}
	return is_of_the_kernel(fd) ? "filesystem" : NULL;
}

/* Exactly what was looked at, whatever its name means by now. */
static int reopen(const struct walk *walk, int fd, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	return openat(walk->proc, path, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void send_file(struct walk *walk, int fd, const struct stat *status)
{
	_cleanup_close_ int file = -1;
	int64_t left = status->st_size;
	struct emitter event;

	if (left > walk->bytes) {
		skip(walk, "too-large");
		return;
	}
	file = reopen(walk, fd, 0);
	if (file < 0) {
		skip_failed(walk, errno);
		return;
	}
	event = about(walk);
	emit_integer(&event, "size", left);
	emit_integer(&event, "mode", status->st_mode & 07777);
	tell(walk, FRAME_FILE, event);
	while (left > 0) {
		size_t most = left < (int64_t)LIMIT_CONTENT_BYTES ? (size_t)left : LIMIT_CONTENT_BYTES;
		ssize_t got = read(file, packet + 1, most);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			skip(walk, got == 0 ? "changed" : "unreadable");
			return;
		}
		send_packet(walk, FRAME_CONTENT, (size_t)got);
		left -= got;
	}
	walk->bytes -= status->st_size;
}

static void visit(struct walk *walk, int parent, const char *name, uint32_t depth);

static void visit_entry(struct walk *walk, int directory, const char *name, uint32_t depth)
{
	size_t before = walk->length;
	int length = snprintf(walk->path + before, sizeof(walk->path) - before, "%s%s", before > 0 ? "/" : "", name);

	if (walk->files-- == 0) {
		walk->path[0] = '\0';
		walk->over = true;
		skip(walk, "too-many");
	} else if ((size_t)length >= sizeof(walk->path) - before) {
		skip(walk, "too-deep");
	} else if (!emit_is_utf8(walk->path)) {
		skip(walk, "name");
	} else {
		walk->length = before + (size_t)length;
		visit(walk, directory, name, depth);
	}
	walk->length = before;
	walk->path[before] = '\0';
}

static void visit_directory(struct walk *walk, int fd, uint32_t depth)
{
	_cleanup_close_ int opened = -1;
	DIR *directory;
	struct dirent *entry;

	if (depth > walk->depth) {
		skip(walk, "too-deep");
		return;
	}
	opened = reopen(walk, fd, O_DIRECTORY);
	directory = opened < 0 ? NULL : fdopendir(opened);
	if (directory == NULL) {
		skip_failed(walk, errno);
		return;
	}
	(void)fd_take(&opened);
	for (errno = 0; !walk->over && (entry = readdir(directory)) != NULL; errno = 0) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			visit_entry(walk, fd, entry->d_name, depth + 1);
	}
	if (errno != 0)
		skip(walk, "unreadable");
	(void)closedir(directory);
}

/* A look without opening: a FIFO would block, a device act, a lease delay. */
static int look(int parent, const char *name, struct stat *ret_status)
{
	_cleanup_close_ int fd = openat(parent, name, O_PATH | O_CLOEXEC | (fault_off("collect-links") ? 0 : O_NOFOLLOW));

	return fd < 0 || fstat(fd, ret_status) < 0 ? -1 : fd_take(&fd);
}

static void visit(struct walk *walk, int parent, const char *name, uint32_t depth)
{
	struct stat status;
	_cleanup_close_ int fd = look(parent, name, &status);
	const char *reason = fd < 0 ? NULL : refusal(fd, &status);

	if (fd < 0)
		skip_failed(walk, errno);
	else if (reason != NULL)
		skip(walk, reason);
	else if (S_ISDIR(status.st_mode))
		visit_directory(walk, fd, depth);
	else
		send_file(walk, fd, &status);
}

void collect_walk(int root, int proc, int socket, const struct collect_source *source, uint32_t number, uint32_t depth)
{
	struct walk walk = {.root = root,
			    .proc = proc,
			    .socket = socket,
			    .source = number,
			    .depth = depth,
			    .files = source->files,
			    .bytes = source->bytes};
	_cleanup_close_ int parent = -1;
	char path[LIMIT_PATH];
	char *part = path + 1;
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", source->path);
	/* Part by part, since the job may have put a link anywhere; ".." is not in a plan. */
	while ((slash = strchr(part, '/')) != NULL) {
		struct stat status = {0};
		int next;

		*slash = '\0';
		next = look(parent < 0 ? root : parent, part, &status);
		if (next < 0 || !S_ISDIR(status.st_mode)) {
			int errnum = next < 0 ? errno : ENOTDIR;

			fd_close(&next);
			if (errnum == ENOTDIR && S_ISLNK(status.st_mode))
				skip(&walk, "symlink");
			else
				skip_failed(&walk, errnum);
			return;
		}
		fd_close(&parent);
		parent = next;
		part = slash + 1;
	}
	visit(&walk, parent < 0 ? root : parent, part, 0);
}
