/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mldsa ML-DSA-44|65|87 FILE: a file of Wycheproof's cases for signatures of ML-DSA, verified or
 * made. Prints how many agree, and each that does not.
 *
 * Hullmark signs and verifies with the empty context: a signature that is valid under another one
 * must not be. Cases of the algorithm's inner function (a digest in place of the message) have no
 * counterpart, and are counted as skipped.
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/crypto.h"

struct count {
	size_t agree, disagree, skipped;
};

static struct hm_str unhex(struct hm_cx *cx, struct json v)
{
	struct hm_str hex = json_str(v);
	uint8_t *bytes = hm_alloc(cx, hex.n / 2 + 1, 1, 1);
	if (hm_unhex(cx, hex, bytes))
		exit(2);
	return hm_bytes(bytes, hex.n / 2);
}

/* DER: a tag, a length, and the parts behind each other. */
static struct hm_str wrap(struct hm_cx *cx, char tag, struct hm_str a, struct hm_str b)
{
	size_t n = a.n + b.n;
	if (n < 128)
		return hm_fmt(cx, "%c%c%.*s%.*s", tag, (char)n, HM_FMT(a), HM_FMT(b));
	return hm_fmt(cx, "%c%c%c%c%.*s%.*s", tag, (char)0x82, (char)(n >> 8), (char)n, HM_FMT(a),
		      HM_FMT(b));
}

/* RFC 9881: AlgorithmIdentifier without parameters. */
static struct hm_str algorithm_id(struct hm_cx *cx, enum crypto_alg alg)
{
	char arc = (char)(17 + (alg - CRYPTO_MLDSA44));
	struct hm_str oid = hm_fmt(cx, "\x60\x86\x48\x01\x65\x03\x04\x03%c", arc);
	return wrap(cx, 0x30, wrap(cx, 0x06, oid, HM_STR("")), HM_STR(""));
}

static struct hm_str public_key(struct hm_cx *cx, enum crypto_alg alg, struct hm_str raw)
{
	return wrap(cx, 0x30, algorithm_id(cx, alg), wrap(cx, 0x03, hm_bytes("", 1), raw));
}

static struct hm_str pem(struct hm_cx *cx, struct hm_str der)
{
	struct hm_str text = base64_format(cx, BASE64_STD, der);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_addz(&b, "-----BEGIN PRIVATE KEY-----\n");
	for (; text.n; text = hm_from(text, text.n < 64 ? text.n : 64)) {
		hm_buf_add(&b, hm_sub(text, 0, 64));
		hm_buf_char(&b, '\n');
	}
	hm_buf_addz(&b, "-----END PRIVATE KEY-----\n");
	return hm_dup(cx, hm_buf_str(&b));
}

/* The expanded key alone, where there is no seed. */
static struct hm_str private_key(struct hm_cx *cx, enum crypto_alg alg, struct json group)
{
	struct json seed = json_get(group, "privateSeed"), raw = json_get(group, "privateKey");
	struct hm_str inner = json_is_there(seed)
				      ? wrap(cx, (char)0x80, unhex(cx, seed), HM_STR(""))
				      : wrap(cx, 0x04, unhex(cx, raw), HM_STR(""));
	struct hm_str octets = wrap(cx, 0x04, inner, HM_STR(""));
	struct hm_str head = hm_fmt(cx, "\x02\x01%c%.*s", '\0', HM_FMT(algorithm_id(cx, alg)));
	return pem(cx, wrap(cx, 0x30, head, octets));
}

static hm_err verify(struct hm_cx *cx, enum crypto_alg alg, struct hm_str der, struct hm_str msg,
		     struct hm_str sig)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY(crypto_public_key_parse(cx, der, alg, &key));
	return crypto_verify(cx, &key, alg, msg, sig);
}

/* Their signature, and one that is made now with their key. */
static hm_err sign(struct hm_cx *cx, enum crypto_alg alg, struct json group, struct hm_str der,
		   struct hm_str msg)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str sig;
	HM_TRY(crypto_key_parse(cx, private_key(cx, alg, group), &key));
	if (key.alg != alg)
		return hm_fail(cx, HM_INPUT, "another algorithm");
	HM_TRY(crypto_sign(cx, &key, msg, &sig));
	return verify(cx, alg, der, msg, sig);
}

static bool is_skipped(struct json t, bool signs)
{
	bool none = !json_is_there(json_get(t, "msg"));
	for (struct json_iter it = json_iter(json_get(t, "flags")); json_next(&it);)
		none = none || hm_eqz(json_str(it.value), "Internal") ||
		       (signs && hm_eqz(json_str(it.value), "InvalidContext"));
	return none;
}

static void try_case(enum crypto_alg alg, struct json group, struct json t, struct count *c)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	bool signs = hm_eqz(json_str(json_get(group, "type")), "MlDsaSign");
	if (is_skipped(t, signs)) {
		c->skipped++;
		return;
	}
	struct json public = json_get(group, "publicKey");
	struct hm_str msg = unhex(&cx, json_get(t, "msg"));
	struct hm_str sig = unhex(&cx, json_get(t, "sig"));
	struct hm_str der =
		json_is_string(public) ? public_key(&cx, alg, unhex(&cx, public)) : HM_STR("");
	bool has_context = json_str(json_get(t, "ctx")).n > 0;
	bool want = hm_eqz(json_str(json_get(t, "result")), "valid");
	hm_err err = NULL;
	if (signs) /* the context is the signer's: with ours it is another signature, and as good */
		err = sign(&cx, alg, group, der, msg);
	if (!err && sig.n) {
		hm_err theirs = verify(&cx, alg, der, msg, sig);
		if (!signs || has_context || theirs)
			err = theirs;
	}
	want = want && !has_context;
	if (want == !err) {
		c->agree++;
		return;
	}
	c->disagree++;
	struct hm_str comment = json_str(json_get(t, "comment"));
	int64_t id = 0;
	(void)!json_int(json_get(t, "tcId"), &id);
	printf("case %lld: wanted %s, got %s: %.*s\n", (long long)id, want ? "good" : "bad",
	       err ? err->why : "good", (int)comment.n, comment.p);
}

int main(int argc, char **argv)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str text;
	struct json top = { 0 };
	struct count c = { 0 };
	if (argc != 3 || !crypto_start())
		return 2;
	enum crypto_alg alg = crypto_alg_by_name(hm_cstr(argv[1]));
	hm_err err = hm_read_file(&cx, argv[2], 64 * HM_MIB, &text);
	if (!err)
		err = json_parse(&cx, text, JSON_PLAIN, &top);
	if (err || alg < CRYPTO_MLDSA44 || alg > CRYPTO_MLDSA87) {
		fprintf(stderr, "%s\n", err ? err->why : "no such algorithm");
		return 2;
	}
	for (struct json_iter g = json_iter(json_get(top, "testGroups")); json_next(&g);)
		for (struct json_iter t = json_iter(json_get(g.value, "tests")); json_next(&t);)
			try_case(alg, g.value, t.value, &c);
	printf("%zu agree, %zu differ, %zu skipped\n", c.agree, c.disagree, c.skipped);
	return c.disagree ? 1 : 0;
}
