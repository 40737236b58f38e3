/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <sys/prctl.h>
#include <time.h>

#include "cputime.h"
#include "error.h"
#include "fd.h"
#include "tree.h"

#define MILLI UINT64_C(1000000)

static uint64_t look(struct cpu_account *account, const struct cpu_process *now, size_t count)
{
	struct cpu_process *copy = calloc(count, sizeof(*copy));

	if (copy == NULL)
		tap_bail("out of memory");
	memcpy(copy, now, count * sizeof(*copy));
	return cputime_add_look(account, copy, count);
}

#define LOOK(...) look(&account, (const struct cpu_process[]){__VA_ARGS__}, \
		       sizeof((const struct cpu_process[]){__VA_ARGS__}) / sizeof(struct cpu_process))

static void test_account(void)
{
	struct cpu_account account = {0};

	CHECK_NUMBER(LOOK({1, 10, 1, 0}), 1, "init alone");
	CHECK_NUMBER(LOOK({1, 10, 1, 0}, {2, 11, 50, 7}), 58, "a child, and what it has waited for");
	CHECK_NUMBER(LOOK({1, 10, 1, 0}), 58, "the child is gone, and nobody has got its time yet");
	CHECK_NUMBER(LOOK({1, 10, 1, 60}), 61, "now its parent has, with what came in between");
	CHECK_NUMBER(LOOK({1, 10, 1, 60}), 61, "nothing is counted twice");
	CHECK_NUMBER(LOOK({1, 10, 1, 70}), 71, "children that no look ever saw");
	cputime_release(&account);

	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 5, 0}, {3, 12, 100, 0}, {4, 13, 200, 0}), 305, "a family");
	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 5, 0}, {4, 13, 200, 0}), 305, "one is gone that nobody waits for");
	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 5, 0}, {5, 14, 3, 0}), 308, "and another, and a new one came");
	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 5, 0}, {5, 14, 4, 0}), 309, "what is gone stays counted");
	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 5, 0}, {5, 20, 0, 0}), 309, "a pid again, as another process");
	cputime_release(&account);

	CHECK_NUMBER(LOOK({1, 10, 0, 0}, {2, 11, 1, 0}, {3, 12, 40, 0}), 41, "a grandchild");
	CHECK_NUMBER(LOOK({1, 10, 0, 0}), 41, "gone with its parent");
	CHECK_NUMBER(LOOK({1, 10, 0, 45}), 45, "both arrived at init");
	CHECK(account.vanished == 0 && account.count == 1, "and nothing is open any more");
	cputime_release(&account);
	cputime_release(&account);
	CHECK(account.processes == NULL && account.count == 0, "an account may be released twice");
}

static void test_pause(void)
{
	CHECK_NUMBER(cputime_pause(30000 * MILLI, 2, 0), 15000 * MILLI, "two processors cannot use 30 s up in less than 15");
	CHECK_NUMBER(cputime_pause(30000 * MILLI, 1, 0), 30000 * MILLI, "one cannot in less than 30");
	CHECK_NUMBER(cputime_pause(30000 * MILLI, 0, 0), 30000 * MILLI, "and nobody has none");
	CHECK_NUMBER(cputime_pause(1, 4, 0), 50 * MILLI, "never busier than every 50 ms");
	CHECK_NUMBER(cputime_pause(1, 4, 20 * MILLI), 200 * MILLI, "and never for more than a tenth of the time");
}

static void burn(clock_t millis)
{
	clock_t until = clock() + millis * (CLOCKS_PER_SEC / 1000);

	while (clock() < until)
		;
}

/* Below a root of its own: a child that burns and stays, one that is waited for, one that nobody waits for. */
static _Noreturn void family(int ready, int until)
{
	char byte;

	(void)alarm(TAP_CHILD_SECONDS);
	if (fork() == 0) {
		burn(200);
		(void)!write(ready, "r", 1);
		(void)!read(until, &byte, 1);
		_exit(0);
	}
	if (fork() == 0) {
		burn(100);
		_exit(0);
	}
	(void)wait(NULL);
	(void)!write(ready, "r", 1);
	(void)!read(until, &byte, 1);
	_exit(0);
}

static void test_real_tree(void)
{
	struct cpu_account account = {0};
	struct tree_member *members;
	struct error err;
	_cleanup_close_ int proc_dir = tree_open_proc(&err);
	uint64_t nanos = 0;
	size_t count = 0;
	int ready[2], until[2];
	char byte;
	pid_t root;

	if (proc_dir < 0 || pipe(ready) < 0 || pipe(until) < 0)
		tap_bail("cannot set the test up");
	root = fork();
	if (root == 0) {
		(void)close(until[1]);
		family(ready[1], until[0]);
	}
	for (int i = 0; i < 2; i++)
		(void)!read(ready[0], &byte, 1);
	CHECK(tree_members(proc_dir, root, &members, &count) == 0 && count >= 2 && members[0].pid == root,
	      "root first, and its child: %zu", count);
	free(members);
	CHECK_NUMBER(cputime_look(&account, proc_dir, root, &nanos), 0, "a look");
	CHECK(nanos >= 260 * MILLI && nanos < 600 * MILLI, "300 ms were burnt by both: %lu ms", (unsigned long)(nanos / MILLI));
	(void)close(until[0]);
	(void)close(until[1]);
	(void)waitpid(root, NULL, 0);
	CHECK_NUMBER(cputime_look(&account, proc_dir, root, &nanos), -1, "a root that is gone is no empty tree");
	cputime_release(&account);
	for (int i = 0; i < 2; i++)
		(void)close(ready[i]);
}

int main(void)
{
	test_account();
	test_pause();
	test_real_tree();
	return tap_done();
}
