/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <fcntl.h>

#include "error.h"
#include "run.h"

static int run(const char *command, int *ret_status, char *output, size_t size, struct error *err)
{
	char shell[] = "/bin/sh";
	char option[] = "-c";
	char *text = strdup(command);
	char *argv[] = {shell, option, text, NULL};
	int result;

	if (text == NULL)
		tap_bail("out of memory");
	result = run_tool(argv, ret_status, output, size, err);
	free(text);
	return result;
}

int main(void)
{
	char output[64];
	char missing[] = "/nonexistent/newuidmap";
	char directory[] = "/tmp";
	char *argv[] = {missing, NULL};
	int status = -1;
	struct error err;

	CHECK(run("exit 0", &status, output, sizeof(output), &err) == 0 && status == 0 && output[0] == '\0', "a tool that succeeds");
	CHECK(run("echo why >&2; echo more >&2; exit 3", &status, output, sizeof(output), &err) == 0 && status != 0 &&
		      strcmp(output, "why") == 0, "a tool that fails, with the first line of its reason");
	CHECK(run("printf 'no newline' >&2; exit 1", &status, output, sizeof(output), &err) == 0 &&
		      strcmp(output, "no newline") == 0, "a line without an end");
	CHECK(run("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done >&2; exit 1", &status, output, sizeof(output),
		  &err) == 0 && strcmp(output, "0123456789") == 0, "a tool that says more than a pipe holds does not block");
	CHECK(run("printf '%0200d' 7 >&2; exit 1", &status, output, sizeof(output), &err) == 0 &&
		      strlen(output) == sizeof(output) - 1, "a long line is cut");
	CHECK(run("kill -9 $$", &status, output, sizeof(output), &err) == 0 && status != 0, "a tool that is killed has not succeeded");
	(void)setenv("NSJOB_TEST_SECRET", "x", 1);
	CHECK(run("[ -z \"$NSJOB_TEST_SECRET\" ]", &status, output, sizeof(output), &err) == 0 && status == 0,
	      "the environment does not reach it");
	CHECK(run_tool(argv, &status, output, sizeof(output), &err) < 0 && err.errnum == ENOENT &&
		      strcmp(err.syscall, "execve") == 0 && strcmp(err.subject, missing) == 0, "a tool that is missing is named");
	argv[0] = directory;
	CHECK(run_tool(argv, &status, output, sizeof(output), &err) < 0 && err.errnum == EACCES, "a directory is no tool");
	return tap_done();
}
