/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throws changed plans and control frames at the two parsers that read what a caller sends:
 *
 *   fuzz_plan SECONDS DIRECTORY-OR-FILE...
 *
 * Every file is tried as it is, then changed ones until the time is up (0: only as they are, to replay a finding).
 * FUZZ_SEED repeats a run. The work is done in a child; if it dies, the parent writes the input it died of to a file.
 * Built with ASan and UBSan; what is accepted must besides keep the promises of plan.h, which the rest of the helper
 * relies on without another look.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bounds.h"
#include "error.h"
#include "fuzz_mutate.h"
#include "fuzz_promises.h"
#include "plan.h"
#include "wire.h"

/* An input that takes longer is a finding too. */
#define HANG_SECONDS 20u

/* What the child leaves to the parent. */
struct shared {
	uint64_t inputs, accepted, frames;
	bool done;
	char broken[256];
	struct input input;
};

static struct shared *shared;
static struct pool pool, controls;

/* Error messages seen: an input that is refused for a new reason is worth changing further. */
static bool reasons[1u << 16];

_Noreturn void broken_promise(const char *promise)
{
	(void)snprintf(shared->broken, sizeof(shared->broken), "%s", promise);
	abort();
}

static uint32_t add_to_hash(uint32_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = text[i] >= '0' && text[i] <= '9' ? hash : (hash ^ (uint8_t)text[i]) * 16777619u;
	return hash;
}

/* Was it refused for a reason not seen before? Numbers and what the input itself says make no new reason. */
static bool is_news(const struct error *err)
{
	const char *near = strstr(err->message, " near ");
	size_t length = near != NULL ? (size_t)(near - err->message) : strlen(err->message);
	uint32_t hash = add_to_hash(2166136261u, err->message, length);

	PROMISE(memchr(err->subject, '\0', sizeof(err->subject)) != NULL);
	PROMISE(memchr(err->message, '\0', sizeof(err->message)) != NULL && err->message[0] != '\0');
	PROMISE(err->syscall[0] == '\0' && err->errnum == 0);
	if (strcmp(err->message, "unknown field") != 0)
		hash = add_to_hash(hash, err->subject, strlen(err->subject));
	hash = (hash >> 16 ^ hash) & 0xffff;
	if (reasons[hash])
		return false;
	reasons[hash] = true;
	return true;
}

static void try_plan(const struct input *input, bool keep)
{
	/* A copy of exactly the size: one byte read too far is seen by ASan. */
	char *exact = malloc(input->size + (input->size == 0));
	struct plan plan;
	struct error err = {.stage = STAGE_PLAN};

	if (exact == NULL)
		abort();
	memcpy(exact, input->bytes, input->size);
	memset(&plan, 0x5a, sizeof(plan));
	if (plan_parse(exact, input->size, &plan, &err) == 0) {
		free(exact);
		check_plan(&plan);
		plan_release(&plan);
		shared->accepted++;
		if (keep && random_below(4) == 0)
			pool_add(&pool, input->bytes, input->size);
		return;
	}
	free(exact);
	for (size_t i = 0; i < sizeof(plan); i++)
		PROMISE(((const unsigned char *)&plan)[i] == 0x5a);
	if (is_news(&err) && keep)
		pool_add(&pool, input->bytes, input->size);
}

/* The input as a stream, in pieces, as wire_fill() would have put it into the buffer. */
static void try_stream(const char *bytes, size_t size)
{
	struct wire_reader *reader = calloc(1, sizeof(*reader));
	size_t at = 0;
	bool broken = false;

	if (reader == NULL)
		abort();
	while (at < size && !broken) {
		size_t room = sizeof(reader->buffer) - reader->length;
		size_t piece = 1 + random_below(random_below(4) == 0 ? 4200 : 16);
		enum wire_event event = WIRE_CONTROL;

		/* Full, with no whole frame in it: reading on would look like the end of the connection. */
		PROMISE(room > 0);
		piece = piece > room ? room : piece;
		piece = piece > size - at ? size - at : piece;
		memcpy(reader->buffer + reader->length, bytes + at, piece);
		reader->length += piece;
		at += piece;
		while (event == WIRE_CONTROL) {
			size_t before = reader->length;
			struct control control = {0};
			struct error err = {.stage = STAGE_PROTOCOL};

			event = wire_next(reader, &control, &err);
			PROMISE(event != WIRE_END && reader->length <= sizeof(reader->buffer));
			PROMISE(event != WIRE_CONTROL || reader->length < before);
			PROMISE(event != WIRE_BROKEN || err.message[0] != '\0');
			if (event == WIRE_CONTROL) {
				check_control(&control);
				shared->frames++;
			}
		}
		broken = event == WIRE_BROKEN;
	}
	free(reader);
}

/* The input as the bodies of frames, cut at newlines, behind headers that are right or nearly so. */
static void try_frames(const struct input *input)
{
	static const uint8_t types[] = {FRAME_RELEASE, FRAME_SIGNAL, FRAME_CANCEL, FRAME_SIGNAL, FRAME_CANCEL, 0, 1, 2, 9, 65};
	static char stream[3 * 4096];
	size_t size = 0;

	for (size_t at = 0; at < input->size && size + 4096 + 16 < sizeof(stream);) {
		const char *end = memchr(input->bytes + at, '\n', input->size - at);
		size_t length = end != NULL ? (size_t)(end - input->bytes) - at : input->size - at;
		size_t claimed = length > 4096 ? 4096 : length;
		size_t sent = claimed;

		if (random_below(32) == 0)
			claimed += random_below(8192);
		stream[size++] = random_below(64) == 0 ? 1 : 0;
		stream[size++] = 0;
		stream[size++] = (char)(claimed >> 8);
		stream[size++] = (char)claimed;
		stream[size++] = (char)types[random_below(random_below(8) == 0 ? sizeof(types) : 5)];
		memcpy(stream + size, input->bytes + at, sent);
		size += sent;
		at += length + 1;
	}
	try_stream(stream, size);
}

static void try_input(const struct input *input, bool keep)
{
	shared->inputs++;
	(void)alarm(HANG_SECONDS);
	try_plan(input, keep);
	try_stream(input->bytes, input->size);
	try_frames(input);
}

static void read_file(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		(void)fprintf(stderr, "fuzz: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	shared->input.size = fread(shared->input.bytes, 1, INPUT_MOST, file);
	(void)fclose(file);
	pool_add(&pool, shared->input.bytes, shared->input.size);
}

static void read_corpus(const char *path)
{
	struct stat status;
	struct dirent **entries;
	int count;

	if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
		read_file(path);
		return;
	}
	/* Sorted: the order of a directory must not change what a seed means. */
	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0) {
		(void)fprintf(stderr, "fuzz: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		char name[4096];

		(void)snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			read_file(name);
		free(entries[i]);
	}
	free(entries);
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static int work(double seconds, char **paths)
{
	static const char bodies[] = "{\"signal\":15}\n{\"signal\":64,\"group\":true}\n\n{\"graceMillis\":0}\n{}\n";
	struct timespec begin;
	size_t given;

	for (size_t i = 0; paths[i] != NULL; i++)
		read_corpus(paths[i]);
	pool_add(&controls, bodies, sizeof(bodies) - 1);
	given = pool.count;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	for (size_t i = 0; i < given; i++) {
		shared->input.size = pool.samples[i].size;
		memcpy(shared->input.bytes, pool.samples[i].bytes, pool.samples[i].size);
		try_input(&shared->input, false);
	}
	while (seconds > 0 && seconds_since(&begin) < seconds) {
		bool is_plan = random_below(4) != 0;

		make_input(&shared->input, is_plan ? &pool : &controls);
		try_input(&shared->input, is_plan);
	}
	(void)alarm(0);
	(void)printf("fuzz: %.0f inputs/s, %llu plans accepted, %llu frames taken, %zu of %zu in the pool found on the way\n",
		     (double)shared->inputs / (seconds_since(&begin) + 1e-9), (unsigned long long)shared->accepted,
		     (unsigned long long)shared->frames, pool.count - given, pool.count);
	pool_release(&pool);
	pool_release(&controls);
	shared->done = true;
	return fflush(stdout) == 0 ? 0 : 2; /* from here on only the leak check can fail */
}

static int tell_finding(int status, unsigned long long seed)
{
	char name[64];
	FILE *file;

	(void)fprintf(stderr, "fuzz: FINDING after %llu inputs with FUZZ_SEED=%llu: %s%s\n", (unsigned long long)shared->inputs, seed,
		      WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "the sanitizer stopped it, see above",
		      WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? " (it hangs)" : "");
	if (shared->broken[0] != '\0')
		(void)fprintf(stderr, "fuzz: broken promise: %s\n", shared->broken);
	if (shared->done) {
		(void)fprintf(stderr, "fuzz: at the end of the run: a leak, of no one input\n");
		return 1;
	}
	(void)snprintf(name, sizeof(name), "fuzz-finding-%llu-%llu", seed, (unsigned long long)shared->inputs);
	file = fopen(name, "wb");
	if (file == NULL || fwrite(shared->input.bytes, 1, shared->input.size, file) != shared->input.size || fclose(file) != 0)
		(void)fprintf(stderr, "fuzz: cannot write %s: %s\n", name, strerror(errno));
	else
		(void)fprintf(stderr, "fuzz: the input is in %s; again: fuzz_plan 0 %s\n", name, name);
	return 1;
}

int main(int argc, char **argv)
{
	const char *text = getenv("FUZZ_SEED");
	unsigned long long seed = text != NULL ? strtoull(text, NULL, 10) : (unsigned long long)time(NULL);
	char *end = NULL;
	double seconds = argc > 2 ? strtod(argv[1], &end) : -1;
	int status;
	pid_t pid;

	if (seconds < 0 || *end != '\0') {
		(void)fprintf(stderr, "usage: fuzz_plan SECONDS DIRECTORY-OR-FILE...\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	(void)printf("fuzz: FUZZ_SEED=%llu\n", seed);
	(void)fflush(stdout);
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	random_state += random_state == 0; /* xorshift never leaves 0 */
	pid = fork();
	if (pid == 0)
		exit(work(seconds, argv + 2));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return 2;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return tell_finding(status, seed);
	(void)printf("fuzz: %llu inputs, no findings\n", (unsigned long long)shared->inputs);
	return 0;
}
