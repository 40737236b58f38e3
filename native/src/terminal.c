/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "caller_tty.h"
#include "emit.h"
#include "error.h"
#include "fd.h"
#include "launch.h"
#include "stage.h"
#include "sys.h"

/* The device of a devpts of the job's own, or of the host's where the job sees the host's tree. */
static const char ptmx[] = "/dev/ptmx";
/* What terminals had before they could tell. */
#define DEFAULT_ROWS 24
#define DEFAULT_COLUMNS 80

int terminal_enter(struct launch *launch, struct error *err)
{
	_cleanup_close_ int master = open(ptmx, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	_cleanup_close_ int slave = -1;
	struct stat status;
	int unlock = 0;

	if (master < 0)
		return error_set(err, "open", errno, ptmx, "cannot open a terminal for the job");
	/* devices.txt of the kernel: in a root that somebody else made this could be anything. */
	if (fstat(master, &status) < 0 || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(5, 2))
		return error_set(err, "", ENODEV, ptmx, "is not the device of that name");
	/* The peer by descriptor, never by its path, which may lead elsewhere (CVE-2025-52565). */
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0 || (slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		return error_set(err, "ioctl", errno, ptmx, "cannot open the job's end of its terminal");
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return error_set(err, "ioctl", errno, "TIOCSCTTY", "cannot give the job its terminal");
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(slave, fd) < 0)
			return error_set(err, "dup2", errno, "", "cannot make the terminal standard descriptor %d", fd);
	}
	launch->terminal = fd_take(&master);
	return 0;
}

static int set_modes(const struct launch *launch, struct error *err)
{
	struct termios modes;

	if (tcgetattr(launch->terminal_peer, &modes) < 0)
		return error_set(err, "tcgetattr", errno, ptmx, "cannot read the terminal's modes");
	/* The caller's keys (which one erases) and character set are the job's; else as a terminal of today. */
	if (launch->caller.present)
		modes = launch->caller.before;
	else
		modes.c_iflag |= IUTF8;
	if (tcsetattr(launch->terminal_peer, TCSANOW, &modes) < 0)
		return error_set(err, "tcsetattr", errno, ptmx, "cannot set the terminal's modes");
	return 0;
}

int terminal_adopt(struct launch *launch, struct error *err)
{
	const struct plan *plan = &launch->plan;
	struct winsize size = {.ws_row = plan->process.rows, .ws_col = plan->process.columns};

	if (stage_enter(STAGE_TERMINAL, err) < 0)
		return -1;
	if (launch->terminal < 0)
		return error_set(err, "", EPROTO, ptmx, "the job sent no terminal");
	/*
	 * Held while the job lives: without a slave the master hangs up, and comes back when a process of the job opens its
	 * terminal again. It also tells whether the job has read what was typed.
	 */
	launch->terminal_peer = ioctl(launch->terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (launch->terminal_peer < 0)
		return error_set(err, "ioctl", errno, ptmx, "cannot hold the job's terminal");
	caller_tty_look(&launch->caller);
	if (size.ws_row == 0 && !caller_tty_size(&size))
		size = (struct winsize){.ws_row = DEFAULT_ROWS, .ws_col = DEFAULT_COLUMNS};
	if (ioctl(launch->terminal, TIOCSWINSZ, &size) < 0)
		return error_set(err, "ioctl", errno, "TIOCSWINSZ", "cannot set the terminal's size");
	return set_modes(launch, err);
}

/* As field 7 of /proc/PID/stat has it, proc(5). */
static int encode_device(dev_t device)
{
	unsigned int low = minor(device);

	return (int)((low & 0xffu) | major(device) << 8 | (low & ~0xffu) << 12);
}

int terminal_verify(const struct launch *launch, struct emitter *event, struct error *err)
{
	char modes[CALLER_TTY_TEXT];
	struct proc_stat job;
	struct winsize size;
	struct stat status;
	unsigned int number;

	if (ioctl(launch->terminal, TIOCGPTN, &number) < 0 || ioctl(launch->terminal, TIOCGWINSZ, &size) < 0 ||
	    fstat(launch->terminal_peer, &status) < 0)
		return error_set(err, "ioctl", errno, ptmx, "cannot read the job's terminal back");
	if (proc_read_stat(launch->job_dir, &job, err) < 0)
		return -1;
	if (job.terminal != encode_device(status.st_rdev))
		return error_set(err, "", EPROTO, "terminal", "it is not the job's controlling terminal");
	emit_open_object(event, "terminal");
	emit_integer(event, "rows", size.ws_row);
	emit_integer(event, "columns", size.ws_col);
	emit_integer(event, "pts", (int64_t)number);
	if (launch->caller.present) {
		caller_tty_text(&launch->caller, modes);
		emit_text(event, "saved", modes);
	}
	emit_close_object(event);
	return 0;
}
