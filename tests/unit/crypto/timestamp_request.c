/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ts.h>

#include "pki.h"

/* An authority in this process, whose clock and margins a case sets. */
struct authority {
	struct pki_cert root, leaf;
	int64_t time;
	int micros;
};

#define STAMPER "critical,timeStamping"

static void init_authority(struct authority *a, int64_t from, int64_t to)
{
	a->root = pki_make(&(struct pki_want){ "tsa root", PKI_CA, .from = 1, .to = 4000000000 },
			   NULL);
	a->leaf =
		pki_make(&(struct pki_want){ "tsa", PKI_LEAF, .extended = STAMPER,
					     .from = from ? from : 1, .to = to ? to : 4000000000 },
			 &a->root);
	a->time = hm_now();
	a->micros = 0;
}

static void free_authority(struct authority *a)
{
	pki_free(&a->leaf);
	pki_free(&a->root);
}

static int tell_time(TS_RESP_CTX *ctx, void *arg, long *seconds, long *micros)
{
	const struct authority *a = arg;
	(void)ctx;
	*seconds = (long)a->time;
	*micros = a->micros;
	return 1;
}

static ASN1_INTEGER *give_serial(TS_RESP_CTX *ctx, void *arg)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	(void)ctx, (void)arg;
	ASN1_INTEGER_set(n, 7);
	return n;
}

struct manner {
	const char *policy; /* NULL: one of no meaning */
	int seconds, millis, micros;
};

/* What the authority answers, in DER. */
static struct hm_str answer(struct hm_cx *cx, struct authority *a, struct hm_str request,
			    const struct manner *m)
{
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	BIO *in = BIO_new_mem_buf(request.p, (int)request.n);
	ASN1_OBJECT *policy = OBJ_txt2obj(m->policy ? m->policy : "1.2.3.4.1", 1);
	unsigned char *der = NULL;
	assert_true(TS_RESP_CTX_set_signer_cert(ctx, a->leaf.x));
	assert_true(TS_RESP_CTX_set_signer_key(ctx, a->leaf.key));
	assert_true(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()));
	assert_true(TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()));
	assert_true(TS_RESP_CTX_set_def_policy(ctx, policy));
	assert_true(TS_RESP_CTX_add_md(ctx, EVP_sha256()));
	assert_true(TS_RESP_CTX_add_md(ctx, EVP_sha384()));
	assert_true(TS_RESP_CTX_add_md(ctx, EVP_sha512()));
	if (m->seconds || m->millis || m->micros)
		assert_true(TS_RESP_CTX_set_accuracy(ctx, m->seconds, m->millis, m->micros));
	TS_RESP_CTX_set_clock_precision_digits(ctx, 6);
	TS_RESP_CTX_set_time_cb(ctx, tell_time, a);
	TS_RESP_CTX_set_serial_cb(ctx, give_serial, NULL);
	TS_RESP *r = TS_RESP_create_response(ctx, in);
	int n = i2d_TS_RESP(r, &der);
	assert_true(n > 0);
	struct hm_str out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	TS_RESP_free(r);
	TS_RESP_CTX_free(ctx);
	ASN1_OBJECT_free(policy);
	BIO_free(in);
	return out;
}

static void read_root(struct hm_cx *cx, const struct authority *a, struct crypto_chain *out)
{
	struct hm_str der = pki_der(cx, a->root.x);
	assert_ok(crypto_chain_from_der(cx, &der, 1, out));
}

/* --- between which seconds a token was made --- */

static const struct span_case {
	const char *label;
	int micros; /* of genTime */
	struct manner manner;
	int64_t earliest, latest; /* from genTime's second */
} spans[] = {
	{ "no margin, no fraction", 0, { 0 }, 0, 0 },
	{ "no margin, a fraction", 1, { 0 }, 0, 1 },
	{ "no margin, nearly a second", 999999, { 0 }, 0, 1 },
	{ "a second", 0, { NULL, 1, 0, 0 }, -1, 1 },
	{ "a second and a fraction", 500000, { NULL, 1, 0, 0 }, -1, 2 },
	{ "a millisecond", 0, { NULL, 0, 1, 0 }, -1, 1 },
	{ "a microsecond", 0, { NULL, 0, 0, 1 }, -1, 1 },
	{ "a margin as large as the fraction", 500000, { NULL, 0, 500, 0 }, 0, 1 },
	{ "one that is larger", 500000, { NULL, 0, 500, 1 }, -1, 2 },
	{ "one that is smaller", 500000, { NULL, 0, 499, 0 }, 0, 1 },
	{ "all parts", 250000, { NULL, 3, 250, 1 }, -4, 4 },
	{ "a day", 0, { NULL, 86400, 0, 0 }, -86400, 86400 },
	{ "the baseline policy means a second", 0, { "0.4.0.2023.1.1", 0, 0, 0 }, -1, 1 },
	{ "the same with a fraction", 1, { "0.4.0.2023.1.1", 0, 0, 0 }, -1, 2 },
	{ "unless it says another", 0, { "0.4.0.2023.1.1", 0, 10, 0 }, -1, 1 },
	{ "unless it says a larger", 0, { "0.4.0.2023.1.1", 2, 0, 0 }, -2, 2 },
	{ "another policy of theirs means nothing", 0, { "0.4.0.2023.1.2", 0, 0, 0 }, 0, 0 },
};

static void span(void **state)
{
	const struct span_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN root = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 }, shown = { 0 };
	struct crypto_timestamp_request q;
	struct authority a;
	struct hm_str token;
	init_authority(&a, 0, 0);
	a.micros = t->micros;
	read_root(&cx, &a, &root);
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA384, HM_STR("signature"), &q));
	struct hm_str der = answer(&cx, &a, q.der, &t->manner);
	assert_ok(crypto_timestamp_answer(&cx, &q, der, &root, &stamp, &token));
	assert_int_equal(stamp.time, a.time);
	assert_int_equal(stamp.earliest, a.time + t->earliest);
	assert_int_equal(stamp.latest, a.time + t->latest);
	assert_int_equal(stamp.digest, CRYPTO_SHA384);
	assert_int_equal(stamp.chain.n, 2);
	assert_str(stamp.nonce, q.nonce);
	/* What is kept is a part of what came, to the byte. */
	assert_true(hm_ends(der, token));
	assert_ok(crypto_timestamp_read(&cx, token, HM_STR("signature"), &shown));
	assert_int_equal(shown.earliest, stamp.earliest);
	assert_int_equal(shown.latest, stamp.latest);
	assert_int_equal(shown.chain.n, 1);
	assert_str(shown.chain.der[0], stamp.chain.der[0]);
	free_authority(&a);
}

/* --- the authority's certificate holds at the token's time, whatever the clock says --- */

static const struct clock_case {
	const char *label;
	int64_t from, to, time; /* from now */
	const char *why;        /* NULL: believed */
} clocks[] = {
	{ "in the middle", -100, 100, 0, NULL },
	{ "in the first second", -100, 100, -100, NULL },
	{ "in the last second", -100, 100, 100, NULL },
	{ "before the first", -100, 100, -101, "not yet valid" },
	{ "after the last", -100, 100, 101, "expired" },
	{ "years before", -100, 100, -300000000, "not yet valid" },
	{ "years after", -100, 100, 300000000, "expired" },
	{ "long ago, but signed today", -300000000, -200000000, -250000000, "signing time: " },
	{ "long ago, asked about today", -300000000, -200000000, 0, "expired" },
	{ "a time to come, but signed today", 200000000, 300000000, 250000000, "signing time: " },
};

static void clock_of_authority(void **state)
{
	const struct clock_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN root = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_timestamp_request q;
	struct authority a;
	struct hm_str token;
	int64_t now = hm_now();
	init_authority(&a, now + t->from, now + t->to);
	a.time = now + t->time;
	read_root(&cx, &a, &root);
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signature"), &q));
	struct hm_str der = answer(&cx, &a, q.der, &(struct manner){ 0 });
	hm_err err = crypto_timestamp_answer(&cx, &q, der, &root, &stamp, &token);
	if (t->why)
		assert_fault(err, HM_TRUST, t->why);
	else
		assert_ok(err);
	free_authority(&a);
}

/* --- an answer to one question is none to another --- */

static void other_questions(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN root = { 0 }, other_root = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_timestamp_request q, again, text, digest;
	struct authority a, other;
	struct hm_str token;
	struct crypto_chain nobody = { 0 };
	init_authority(&a, 0, 0);
	init_authority(&other, 0, 0);
	read_root(&cx, &a, &root);
	read_root(&cx, &other, &other_root);
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signature"), &q));
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signature"), &again));
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signaturE"), &text));
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA512, HM_STR("signature"), &digest));
	assert_int_equal(q.nonce.n, 16);
	assert_false(hm_eq(q.nonce, again.nonce));
	struct hm_str der = answer(&cx, &a, q.der, &(struct manner){ 0 });
	assert_fault(crypto_timestamp_answer(&cx, &again, der, &root, &stamp, &token), HM_TRUST,
		     "another request");
	assert_fault(crypto_timestamp_answer(&cx, &text, der, &root, &stamp, &token), HM_TRUST,
		     "message imprint mismatch");
	digest.nonce = q.nonce;
	assert_fault(crypto_timestamp_answer(&cx, &digest, der, &root, &stamp, &token), HM_TRUST,
		     "another request");
	assert_fault(crypto_timestamp_answer(&cx, &q, der, &other_root, &stamp, &token), HM_TRUST,
		     "not trusted");
	assert_fault(crypto_timestamp_answer(&cx, &q, der, &nobody, &stamp, &token), HM_TRUST,
		     "not trusted");
	/* No part of an answer is one, and no byte of it can be another. */
	for (size_t n = 0; n < der.n; n += 7)
		assert_fault(crypto_timestamp_answer(&cx, &q, hm_sub(der, 0, n), &root, &stamp,
						     &token),
			     HM_INPUT, "malformed");
	for (size_t i = 0; i < der.n; i += 5) {
		char *bytes = hm_dupz(&cx, der);
		bytes[i] = (char)(bytes[i] ^ 4);
		hm_err err = crypto_timestamp_answer(&cx, &q, hm_bytes(bytes, der.n), &root, &stamp,
						     &token);
		/* the words beside "granted", and what nobody signs, may be others */
		if (!err)
			crypto_timestamp_done(&stamp);
		assert_true(err || i < 16 || i > 100);
	}
	assert_ok(crypto_timestamp_answer(&cx, &q, der, &root, &stamp, &token));
	free_authority(&a);
	free_authority(&other);
}

/* --- refusals --- */

#define WORDS "\x0c\x02no"
static const struct status_case {
	const char *label;
	struct hm_str der;
	enum hm_code code;
	const char *why;
} statuses[] = {
	{ "granted, and nothing", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x00"), HM_INPUT,
	  "has no timestamp" },
	{ "granted with changes, and nothing", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x01"),
	  HM_INPUT, "has no timestamp" },
	{ "refused", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x02"), HM_TRUST, "refuses to answer" },
	{ "refused, in words", HM_STR_INIT("\x30\x0b\x30\x09\x02\x01\x02\x30\x04" WORDS), HM_TRUST,
	  "refuses to answer: no" },
	{ "waiting", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x03"), HM_BUSY, "asks to wait" },
	{ "revoked", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x05"), HM_TRUST, "refuses to answer" },
	{ "a status that nobody knows", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x63"), HM_TRUST,
	  "refuses to answer" },
	{ "a negative status", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\xff"), HM_TRUST,
	  "refuses to answer" },
	{ "a status of twenty bytes",
	  HM_STR_INIT("\x30\x18\x30\x16\x02\x14\x01\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"),
	  HM_INPUT, "malformed" },
	{ "an algorithm that it does not know",
	  HM_STR_INIT("\x30\x09\x30\x07\x02\x01\x02\x03\x02\x07\x80"), HM_TRUST,
	  "(it does not know the digest algorithm)" },
	{ "a request that it does not allow",
	  HM_STR_INIT("\x30\x09\x30\x07\x02\x01\x02\x03\x02\x05\x20"), HM_TRUST,
	  "(it does not allow the request)" },
	{ "no clock", HM_STR_INIT("\x30\x0a\x30\x08\x02\x01\x02\x03\x03\x01\x00\x02"), HM_BUSY,
	  "(its source of time is not available)" },
	{ "its own failure", HM_STR_INIT("\x30\x0c\x30\x0a\x02\x01\x02\x03\x05\x06\0\0\0\x40"),
	  HM_BUSY, "(it failed)" },
	{ "no status", HM_STR_INIT("\x30\x02\x30\x00"), HM_INPUT, "malformed" },
	{ "nothing in it", HM_STR_INIT("\x30\x00"), HM_INPUT, "malformed" },
	{ "nothing at all", HM_STR_INIT(""), HM_INPUT, "malformed" },
	{ "an element without length", HM_STR_INIT("\x30\x80\x30\x03\x02\x01\x00\x00\x00"),
	  HM_INPUT, "malformed" },
	{ "a set", HM_STR_INIT("\x31\x05\x30\x03\x02\x01\x00"), HM_INPUT, "malformed" },
	{ "a third part", HM_STR_INIT("\x30\x09\x30\x03\x02\x01\x00\x30\x00\x30\x00"), HM_INPUT,
	  "malformed" },
	{ "bytes behind it", HM_STR_INIT("\x30\x05\x30\x03\x02\x01\x00\x00"), HM_INPUT,
	  "malformed" },
	{ "a token that is none", HM_STR_INIT("\x30\x07\x30\x03\x02\x01\x00\x30\x00"), HM_INPUT,
	  "malformed" },
	{ "a length past its end", HM_STR_INIT("\x30\x84\x7f\xff\xff\xff\x30"), HM_INPUT,
	  "malformed" },
};

static void status_of(void **state)
{
	const struct status_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_chain nobody = { 0 };
	struct crypto_timestamp_request q;
	struct hm_str token;
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signature"), &q));
	assert_fault(crypto_timestamp_answer(&cx, &q, t->der, &nobody, &stamp, &token), t->code,
		     t->why);
}

static void too_large(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_chain nobody = { 0 };
	struct crypto_timestamp_request q;
	struct hm_str token;
	size_t n = HM_MAX_TIMESTAMP + 1;
	assert_ok(crypto_timestamp_ask(&cx, CRYPTO_SHA256, HM_STR("signature"), &q));
	assert_fault(crypto_timestamp_answer(&cx, &q, hm_bytes(hm_new(&cx, char, n), n), &nobody,
					     &stamp, &token),
		     HM_LIMIT, "too large");
}

int main(void)
{
	UNIT_TABLE(span, spans);
	UNIT_TABLE(clock_of_authority, clocks);
	UNIT(other_questions);
	UNIT_TABLE(status_of, statuses);
	UNIT(too_large);
	return unit_run("crypto/timestamp_request");
}
