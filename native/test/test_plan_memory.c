/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "error.h"
#include "plan.h"
#include "plan_memory.h"

static bool lies_there(const void *memory)
{
	const char *place = plan_memory_place();

	return (const char *)memory >= place && (const char *)memory < place + PLAN_MEMORY_BYTES;
}

static void test_unprepared(void)
{
	size_t size;
	void *memory;

	plan_memory_begin();
	memory = plan_malloc(10);
	plan_memory_end();
	CHECK(memory != NULL && plan_memory_place() == NULL && plan_memory_whole(&size) == NULL, "without a piece it is the heap's");
	plan_free(memory);
}

static void test_piece(void)
{
	char *first, *second, *later;
	size_t size;

	plan_memory_prepare();
	plan_memory_touch();
	CHECK(plan_memory_place() != NULL && plan_memory_whole(&size) == NULL, "a piece has nothing in it");
	plan_memory_begin();
	first = plan_malloc(3);
	second = plan_calloc(2, 5);
	CHECK(lies_there(first) && lies_there(second) && second > first, "what a plan takes lies in the piece");
	CHECK(second[0] == 0 && second[9] == 0 && (uintptr_t)second % 16 == 0, "zeroed and aligned");
	plan_memory_end();
	CHECK(plan_memory_whole(&size) == plan_memory_place() && size == 32, "which then is whole");
	later = plan_malloc(3);
	CHECK(!lies_there(later), "what comes later is the heap's");
	plan_free(first);
	plan_free(second);
	plan_free(later);
	CHECK(plan_calloc(SIZE_MAX / 2, 3) == NULL, "an overflow is no memory");
}

static void test_overflow(void)
{
	void *most, *more;
	size_t size;

	plan_memory_begin();
	most = plan_malloc(PLAN_MEMORY_BYTES - 16);
	more = plan_malloc(17);
	plan_memory_end();
	CHECK(lies_there(most) && more != NULL && !lies_there(more), "what does not fit lies elsewhere,");
	CHECK(plan_memory_whole(&size) == NULL, "and the piece is not the whole of it");
	plan_free(more);
	plan_free(most);
	plan_memory_begin();
	CHECK(plan_malloc(SIZE_MAX - 3) == NULL, "nor is there more than all");
	plan_memory_end();
}


/* The least of a plan, and something of each kind of memory; ' stands for ". */
static void test_plan(void)
{
	char text[] = "{'protocol':1,'job':'m','namespaces':{'user':{'mode':'inherit'},'mnt':{'mode':'inherit'},'pid':{'mode':'inherit'},"
		      "'net':{'mode':'inherit'},'ipc':{'mode':'inherit'},'uts':{'mode':'inherit'},'cgroup':{'mode':'inherit'},"
		      "'time':{'mode':'inherit'}},'dropGroups':false,'mounts':[],'loopback':false,"
		      "'process':{'argv':['/bin/true','word'],'searchPath':[],'env':['A=b'],'dropCapabilities':false,'noNewPrivs':true,"
		      "'newSession':true,'asPid1':false,'seccomp':{'filter':'BgAAAAAA/38=','log':true},"
		      "'rlimits':[{'resource':7,'soft':256,'hard':512}]},'limits':{'setupMillis':20000,'graceMillis':0},'hold':false}";
	struct error err = {0};
	struct plan plan = {0};
	size_t size = 0;
	int result;

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\'')
			*c = '"';
	}
	plan_memory_begin();
	result = plan_parse(text, strlen(text), &plan, &err);
	plan_memory_end();
	CHECK(result == 0, "a plan is read: %s", err.message);
	CHECK(plan_memory_whole(&size) != NULL && size > 0, "and is one piece");
	CHECK(lies_there(plan.job) && lies_there(plan.process.argv) && lies_there(plan.process.argv[1]) &&
		      lies_there(plan.process.filter) && lies_there(plan.process.rlimits), "with all that it points to");
	plan_release(&plan);
}

int main(void)
{
	test_unprepared();
	test_piece();
	test_overflow();
	test_plan();
	return tap_done();
}
