/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/simplesigning.h"

#include "unit.h"

#define DIGEST "sha256:41bbb645f08a2883a22424ec4740ebcbbdff7e77597afd3551c4d1ff5eb41536"
#define HEAD                                                                                    \
	"{\"critical\":{\"identity\":{\"docker-reference\":\"127.0.0.1:5001/old\"},\"image\":{" \
	"\"docker-manifest-digest\":\"" DIGEST                                                  \
	"\"},\"type\":\"cosign container image signature\"},\"optional\":"

/* Written by cosign 3.1.1. */
static const char plain[] = HEAD "null}";
static const char annotated[] = HEAD "{\"a\":\"x\\u003cy\",\"k\":\"v\"}}";

static void good(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct envelope_simple s;
	assert_ok(envelope_simple_parse(&cx, hm_cstr(plain), &s));
	assert_strz(s.reference, "127.0.0.1:5001/old");
	assert_strz(s.digest, DIGEST);
	assert_int_equal(s.pairs_n, 0);
	assert_ok(envelope_simple_parse(&cx, hm_cstr(annotated), &s));
	assert_int_equal(s.pairs_n, 2);
	assert_strz(s.pairs[0].key, "a");
	assert_strz(s.pairs[0].value, "x<y");
	/* others write times as numbers there */
	assert_ok(envelope_simple_parse(&cx, HM_STR(HEAD "{\"timestamp\":1,\"k\":\"v\"},\"x\":1}"),
					&s));
	assert_int_equal(s.pairs_n, 1);
	assert_strz(s.pairs[0].key, "k");
}

static void written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct hm_str reference = HM_STR("127.0.0.1:5001/old"), digest = HM_STR(DIGEST);
	struct envelope_simple_pair pairs[] = { { HM_STR("k"), HM_STR("v") },
						{ HM_STR("a"), HM_STR("x<y") } };
	struct hm_str text;
	assert_ok(envelope_simple_format(&cx, reference, digest, NULL, 0, &text));
	assert_strz(text, plain);
	assert_ok(envelope_simple_format(&cx, reference, digest, pairs, 2, &text));
	assert_strz(text, annotated);
	pairs[0].value = HM_STR("\xe2\x80\xa8>&\"\\\n");
	assert_ok(envelope_simple_format(&cx, reference, digest, pairs, 1, &text));
	assert_strz(text, HEAD "{\"k\":\"\\u2028\\u003e\\u0026\\\"\\\\\\n\"}}");
	pairs[1].key = HM_STR("k");
	assert_fault(envelope_simple_format(&cx, reference, digest, pairs, 2, &text), HM_USAGE,
		     "annotation \"k\" is given twice");
	pairs[0].key = HM_STR("");
	assert_fault(envelope_simple_format(&cx, reference, digest, pairs, 1, &text), HM_USAGE,
		     "has no key");
	pairs[0] =
		(struct envelope_simple_pair){ HM_STR("k"),
					       hm_bytes(hm_alloc(&cx, HM_MAX_SIMPLE_PAYLOAD, 1, 1),
							HM_MAX_SIMPLE_PAYLOAD) };
	assert_fault(envelope_simple_format(&cx, reference, digest, pairs, 1, &text), HM_LIMIT,
		     "the document to be signed");
}

#define IMAGE "\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"}"
#define WHO   "\"identity\":{\"docker-reference\":\"\"}"
#define TYPE  "\"type\":\"cosign container image signature\""
static const struct bad_case {
	const char *label, *text, *why;
} bad_cases[] = {
	{ "no JSON", "x", "signed document" },
	{ "nothing", "{}", "\"critical\" is missing" },
	{ "a list", "[]", "\"critical\" is missing" },
	{ "no type", "{\"critical\":{" WHO "," IMAGE "}}", "\"type\" is missing" },
	{ "an image that GnuPG signed",
	  "{\"critical\":{" WHO "," IMAGE ",\"type\":\"atomic container signature\"}}",
	  "\"atomic container signature\" are not supported" },
	{ "no identity", "{\"critical\":{" TYPE "," IMAGE "}}", "\"identity\" is missing" },
	{ "an identity without name", "{\"critical\":{" TYPE ",\"identity\":{}," IMAGE "}}",
	  "\"docker-reference\" is missing" },
	{ "no image", "{\"critical\":{" TYPE "," WHO "}}", "\"image\" is missing" },
	{ "no digest", "{\"critical\":{" TYPE "," WHO ",\"image\":{}}}",
	  "\"docker-manifest-digest\" is missing" },
	{ "a digest that is a number",
	  "{\"critical\":{" TYPE "," WHO ",\"image\":{\"docker-manifest-digest\":1}}}",
	  "\"docker-manifest-digest\" is not a string" },
	{ "two digests",
	  "{\"critical\":{" TYPE "," WHO ",\"image\":{\"docker-manifest-digest\":\"" DIGEST
	  "\",\"docker-manifest-digest\":\"" DIGEST "\"}}}",
	  "twice" },
	{ "two critical parts",
	  "{\"critical\":{" TYPE "," WHO "," IMAGE "},\"critical\":{" TYPE "," WHO "," IMAGE "}}",
	  "twice" },
	{ "annotations that are a list", HEAD "[]}", "\"optional\": it is not an object" },
	{ "a NUL in a name", HEAD "{\"a\":\"\\u0000\"}}", "NUL" },
	{ "something behind it", HEAD "null}x", "signed document" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct envelope_simple s;
	assert_fault(envelope_simple_parse(&cx, hm_cstr(t->text), &s), HM_INPUT, t->why);
}

static void limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(4 * HM_MIB);
	struct envelope_simple s;
	hm_buf_addz(&b, HEAD "{");
	for (uint64_t i = 0; i <= HM_MAX_ANNOTATIONS; i++)
		hm_buf_fmt(&b, "%s\"%d\":\"\"", i ? "," : "", (int)i);
	hm_buf_addz(&b, "}}");
	assert_fault(envelope_simple_parse(&cx, hm_buf_str(&b), &s), HM_LIMIT, "too many members");
	memset(hm_buf_room(&b, HM_MAX_SIMPLE_PAYLOAD), ' ', HM_MAX_SIMPLE_PAYLOAD);
	assert_fault(envelope_simple_parse(&cx, hm_buf_str(&b), &s), HM_LIMIT, "too large");
}

int main(void)
{
	UNIT(good);
	UNIT(written);
	UNIT_TABLE(bad, bad_cases);
	UNIT(limits);
	return unit_run("envelope/simplesigning");
}
