/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins: which programs are plugins, and what is made of their answers. */
#include "unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/plugin/answer.h"
#include "trust/plugin/install.h"
#include "trust/plugin/version.h"

/* --- metadata --- */

#define METADATA(name, capabilities)                                                        \
	"{\"name\":\"" name "\",\"description\":\"d\",\"version\":\"1.2.3\",\"url\":\"u\"," \
	"\"supportedContractVersions\":[\"1.0\"],\"capabilities\":[" capabilities "]}"

static void good_metadata(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_plugin p;
	for (size_t i = 0; i < TRUST_CAPABILITIES; i++) {
		struct hm_str text = hm_fmt(&cx, METADATA("a.b", "\"%s\",\"ANOTHER\""),
					    trust_capability_names[i]);
		assert_ok(trust_answer_metadata(&cx, text, &p));
		assert_strz(p.name, "a.b");
		assert_strz(p.description, "d");
		assert_strz(p.version, "1.2.3");
		assert_strz(p.url, "u");
		for (size_t k = 0; k < TRUST_CAPABILITIES; k++)
			assert_int_equal(p.can[k], k == i);
	}
}

static const struct metadata_case {
	const char *label, *text, *why;
} bad_metadata[] = {
	{ "nothing", "", "its answer is not valid JSON" },
	{ "no JSON", "hello", "its answer is not valid JSON" },
	{ "two answers", METADATA("a", "\"X\"") METADATA("a", "\"X\""),
	  "its answer is not valid JSON" },
	{ "a name twice", "{\"name\":\"a\",\"name\":\"b\"}", "twice" },
	{ "a NUL", "{\"name\":\"a\\u0000\"}", "NUL" },
	{ "no object", "[]", "its answer is not a JSON object" },
	{ "a text", "\"x\"", "its answer is not a JSON object" },
	{ "no name", "{}", "\"name\" is missing" },
	{ "an empty name", METADATA("", "\"X\""), "\"name\" is empty" },
	{ "a name that is no text", "{\"name\":1}", "\"name\" is not a string" },
	{ "no description", "{\"name\":\"a\"}", "\"description\" is missing" },
	{ "no version", "{\"name\":\"a\",\"description\":\"d\"}", "\"version\" is missing" },
	{ "no address", "{\"name\":\"a\",\"description\":\"d\",\"version\":\"1\"}",
	  "\"url\" is missing" },
	{ "no contracts",
	  "{\"name\":\"a\",\"description\":\"d\",\"version\":\"1\",\"url\":\"u\",\"capabilities\":[\"X\"]}",
	  "\"supportedContractVersions\" is missing" },
	{ "another contract",
	  "{\"name\":\"a\",\"description\":\"d\",\"version\":\"1\",\"url\":\"u\",\"capabilities\":[\"X\"],"
	  "\"supportedContractVersions\":[\"1.1\",\"2.0\"]}",
	  "does not support contract 1.0" },
	{ "contracts that are no list",
	  "{\"name\":\"a\",\"description\":\"d\",\"version\":\"1\",\"url\":\"u\",\"capabilities\":[\"X\"],"
	  "\"supportedContractVersions\":\"1.0\"}",
	  "\"supportedContractVersions\" is not a list" },
	{ "no capabilities",
	  "{\"name\":\"a\",\"description\":\"d\",\"version\":\"1\",\"url\":\"u\","
	  "\"supportedContractVersions\":[\"1.0\"]}",
	  "\"capabilities\" is missing" },
	{ "none at all", METADATA("a", ""),
	  "\"capabilities\" is not a list with at least one entry" },
	{ "a number", METADATA("a", "1"), "\"capabilities\" is not a list of texts" },
};

static void bad_metadata_of(void **state)
{
	const struct metadata_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_plugin p;
	assert_fault(trust_answer_metadata(&cx, hm_cstr(t->text), &p), HM_INPUT, t->why);
}

/* --- describe-key --- */

static const struct key_case {
	const char *label, *text;
	enum crypto_alg alg;
	enum hm_code code;
	const char *why;
} keys[] = {
	{ "RSA", "{\"keyId\":\"k\",\"keySpec\":\"RSA-2048\"}", CRYPTO_PS256, 0, NULL },
	{ "more of it", "{\"keyId\":\"k\",\"keySpec\":\"RSA-3072\",\"x\":1}", CRYPTO_PS384, 0,
	  NULL },
	{ "all of it", "{\"keySpec\":\"RSA-4096\",\"keyId\":\"k\"}\n", CRYPTO_PS512, 0, NULL },
	{ "P-256", "{\"keyId\":\"k\",\"keySpec\":\"EC-256\"}", CRYPTO_ES256, 0, NULL },
	{ "P-384", "{\"keyId\":\"k\",\"keySpec\":\"EC-384\"}", CRYPTO_ES384, 0, NULL },
	{ "P-521", "{\"keyId\":\"k\",\"keySpec\":\"EC-521\"}", CRYPTO_ES512, 0, NULL },
	{ "another key", "{\"keyId\":\"K\",\"keySpec\":\"EC-521\"}", 0, HM_TRUST,
	  "for key \"K\", not \"k\"" },
	{ "no key", "{\"keySpec\":\"EC-521\"}", 0, HM_INPUT, "\"keyId\" is missing" },
	{ "no kind", "{\"keyId\":\"k\"}", 0, HM_INPUT, "\"keySpec\" is missing" },
	{ "a kind that is no text", "{\"keyId\":\"k\",\"keySpec\":2048}", 0, HM_INPUT,
	  "not a string" },
	{ "a small one", "{\"keyId\":\"k\",\"keySpec\":\"RSA-1024\"}", 0, HM_INPUT,
	  "\"RSA-1024\" are not supported" },
	{ "another curve", "{\"keyId\":\"k\",\"keySpec\":\"EC-512\"}", 0, HM_INPUT,
	  "\"EC-512\" are not supported" },
	{ "another case", "{\"keyId\":\"k\",\"keySpec\":\"rsa-2048\"}", 0, HM_INPUT,
	  "are not supported" },
	{ "an empty one", "{\"keyId\":\"k\",\"keySpec\":\"\"}", 0, HM_INPUT, "are not supported" },
	{ "no object", "null", 0, HM_INPUT, "not a JSON object" },
};

static void key(void **state)
{
	const struct key_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	enum crypto_alg alg = 0;
	hm_err err = trust_answer_key(&cx, hm_cstr(t->text), HM_STR("k"), &alg);
	if (t->why)
		assert_fault(err, t->code, t->why);
	else
		assert_ok(err);
	assert_int_equal(alg, t->alg);
}

/* --- generate-signature: what it says of itself; whether it is right, is asked elsewhere --- */

static const struct signature_case {
	const char *label, *text;
	enum hm_code code;
	const char *why;
} signatures[] = {
	{ "another key", "{\"keyId\":\"x\"}", HM_TRUST, "for key \"x\"" },
	{ "no algorithm", "{\"keyId\":\"k\"}", HM_INPUT, "\"signingAlgorithm\" is missing" },
	{ "another algorithm", "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-384\"}", HM_TRUST,
	  "with algorithm \"ECDSA-SHA-384\", not \"ECDSA-SHA-256\"" },
	{ "one of another world", "{\"keyId\":\"k\",\"signingAlgorithm\":\"none\"}", HM_TRUST,
	  "\"none\"" },
	{ "no signature", "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\"}", HM_INPUT,
	  "\"signature\" is missing" },
	{ "an empty one",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"\"}", HM_INPUT,
	  "\"signature\" is empty" },
	{ "no base64",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"?\"}", HM_INPUT,
	  "\"signature\"" },
	{ "base64 for URLs",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"_-_-\"}",
	  HM_INPUT, "\"signature\"" },
	{ "no chain",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\"}",
	  HM_INPUT, "\"certificateChain\" is missing" },
	{ "an empty chain",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\",\"certificateChain\":[]}",
	  HM_INPUT, "\"certificateChain\" is not a list with at least one entry" },
	{ "a chain that is no list",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\",\"certificateChain\":\"AAAA\"}",
	  HM_INPUT, "\"certificateChain\" is not a list" },
	{ "of numbers",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\",\"certificateChain\":[1]}",
	  HM_INPUT, "\"certificateChain\" is not a list of texts" },
	{ "of no certificates",
	  "{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\",\"certificateChain\":[\"AAAA\"]}",
	  HM_INPUT, "\"certificateChain\"" },
};

static void signature(void **state)
{
	const struct signature_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str got;
	assert_fault(trust_answer_signature(&cx, hm_cstr(t->text), HM_STR("k"), CRYPTO_ES256, &got,
					    &chain),
		     t->code, t->why);
	assert_int_equal(chain.n, 0);
}

static void long_chain(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str got;
	hm_buf_addz(
		&b,
		"{\"keyId\":\"k\",\"signingAlgorithm\":\"ECDSA-SHA-256\",\"signature\":\"AAAA\","
		"\"certificateChain\":[\"AAAA\"");
	for (size_t i = 0; i < HM_MAX_CERTIFICATES; i++)
		hm_buf_addz(&b, ",\"AAAA\"");
	hm_buf_addz(&b, "]}");
	assert_fault(trust_answer_signature(&cx, hm_buf_str(&b), HM_STR("k"), CRYPTO_ES256, &got,
					    &chain),
		     HM_LIMIT, "too many certificates");
}

/* --- generate-envelope --- */

static const struct envelope_case {
	const char *label, *text;
	enum hm_code code;
	const char *why;
} envelopes[] = {
	{ "an envelope",
	  "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"AAAA\",\"annotations\":{\"a\":\"b\"}}",
	  0, NULL },
	{ "without annotations", "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"AAAA\"}",
	  0, NULL },
	{ "with none",
	  "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"AAAA\",\"annotations\":null}",
	  0, NULL },
	{ "no type", "{\"signatureEnvelope\":\"AAAA\"}", HM_INPUT,
	  "\"signatureEnvelopeType\" is missing" },
	{ "another type", "{\"signatureEnvelopeType\":\"u\",\"signatureEnvelope\":\"AAAA\"}",
	  HM_TRUST, "an envelope of type \"u\", not \"t\"" },
	{ "no envelope", "{\"signatureEnvelopeType\":\"t\"}", HM_INPUT,
	  "\"signatureEnvelope\" is missing" },
	{ "an empty one", "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"\"}", HM_INPUT,
	  "is empty" },
	{ "no base64", "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"{}\"}", HM_INPUT,
	  "\"signatureEnvelope\"" },
	{ "annotations that are none",
	  "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"AAAA\",\"annotations\":[]}",
	  HM_INPUT, "annotations" },
	{ "an annotation that is no text",
	  "{\"signatureEnvelopeType\":\"t\",\"signatureEnvelope\":\"AAAA\",\"annotations\":{\"a\":1}}",
	  HM_INPUT, "annotations" },
};

static void envelope(void **state)
{
	const struct envelope_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_annotations annotations = { 0 };
	struct hm_str bytes;
	hm_err err = trust_answer_envelope(&cx, hm_cstr(t->text), "t", &bytes, &annotations);
	if (t->why) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(bytes.n, 3);
	assert_int_equal(annotations.n, strstr(t->text, "\"a\"") != NULL);
}

/* --- errors --- */

static const struct error_case {
	const char *label, *text;
	enum hm_code code;
	const char *why;
} errors[] = {
	{ "invalid", "{\"errorCode\":\"VALIDATION_ERROR\",\"errorMessage\":\"no\"}", HM_INPUT,
	  "it does not accept the request (VALIDATION_ERROR): no" },
	{ "contract", "{\"errorCode\":\"UNSUPPORTED_CONTRACT_VERSION\"}", HM_INPUT,
	  "it does not support contract 1.0 (UNSUPPORTED_CONTRACT_VERSION)" },
	{ "denied",
	  "{\"errorCode\":\"ACCESS_DENIED\",\"errorMessage\":\"no\",\"errorMetadata\":{\"a\":\"b\"}}",
	  HM_DENIED, "it was denied access (ACCESS_DENIED): no" },
	{ "late", "{\"errorCode\":\"TIMEOUT\"}\n", HM_BUSY,
	  "it did not get an answer in time (TIMEOUT)" },
	{ "throttled", "{\"errorCode\":\"THROTTLED\"}", HM_BUSY,
	  "its requests are throttled (THROTTLED)" },
	{ "any", "{\"errorCode\":\"ERROR\",\"errorMessage\":\"it broke\"}", HM_SYSTEM,
	  "it failed (ERROR): it broke" },
	{ "a service's own", "{\"errorCode\":\"Forbidden\",\"errorMessage\":\"no\"}", HM_SYSTEM,
	  "it failed (Forbidden): no" },
	{ "no code", "{\"errorMessage\":\"no\"}", HM_SYSTEM, "ended with status 1 and said \"{" },
	{ "a code that is no text", "{\"errorCode\":1}", HM_SYSTEM,
	  "ended with status 1 and said" },
	{ "no JSON", "Traceback\n", HM_SYSTEM, "ended with status 1 and said \"Traceback\"" },
	{ "controls", "\x1b[31mred", HM_SYSTEM, "\\x1b" },
	{ "nothing", "", HM_SYSTEM, "ended with status 1 and said nothing" },
	{ "no object", "[]", HM_SYSTEM, "said \"[]\"" },
};

static void error(void **state)
{
	const struct error_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	assert_fault(trust_answer_error(&cx, hm_cstr(t->text), 1), t->code, t->why);
}

/* --- which programs --- */

static const struct name_case {
	const char *label, *name;
	enum hm_code code;
	const char *why;
} names[] = {
	{ "no name", "", HM_USAGE, "is not the name of a plugin" },
	{ "the folder above", "..", HM_USAGE, "is not the name of a plugin" },
	{ "a path", "../../bin/sh", HM_USAGE, "is not the name of a plugin" },
	{ "an absolute path", "/bin/sh", HM_USAGE, "is not the name of a plugin" },
	{ "a space", "a b", HM_USAGE, "is not the name of a plugin" },
	{ "nobody", "nobody", HM_ABSENT, "there is no plugin \"nobody\"" },
	{ "a file for a folder", "file", HM_ABSENT, "there is no plugin \"file\"" },
	{ "a folder for a program", "folder", HM_INPUT, "is not a regular file" },
	{ "a link", "link", HM_INPUT, "is not a regular file" },
	{ "a link to nothing", "dangling", HM_INPUT, "is not a regular file" },
	{ "a FIFO", "fifo", HM_INPUT, "is not a regular file" },
	{ "what cannot be run", "plain", HM_INPUT, "it is not executable" },
};

static void find(void **state)
{
	const struct name_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	const char *of[] = { "folder", "link", "dangling", "fifo", "plain" };
	struct trust_plugin_program p;
	for (size_t i = 0; i < HM_LEN(of); i++)
		assert_ok(hm_mkdirs(&cx, hm_fmt(&cx, "%s/plugins/%s", dir, of[i]).p, 0700));
	assert_ok(hm_write_file(&cx, hm_fmt(&cx, "%s/plugins/file", dir).p, HM_STR(""), 0755));
	assert_ok(hm_mkdirs(&cx, hm_fmt(&cx, "%s/plugins/folder/notation-folder", dir).p, 0700));
	assert_true(symlink("/bin/sh", hm_fmt(&cx, "%s/plugins/link/notation-link", dir).p) == 0 ||
		    hm_exists("/bin/sh"));
	(void)!symlink("/nonexistent", hm_fmt(&cx, "%s/plugins/dangling/notation-dangling", dir).p);
	mkfifo(hm_fmt(&cx, "%s/plugins/fifo/notation-fifo", dir).p, 0700);
	assert_ok(hm_write_file(&cx, hm_fmt(&cx, "%s/plugins/plain/notation-plain", dir).p,
				HM_STR("#!/bin/sh\n"), 0600));
	assert_fault(trust_plugin_find(&cx, dir, hm_cstr(t->name), &p), t->code, t->why);
}

static void found(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct trust_plugin_program p;
	struct trust_plugin about;
	assert_ok(hm_mkdirs(&cx, hm_fmt(&cx, "%s/plugins/a.b-c_1", dir).p, 0700));
	const char *path = hm_fmt(&cx, "%s/plugins/a.b-c_1/notation-a.b-c_1", dir).p;
	assert_ok(hm_write_file(&cx, path,
				HM_STR("#!/bin/sh\ncat >/dev/null; echo '" METADATA("a.b-c_1",
										    "\"X\"") "'\n"),
				0755));
	assert_ok(trust_plugin_find(&cx, dir, HM_STR("a.b-c_1"), &p));
	assert_strz(hm_cstr(p.path), path);
	assert_ok(trust_plugin_describe(&cx, &p, NULL, &about));
	assert_strz(about.version, "1.2.3");
	assert_ok(hm_write_file(&cx, path,
				HM_STR("#!/bin/sh\ncat >/dev/null; echo '" METADATA("another",
										    "\"X\"") "'\n"),
				0755));
	assert_fault(trust_plugin_describe(&cx, &p, NULL, &about), HM_INPUT,
		     "it says that its name is \"another\"");
}

/* --- what the worker that unpacks says --- */

#define SIZE(n)        n "\0\0\0\0\0\0\0"
#define BEGIN(n, size) "E\1" SIZE(size) n
#define RECORD(text)                   \
	{                              \
		text, sizeof(text) - 1 \
	}
#define RECORDS_MAX 4
static const struct record_case {
	const char *label;
	struct hm_str records[RECORDS_MAX];
	enum hm_code code;
	const char *why;
} records[] = {
	{ "a file",
	  { RECORD(BEGIN("a", "\2")), RECORD("D" SIZE("\0") "hi"), RECORD("X") },
	  0,
	  NULL },
	{ "in two pieces",
	  { RECORD(BEGIN("a", "\2")), RECORD("D" SIZE("\1") "i"), RECORD("D" SIZE("\0") "h"),
	    RECORD("X") },
	  0,
	  NULL },
	{ "an empty one", { RECORD(BEGIN("a", "\0")), RECORD("X") }, 0, NULL },
	{ "nothing", { RECORD("") }, HM_INPUT, "not a record" },
	{ "something else", { RECORD("Z") }, HM_INPUT, "not a record" },
	{ "a beginning that is cut short", { RECORD("E\1\0\0") }, HM_INPUT, "within another" },
	{ "one in another",
	  { RECORD(BEGIN("a", "\2")), RECORD(BEGIN("b", "\2")) },
	  HM_INPUT,
	  "within another" },
	{ "no name", { RECORD(BEGIN("", "\2")) }, HM_INPUT, "name \"\"" },
	{ "the folder", { RECORD(BEGIN(".", "\2")) }, HM_INPUT, "name \".\"" },
	{ "the one above", { RECORD(BEGIN("..", "\2")) }, HM_INPUT, "name \"..\"" },
	{ "a path", { RECORD(BEGIN("a/b", "\2")) }, HM_INPUT, "name \"a/b\"" },
	{ "an absolute one", { RECORD(BEGIN("/a", "\2")) }, HM_INPUT, "name \"/a\"" },
	{ "a path of Windows",
	  { RECORD(BEGIN("a\\b", "\2")) },
	  HM_INPUT,
	  "a file with the forbidden name" },
	{ "a NUL", { RECORD(BEGIN("a\0b", "\2")) }, HM_INPUT, "a file with the forbidden name" },
	{ "a name twice",
	  { RECORD(BEGIN("a", "\0")), RECORD("X"), RECORD(BEGIN("a", "\0")) },
	  HM_INPUT,
	  "two files with the name \"a\"" },
	{ "too large", { RECORD("E\1\0\0\0\x10\0\0\0\0a") }, HM_LIMIT, "smaller than 256 MiB" },
	{ "larger than any",
	  { RECORD("E\1\xff\xff\xff\xff\xff\xff\xff\xff"
		   "a") },
	  HM_LIMIT,
	  "smaller than 256 MiB" },
	{ "bytes of nothing", { RECORD("D" SIZE("\0") "a") }, HM_INPUT, "longer than it was said" },
	{ "too many bytes",
	  { RECORD(BEGIN("a", "\1")), RECORD("D" SIZE("\0") "hi") },
	  HM_INPUT,
	  "longer than it was said" },
	{ "bytes behind the end",
	  { RECORD(BEGIN("a", "\1")), RECORD("D" SIZE("\2") "h") },
	  HM_INPUT,
	  "longer than it was said" },
	{ "far behind",
	  { RECORD(BEGIN("a", "\1")), RECORD("D\xff\xff\xff\xff\xff\xff\xff\xffh") },
	  HM_INPUT,
	  "longer than it was said" },
	{ "no place",
	  { RECORD(BEGIN("a", "\1")), RECORD("D\0") },
	  HM_INPUT,
	  "longer than it was said" },
	{ "an end of nothing", { RECORD("X") }, HM_INPUT, "did not begin" },
	{ "an end with more",
	  { RECORD(BEGIN("a", "\1")), RECORD("Xa") },
	  HM_INPUT,
	  "did not begin" },
};

static void record(void **state)
{
	const struct record_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_PLUGIN_FILES f = { .folder = unit_temp_dir() };
	hm_err err = NULL;
	for (size_t i = 0; i < RECORDS_MAX && t->records[i].p && !err; i++)
		err = trust_plugin_record(&cx, &f, t->records[i]);
	if (t->why)
		assert_fault(err, t->code, t->why);
	else
		assert_ok(err);
	assert_int_equal(!t->why && f.open, false);
}

/* --- versions (semver.org) --- */

/* Each comes before the next: the specification's own order (11), and numbers that are long. */
static const char *const in_order[] = {
	"0.0.1",
	"0.9.0",
	"0.10.0",
	"1.0.0-0",
	"1.0.0-alpha",
	"1.0.0-alpha.1",
	"1.0.0-alpha.beta",
	"1.0.0-beta",
	"1.0.0-beta.2",
	"1.0.0-beta.11",
	"1.0.0-rc.1",
	"1.0.0",
	"1.0.1",
	"1.1.0",
	"2.0.0",
	"10.0.0",
	"99999999999999999999999.0.0",
	"100000000000000000000000.0.0",
};
static const char *const no_versions[] = {
	"",         "1",         "1.2",       "1.2.3.4",   "v1.2.3",   "01.2.3",
	"1.02.3",   "1.2.03",    "1.2.3-",    "1.2.3+",    "1.2.3-01", "1.2.3-a..b",
	"1.2.3-a.", "1.2.3-a_b", "1.2.3+a_b", "1.2.3+a+b", "-1.2.3",   "1.2.-3",
	"1..3",     " 1.2.3",    "1.2.3 ",    "a.b.c",     "1.2.3\n",
};

static void versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(in_order); i++) {
		struct hm_str a = hm_cstr(in_order[i]);
		assert_true(trust_version_is(a));
		assert_int_equal(trust_version_compare(a, a), 0);
		for (size_t k = i + 1; k < HM_LEN(in_order); k++) {
			assert_true(trust_version_compare(a, hm_cstr(in_order[k])) < 0);
			assert_true(trust_version_compare(hm_cstr(in_order[k]), a) > 0);
		}
	}
	for (size_t i = 0; i < HM_LEN(no_versions); i++)
		assert_false(trust_version_is(hm_cstr(no_versions[i])));
	assert_true(trust_version_is(HM_STR("1.0.0+001.b-1")));
	assert_int_equal(trust_version_compare(HM_STR("1.0.0+a"), HM_STR("1.0.0+b")), 0);
	assert_int_equal(trust_version_compare(HM_STR("1.0.0-rc.1+a"), HM_STR("1.0.0-rc.1")), 0);
}

int main(void)
{
	UNIT(good_metadata);
	UNIT_TABLE(bad_metadata_of, bad_metadata);
	UNIT_TABLE(key, keys);
	UNIT_TABLE(signature, signatures);
	UNIT(long_chain);
	UNIT_TABLE(envelope, envelopes);
	UNIT_TABLE(error, errors);
	UNIT_TABLE(find, names);
	UNIT(found);
	UNIT_TABLE(record, records);
	UNIT(versions);
	return unit_run("trust/plugin");
}
