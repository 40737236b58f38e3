/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs for fuzz_plan.c: a pool of texts, and changes to them, half of which know what a JSON token is. The same seed
 * gives the same inputs.
 */
#ifndef NSJOB_FUZZ_MUTATE_H
#define NSJOB_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A little over the helper's maximum, so that this is met too. */
#define INPUT_MOST (1024u * 1024u + 64u)
#define POOL_MOST 4096u

struct input {
	size_t size;
	char bytes[INPUT_MOST];
};

struct sample {
	char *bytes;
	size_t size;
};

struct pool {
	struct sample samples[POOL_MOST];
	size_t count;
};

/* xorshift64*: small, and the same on every machine. */
static uint64_t random_state;

static inline uint64_t random_next(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

static inline size_t random_below(size_t bound)
{
	return bound == 0 ? 0 : (size_t)((random_next() >> 16) % bound);
}

static inline void pool_add(struct pool *pool, const char *bytes, size_t size)
{
	/* Full: the newest replaces one that was found, never one of the corpus' first half. */
	size_t place = pool->count < POOL_MOST ? pool->count++ : POOL_MOST / 2 + random_below(POOL_MOST / 2);
	char *copy = malloc(size + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, size);
	free(pool->samples[place].bytes);
	pool->samples[place] = (struct sample){copy, size};
}

static inline void pool_release(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		free(pool->samples[i].bytes);
	pool->count = 0;
}

/* Replaces `removed` bytes at a place by a text, as far as it fits. */
static inline void put_in(struct input *input, size_t at, size_t removed, const char *text, size_t size)
{
	if (at > input->size || removed > input->size - at || input->size - removed + size > INPUT_MOST)
		return;
	memmove(input->bytes + at + size, input->bytes + at + removed, input->size - at - removed);
	memcpy(input->bytes + at, text, size);
	input->size = input->size - removed + size;
}

/* In one go: ASan's memmove is slow. */
static inline void put_in_repeated(struct input *input, size_t at, const char *text, size_t size, size_t times)
{
	static char many[64 * 1024];
	size_t length = 0;

	for (size_t i = 0; i < times && length + size <= sizeof(many); i++, length += size)
		memcpy(many + length, text, size);
	put_in(input, at, 0, many, length);
}

static inline size_t token_end(const struct input *input, size_t at)
{
	const char *bytes = input->bytes;
	size_t end = at + 1;

	if (bytes[at] == '"') {
		while (end < input->size && bytes[end] != '"')
			end += bytes[end] == '\\' ? 2 : 1;
		end++;
	} else if (strchr("{}[]:, \n\t", bytes[at]) == NULL) {
		while (end < input->size && strchr("{}[]:,\" \n\t", bytes[end]) == NULL)
			end++;
	}
	return end < input->size ? end : input->size;
}

/* A token somewhere; now and then the middle of one, which makes odd ones, as wished. */
static inline size_t random_token(const struct input *input, size_t *ret_end)
{
	size_t at = random_below(input->size);

	while (at > 0 && random_below(64) != 0 && strchr("{}[]:, \n\t", input->bytes[at - 1]) == NULL)
		at--;
	while (at < input->size && strchr(" \n\t,:", input->bytes[at]) != NULL && input->bytes[at] != '\0')
		at++;
	if (at >= input->size)
		at = 0;
	*ret_end = token_end(input, at);
	return at;
}

static const char *const dictionary[] = {
	"0", "1", "-1", "65535", "65536", "4294967294", "4294967295", "4294967296", "2147483647", "2147483648",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1e3", "-0", "1e999", "999999999",
	"1000000000", "2592000000", "2592000001", "null", "true", "false", "[]", "{}", "\"\"", "\"/\"", "\"/proc\"", "\"x=\"",
	"\"=\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\u00e4\"", "\"new\"", "\"join\"", "\"inherit\"", "\"deny\"", "\"allow\"",
	"\"private\"", "\"unchanged\"", "\"propagation\"", "\"proc\"", "\"mode\"", "\"path\"", "\"pid\"", "\"startTime\"",
	"\"protocol\"", "\"job\"", "\"namespaces\"", "\"timeOffsets\"", "\"idMaps\"", "\"dropGroups\"", "\"init\"",
	"\"mounts\"", "\"hostname\"", "\"domainname\"", "\"loopback\"", "\"process\"", "\"limits\"", "\"hold\"", "\"uid\"",
	"\"gid\"", "\"groups\"", "\"block\"", "\"bases\"", "\"directory\"", "\"newuidmap\"", "\"newgidmap\"", "\"setgroups\"",
	"\"inside\"", "\"outside\"", "\"count\"", "\"argv\"", "\"env\"", "\"searchPath\"", "\"cwd\"", "\"umask\"",
	"\"ownedStdio\"", "\"asPid1\"", "\"signal\"", "\"group\"", "\"graceMillis\"", "\"wallMillis\"",
	"{\"inside\":0,\"outside\":1,\"count\":1}", "{\"mode\":\"new\"}", "{\"mode\":\"join\",\"path\":\"/x\"}",
	"{\"mode\":\"join\",\"pid\":7,\"startTime\":1}", "{\"op\":\"proc\",\"target\":\"/proc\"}", "\"hold\":true", ",", ":", "{", "}", "[",
	"]", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xef\xbb\xbf"};

static inline void change_byte(struct input *input)
{
	size_t at = random_below(input->size);

	switch (random_below(4)) {
	case 0:
		input->bytes[at] = (char)(input->bytes[at] ^ (1 << random_below(8)));
		break;
	case 1:
		input->bytes[at] = (char)random_next();
		break;
	case 2:
		put_in(input, at, 0, &(char){(char)random_next()}, 1);
		break;
	default:
		put_in(input, at, 1 + random_below(input->size - at < 8 ? input->size - at : 8), "", 0);
		break;
	}
}

static inline void change_token(struct input *input)
{
	size_t end;
	size_t at = random_token(input, &end);
	const char *word = dictionary[random_below(sizeof(dictionary) / sizeof(dictionary[0]))];

	switch (random_below(4)) {
	case 0:
		put_in(input, at, end - at, "", 0);
		break;
	case 1:
		put_in(input, at, 0, word, strlen(word));
		break;
	default:
		put_in(input, at, end - at, word, strlen(word));
		break;
	}
}

/* A whole member or element again, elsewhere or right behind: duplicate names, longer lists. */
static inline void repeat_piece(struct input *input)
{
	static char piece[4096];
	size_t end;
	size_t at = random_token(input, &end);
	int depth = 0;
	size_t size = 0;
	size_t times = random_below(8) == 0 ? random_below(400) : 1;

	for (end = at; end < input->size && end - at < sizeof(piece) - 1; end++) {
		char c = input->bytes[end];

		if (depth <= 0 && (c == ',' || c == '}' || c == ']') && end > at)
			break;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
	}
	size = end - at;
	piece[0] = ',';
	memcpy(piece + 1, input->bytes + at, size);
	put_in_repeated(input, end, piece, size + 1, times);
}

static inline void nest(struct input *input)
{
	static const char *const openers[] = {"[", "{\"a\":"};
	static const char *const closers[] = {"]", "}"};
	size_t end;
	size_t at = random_token(input, &end);
	size_t depth = random_below(6) == 0 ? 1 + random_below(5000) : 1 + random_below(20);
	size_t kind = random_below(2);
	bool closed = random_below(4) != 0;

	if (closed)
		put_in_repeated(input, end, closers[kind], 1, depth);
	put_in_repeated(input, at, openers[kind], strlen(openers[kind]), depth);
}

static inline void lengthen(struct input *input)
{
	static char filler[8192];
	static const char letters[] = "x/ \\\"\xc3";
	size_t end;
	size_t at = random_token(input, &end);

	memset(filler, letters[random_below(sizeof(letters) - 1)], sizeof(filler));
	put_in(input, at + random_below(end - at + 1), 0, filler, random_below(sizeof(filler)));
}

/* Rarely a large one, a plan with 4,096 arguments costs as much time as a hundred others; rarely a mere scrap. */
static inline const struct sample *choose(const struct pool *pool)
{
	const struct sample *sample = &pool->samples[random_below(pool->count)];

	for (size_t i = 0; i < 8 && (sample->size < 200 || sample->size > 6000); i++)
		sample = &pool->samples[random_below(pool->count)];
	return sample;
}

static inline void cross(struct input *input, const struct pool *pool)
{
	const struct sample *other = choose(pool);
	size_t from = random_below(other->size);
	size_t length = random_below(other->size - from + 1);
	size_t at = random_below(input->size + 1);

	put_in(input, at, random_below(input->size - at + 1), other->bytes + from, length);
}

static inline void make_input(struct input *input, const struct pool *pool)
{
	const struct sample *sample = choose(pool);
	size_t changes = 1 + random_below(random_below(8) == 0 ? 32 : 2);

	input->size = sample->size < INPUT_MOST ? sample->size : INPUT_MOST;
	memcpy(input->bytes, sample->bytes, input->size);
	for (size_t i = 0; i < changes && input->size > 0; i++) {
		switch (random_below(16)) {
		case 0: case 1: case 2: case 3:
			change_byte(input);
			break;
		case 4: case 5: case 6: case 7: case 8: case 9:
			change_token(input);
			break;
		case 10: case 11:
			repeat_piece(input);
			break;
		case 12:
			nest(input);
			break;
		case 13:
			lengthen(input);
			break;
		case 14:
			cross(input, pool);
			break;
		default:
			input->size = random_below(input->size + 1);
			break;
		}
	}
}

#endif
