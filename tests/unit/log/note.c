/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "codec/base64.h"

#include "unit.h"

#define DASH "\xe2\x80\x94"

/* A checkpoint signed by `key`, whose hint is 0x01020304. */
static struct hm_str sign(struct hm_cx *cx, const struct crypto_key *key, const char *text,
			  const char *name)
{
	struct hm_str sig;
	assert_ok(crypto_sign(cx, key, hm_cstr(text), &sig));
	return hm_fmt(cx, "%s\n" DASH " %s %.*s\n", text, name,
		      HM_FMT(base64_format(cx, BASE64_STD,
					   hm_fmt(cx, "\x01\x02\x03\x04%.*s", HM_FMT(sig)))));
}

#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define TEXT "log.test/one\n12\n" ROOT "\n"

static void good(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct log_checkpoint c;
	assert_ok(crypto_key_generate(&cx, CRYPTO_ED25519, &key));
	struct hm_str note = sign(&cx, &key, TEXT "more\n", "log.test/one");
	assert_ok(log_checkpoint_parse(&cx, note, &c));
	assert_strz(c.origin, "log.test/one");
	assert_int_equal(c.size, 12);
	assert_int_equal(c.root.n, LOG_HASH);
	assert_ok(log_note_verify(&cx, &c.note, HM_STR("log.test/one"), 0x01020304, &key));
	assert_fault(log_note_verify(&cx, &c.note, HM_STR("log.test/two"), 0x01020304, &key),
		     HM_TRUST, "not signed with the key");
	assert_fault(log_note_verify(&cx, &c.note, HM_STR("log.test/one"), 0x01020305, &key),
		     HM_TRUST, "not signed with the key");
}

/* One name may sign with several keys, and others may sign, too. */
static void several(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_KEY other = { 0 };
	struct log_checkpoint c;
	assert_ok(crypto_key_generate(&cx, CRYPTO_ED25519, &key));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ED25519, &other));
	struct hm_str first = sign(&cx, &other, TEXT, "log.test/one");
	struct hm_str second = sign(&cx, &key, TEXT, "log.test/one");
	struct hm_str both =
		hm_fmt(&cx, "%.*s%.*s", HM_FMT(first), HM_FMT(hm_from(second, sizeof(TEXT))));
	assert_ok(log_checkpoint_parse(&cx, both, &c));
	assert_int_equal(c.note.signatures_n, 2);
	assert_ok(log_note_verify(&cx, &c.note, HM_STR("log.test/one"), 0x01020304, &key));
	assert_ok(log_checkpoint_parse(&cx, first, &c));
	assert_fault(log_note_verify(&cx, &c.note, HM_STR("log.test/one"), 0x01020304, &key),
		     HM_TRUST, "does not match");
}

#define SIGNED(text) text "\n" DASH " log.test/one AQIDBAU=\n"
static const struct bad_case {
	const char *label, *note;
	const char *why;
} bad_cases[] = {
	{ "nothing", "", "no signatures" },
	{ "no signature", TEXT "\n", "no signatures" },
	{ "no empty line", TEXT DASH " a AQIDBAU=\n", "no signatures" },
	{ "no line feed at the end", TEXT "\n" DASH " a AQIDBAU=", "no signatures" },
	{ "another dash", TEXT "\n- a AQIDBAU=\n", "is malformed" },
	{ "no name", TEXT "\n" DASH "  AQIDBAU=\n", "is malformed" },
	{ "a plus in the name", TEXT "\n" DASH " a+b AQIDBAU=\n", "is malformed" },
	{ "no signature behind the name", TEXT "\n" DASH " a\n", "is malformed" },
	{ "no base64", TEXT "\n" DASH " a AQ!DBAU=\n", "base64" },
	{ "only a hint", TEXT "\n" DASH " a AQIDBA==\n", "too short" },
	{ "a carriage return", "log.test/one\r\n12\n" ROOT "\n\n" DASH " a AQIDBAU=\n",
	  "control character" },
	{ "no UTF-8", "log\xff\n12\n" ROOT "\n\n" DASH " a AQIDBAU=\n", "not UTF-8" },
	{ "no origin", SIGNED("\n12\n" ROOT "\n"), "no origin" },
	{ "no size", SIGNED("log.test/one\n\n" ROOT "\n"), "not a number" },
	{ "a negative size", SIGNED("log.test/one\n-1\n" ROOT "\n"), "not a number" },
	{ "a size with a zero before it", SIGNED("log.test/one\n012\n" ROOT "\n"), "not a number" },
	{ "a huge size", SIGNED("log.test/one\n99999999999999999999\n" ROOT "\n"), "not a number" },
	{ "a root of other size", SIGNED("log.test/one\n12\nAAEC\n"), "has 3 bytes" },
	{ "no root", SIGNED("log.test/one\n12\n"), "has 0 bytes" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct log_checkpoint c;
	assert_fault(log_checkpoint_parse(&cx, hm_cstr(t->note), &c), HM_INPUT, t->why);
}

static void limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_NOTE + 1);
	struct log_note n;
	hm_buf_addz(&b, TEXT "\n");
	for (uint64_t i = 0; i < HM_MAX_NOTE_SIGNATURES; i++)
		hm_buf_addz(&b, DASH " a AQIDBAU=\n");
	assert_ok(log_note_parse(&cx, hm_buf_str(&b), &n));
	hm_buf_addz(&b, DASH " a AQIDBAU=\n");
	assert_fault(log_note_parse(&cx, hm_buf_str(&b), &n), HM_LIMIT, "too many signatures");
	while (b.n <= HM_MAX_NOTE)
		hm_buf_char(&b, 'x');
	assert_fault(log_note_parse(&cx, hm_buf_str(&b), &n), HM_LIMIT, "too long");
}

int main(void)
{
	UNIT(good);
	UNIT(several);
	UNIT_TABLE(bad, bad_cases);
	UNIT(limits);
	return unit_run("log/note");
}
