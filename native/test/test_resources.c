/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <sys/resource.h>

#include "error.h"
#include "fd.h"
#include "plan.h"
#include "resources.h"
#include "tree.h"

static int proc_dir;

/* In a child, as the job's process does it: limits cannot be taken back. Returns the error number, 0 = applied. */
static int apply(const struct plan *plan, struct error *ret_err)
{
	struct error err = {.message = ""};
	int ends[2];
	int errnum = -1;
	pid_t child;

	if (pipe(ends) < 0)
		tap_bail("pipe");
	child = fork();
	if (child == 0) {
		(void)!write(ends[1], &err, resources_apply(plan, proc_dir, &err) < 0 ? sizeof(err) : 1);
		_exit(0);
	}
	(void)close(ends[1]);
	if (read(ends[0], &err, sizeof(err)) == (ssize_t)sizeof(err))
		errnum = err.errnum != 0 ? err.errnum : EPROTO;
	else
		errnum = 0;
	(void)close(ends[0]);
	(void)waitpid(child, NULL, 0);
	*ret_err = err;
	return errnum;
}

static void test_names(void)
{
	CHECK_TEXT(resources_name(RLIMIT_CPU), "cpu", "the first");
	CHECK_TEXT(resources_name(RLIMIT_RTTIME), "rttime", "the last");
	CHECK_TEXT(resources_name(16), "?", "none beyond");
	for (unsigned int i = 0; i < LIMIT_RESOURCES; i++)
		CHECK(resources_name(i) != NULL, "number %u has a name", i);
}

static void test_lowering(void)
{
	struct plan_rlimit limits[LIMIT_RESOURCES];
	struct plan plan = {.process = {.rlimits = limits}};
	struct error err;

	CHECK(!resources_wanted(&plan), "nothing is asked for");
	for (unsigned int i = 0; i < LIMIT_RESOURCES; i++) {
		struct rlimit now;

		(void)getrlimit((enum __rlimit_resource)i, &now);
		/* Not so low that the child cannot tell. */
		limits[i] = (struct plan_rlimit){.resource = i, .soft = now.rlim_cur, .hard = now.rlim_max};
	}
	limits[RLIMIT_CORE].soft = limits[RLIMIT_CORE].hard = 0;
	limits[RLIMIT_NOFILE].soft = 16;
	plan.process.rlimit_count = LIMIT_RESOURCES;
	CHECK(resources_wanted(&plan), "limits are asked for");
	CHECK_NUMBER(apply(&plan, &err), 0, "all sixteen");
}

static void test_refusals(void)
{
	struct plan_rlimit limit = {.resource = RLIMIT_NOFILE, .soft = UINT64_C(1) << 40, .hard = UINT64_C(1) << 40};
	struct plan plan = {.process = {.rlimits = &limit, .rlimit_count = 1}};
	struct plan affinity = {.process = {.has_affinity = true}};
	struct plan oom = {.process = {.has_oom_score = true, .oom_score = 400}};
	struct error err;

	CHECK_NUMBER(apply(&plan, &err), EPERM, "more descriptors than fs.nr_open are for nobody");
	CHECK(strcmp(err.subject, "nofile") == 0 && strcmp(err.syscall, "prlimit") == 0, "and it says which limit");
	CPU_SET(1023, &affinity.process.affinity);
	CHECK_NUMBER(apply(&affinity, &err), EINVAL, "a processor that is not there");
	CPU_SET(0, &affinity.process.affinity);
	CHECK_NUMBER(apply(&affinity, &err), EINVAL, "also beside one that is: the kernel would leave it out without a word");
	CHECK_TEXT(err.subject, "cpuAffinity", "and it says what");
	CHECK_NUMBER(apply(&oom, &err), 0, "an OOM score can be raised");
}

int main(void)
{
	struct error err;

	proc_dir = tree_open_proc(&err);
	if (proc_dir < 0)
		tap_bail("no /proc");
	test_names();
	test_lowering();
	test_refusals();
	return tap_done();
}
