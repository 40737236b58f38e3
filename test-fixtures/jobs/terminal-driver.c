/*
 * terminal-driver: no job but a person at a terminal, for tests of programs that want one.
 *
 *   terminal-driver STEP... -- COMMAND [ARG...]
 *
 * Runs COMMAND in the foreground of a new pseudo terminal, below a small shell that, as dash, takes the terminal back when the
 * command has ended and leaves its modes alone. An argument %T becomes DEVICE:INODE of the terminal, as stat(1) has it.
 * Each step waits for 50 seconds at most; what was shown is printed at the end. Exit status: 0, or 1 at the first step that fails.
 *
 *   size=ROWSxCOLUMNS   resize it (also before the start)    expect=TEXT   read until TEXT is shown, after what was found before
 *   send=TEXT           type it: \r \n \\ \xHH               drain=BYTES   read that much more
 *   type=BYTES          type that much, as fast as it goes
 *   raw, cooked         modes are raw; are as at the start   pause=MILLIS  neither read nor type
 *   exit=STATUS, ended  the command has ended                gone          the supervisor is gone, found without reading
 *   kill=jvm|super|both KILL, the supervisor first
 *   peak=KIB            most memory the supervisor had       hangup        close the terminal
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "job.h"

#define USAGE "terminal-driver STEP... -- COMMAND [ARG...]"
#define PATIENCE 50000
#define KEPT 65536

static int master = -1;
static struct termios before;
static int news = -1; /* the shell tells the command's pid, then its status */
static pid_t command = -1, supervisor = -1;
static int status = -1;
static char shown[KEPT + 1]; /* the last of what was shown */
static size_t shown_size, found_to;
static unsigned long long total;

static long long now(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static _Noreturn void fail(const char *step, const char *why)
{
	printf("%s\n", shown + (shown_size > 2000 ? shown_size - 2000 : 0));
	fprintf(stderr, "terminal-driver: %s: %s (shown: %llu bytes)\n", step, why, total);
	if (command > 0)
		(void)kill(command, SIGKILL);
	exit(1);
}

static void keep(const char *bytes, size_t size)
{
	total += size;
	if (size > KEPT / 2) {
		bytes += size - KEPT / 2;
		size = KEPT / 2;
	}
	if (shown_size + size > KEPT) {
		size_t dropped = shown_size + size - KEPT;
		memmove(shown, shown + dropped, shown_size - dropped);
		shown_size -= dropped;
		found_to = found_to > dropped ? found_to - dropped : 0;
	}
	memcpy(shown + shown_size, bytes, size);
	shown_size += size;
	shown[shown_size] = '\0';
}

/* Reads what is shown for up to some milliseconds. */
static void look(int millis)
{
	struct pollfd shows = {.fd = master, .events = POLLIN};
	char bytes[8192];
	ssize_t got;

	if (poll(&shows, 1, millis) <= 0)
		return;
	got = read(master, bytes, sizeof(bytes));
	if (got > 0)
		keep(bytes, (size_t)got);
	else
		(void)poll(NULL, 0, millis < 20 ? millis : 20); /* EIO: nobody has it open */
}

static pid_t find_supervisor(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t found = -1;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		char path[300], text[256] = "";
		int parent = 0;
		FILE *file;

		(void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fgets(text, sizeof(text), file) != NULL && strstr(text, "(nsjob-super)") != NULL &&
		    sscanf(strrchr(text, ')') + 2, "%*c %d", &parent) == 1 && parent == command)
			found = (pid_t)atoi(entry->d_name);
		(void)fclose(file);
	}
	if (proc != NULL)
		(void)closedir(proc);
	return found;
}

static void look_for_supervisor(void)
{
	if (supervisor < 0)
		supervisor = find_supervisor();
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static bool is_raw(void)
{
	struct termios modes;

	return tcgetattr(master, &modes) == 0 && (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0 && (modes.c_oflag & OPOST) == 0;
}

static bool is_cooked(void)
{
	struct termios modes;

	return tcgetattr(master, &modes) == 0 && modes.c_lflag == before.c_lflag && modes.c_iflag == before.c_iflag &&
	       modes.c_oflag == before.c_oflag && memcmp(modes.c_cc, before.c_cc, sizeof(modes.c_cc)) == 0;
}

static bool has_ended(void)
{
	struct pollfd ready = {.fd = news, .events = POLLIN};

	if (status < 0 && poll(&ready, 1, 0) > 0 && read(news, &status, sizeof(status)) != sizeof(status))
		status = 255;
	return status >= 0;
}

static void type(const char *text)
{
	while (*text != '\0') {
		unsigned int byte = (unsigned char)*text++;
		char c;

		if (byte == '\\' && sscanf(text, "x%2x", &byte) == 1)
			text += 3;
		else if (byte == '\\' && *text != '\0')
			byte = *text == 'r' ? '\r' : *text == 'n' ? '\n' : (unsigned char)*text, text++;
		c = (char)byte;
		if (write(master, &c, 1) != 1)
			fail(text, strerror(errno));
	}
}

/* Nobody may read it for a while: neither do we wait for that, nor are we stuck. */
static void type_much(unsigned long long bytes)
{
	static char keys[4096];
	long long until = now() + 1000;

	memset(keys, 'k', sizeof(keys));
	(void)fcntl(master, F_SETFL, O_NONBLOCK);
	while (bytes > 0 && now() < until) {
		ssize_t typed = write(master, keys, bytes < sizeof(keys) ? (size_t)bytes : sizeof(keys));

		if (typed > 0)
			bytes -= (unsigned long long)typed;
		else
			look(10);
	}
	(void)fcntl(master, F_SETFL, 0);
}

static bool found(const char *text)
{
	const char *at = memmem(shown + found_to, shown_size - found_to, text, strlen(text));

	if (at != NULL)
		found_to = (size_t)(at - shown) + strlen(text);
	return at != NULL;
}

static void resize(const char *text)
{
	struct winsize size = {0};

	if (sscanf(text, "%hux%hu", &size.ws_row, &size.ws_col) != 2)
		job_misused(USAGE);
	(void)ioctl(master, TIOCSWINSZ, &size);
}

static void check_peak(const char *step, long most)
{
	char path[64], line[256];
	long peak = -1;
	FILE *file;

	look_for_supervisor();
	(void)snprintf(path, sizeof(path), "/proc/%d/status", supervisor);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "VmHWM: %ld", &peak);
	if (file != NULL)
		(void)fclose(file);
	if (peak < 0 || peak > most)
		fail(step, peak < 0 ? "no supervisor" : "it had more");
}

static void kill_them(const char *step, const char *who)
{
	look_for_supervisor();
	if (supervisor < 0)
		fail(step, "no supervisor");
	if (strcmp(who, "jvm") != 0)
		(void)kill(supervisor, SIGKILL);
	if (strcmp(who, "super") != 0)
		(void)kill(command, SIGKILL);
}

static bool holds(const char *step, unsigned long long goal)
{
	if (strncmp(step, "expect=", 7) == 0)
		return found(step + 7);
	if (strncmp(step, "drain=", 6) == 0)
		return total >= goal;
	if (strcmp(step, "raw") == 0)
		return is_raw();
	if (strcmp(step, "cooked") == 0)
		return is_cooked();
	if (strncmp(step, "exit=", 5) == 0 && has_ended() && status != atoi(step + 5)) {
		fprintf(stderr, "exit status %d\n", status);
		fail(step, "another exit status");
	}
	if (strcmp(step, "gone") == 0)
		return supervisor > 0 && is_gone(supervisor);
	return has_ended();
}

static void await(const char *step)
{
	long long until = now() + PATIENCE;
	unsigned long long goal = strncmp(step, "drain=", 6) == 0 ? total + strtoull(step + 6, NULL, 10) : 0;
	bool reads = strcmp(step, "gone") != 0;

	while (!holds(step, goal)) {
		if (now() > until)
			fail(step, "not within its time");
		if (reads)
			look(20);
		else
			(void)poll(NULL, 0, 20);
	}
}

static void take(const char *step)
{
	if (strncmp(step, "send=", 5) == 0) {
		type(step + 5);
	} else if (strncmp(step, "type=", 5) == 0) {
		type_much(strtoull(step + 5, NULL, 10));
	} else if (strncmp(step, "size=", 5) == 0) {
		resize(step + 5);
	} else if (strncmp(step, "pause=", 6) == 0) {
		look_for_supervisor();
		(void)poll(NULL, 0, atoi(step + 6));
	} else if (strncmp(step, "kill=", 5) == 0) {
		kill_them(step, step + 5);
	} else if (strncmp(step, "peak=", 5) == 0) {
		check_peak(step, atol(step + 5));
	} else if (strcmp(step, "hangup") == 0) {
		look_for_supervisor();
		(void)close(master);
		master = -1;
	} else {
		await(step);
	}
}

static _Noreturn void run_shell(int slave, int tell, char **argv)
{
	pid_t child;
	int ended = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)close(master); /* else it would never hang up */
	(void)setsid();
	(void)ioctl(slave, TIOCSCTTY, 0);
	(void)signal(SIGTTOU, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	child = fork();
	if (child == 0) {
		(void)setpgid(0, 0);
		(void)tcsetpgrp(slave, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		(void)signal(SIGHUP, SIG_DFL);
		for (int fd = 0; fd <= 2; fd++)
			(void)dup2(slave, fd);
		(void)close(slave);
		(void)close(tell);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	(void)setpgid(child, child);
	(void)!write(tell, &child, sizeof(child));
	while (waitpid(child, &ended, 0) < 0 && errno == EINTR)
		;
	(void)tcsetpgrp(slave, getpid());
	ended = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
	(void)!write(tell, &ended, sizeof(ended));
	for (;;)
		(void)pause(); /* holds the terminal open until the driver is done */
}

static void start(char **argv)
{
	static char identity[64];
	struct stat slave_status;
	int ends[2];
	int slave;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		fail("start", strerror(errno));
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	if (slave < 0 || fstat(slave, &slave_status) < 0 || tcgetattr(slave, &before) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		fail("start", strerror(errno));
	(void)snprintf(identity, sizeof(identity), "%lu:%lu", (unsigned long)slave_status.st_dev, (unsigned long)slave_status.st_ino);
	for (char **word = argv; *word != NULL; word++) {
		if (strcmp(*word, "%T") == 0)
			*word = identity;
	}
	resize("24x80");
	if (fork() == 0)
		run_shell(slave, ends[1], argv);
	(void)close(slave);
	(void)close(ends[1]);
	news = ends[0];
	if (read(news, &command, sizeof(command)) != sizeof(command))
		fail("start", "no shell");
}

int main(int argc, char **argv)
{
	int steps = 1;

	while (steps < argc && strcmp(argv[steps], "--") != 0)
		steps++;
	if (steps >= argc - 1)
		job_misused(USAGE);
	start(argv + steps + 1);
	for (int i = 1; i < steps; i++)
		take(argv[i]);
	for (int i = 0; master >= 0 && i < 5; i++)
		look(20);
	printf("%.*s\n", (int)shown_size, shown);
	return 0;
}
