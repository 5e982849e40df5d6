/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kit.h - what the tests of the formats of envelopes share: a signer, and a round trip with each
 * algorithm.
 */
#ifndef TESTS_ENVELOPE_KIT_H
#define TESTS_ENVELOPE_KIT_H

#include "envelope/envelope.h"
#include "keys.h"

enum { NOW = 1700000000 };

/* A key and its self-signed certificate. */
struct kit {
	struct hm_cx cx;
	struct crypto_key key;
	struct crypto_key_signer signer;
	struct crypto_chain chain;
};

static inline void kit_open(struct kit *k, enum crypto_alg alg)
{
	*k = (struct kit){ .cx = HM_CX(SIZE_MAX) };
	unit_make_key(&k->cx, alg, &k->key);
	k->signer = crypto_key_signer(&k->key);
	assert_ok(crypto_self_signed(&k->cx, &k->key, HM_STR("unit"), NOW, 1, &k->chain));
}

static inline void kit_close(struct kit *k)
{
	crypto_key_done(&k->key);
	crypto_chain_done(&k->chain);
	hm_cx_done(&k->cx);
}

/* Read an envelope of that type, and verify its signature with its own certificate. */
static inline hm_err kit_read(struct hm_cx *cx, const char *type, struct hm_str bytes,
			      struct envelope *out)
{
	HM_TRY(envelope_parse(cx, hm_cstr(type), bytes, out));
	return envelope_verify_own(cx, &out->signatures[0]);
}

static inline struct hm_str kit_sign(struct kit *k, const char *type, int64_t expiry,
				     enum envelope_scheme scheme)
{
	struct hm_str out;
	struct envelope_signing s = { .payload = HM_STR("{\"a\":1}"),
				      .content_type = HM_STR(ENVELOPE_NOTARY_PAYLOAD),
				      .signing_time = NOW,
				      .expiry = expiry,
				      .scheme = scheme,
				      .signing_agent = HM_STR("unit/1"),
				      .signer = &k->signer.signer,
				      .chain = &k->chain };
	assert_ok(envelope_format_by_type(hm_cstr(type))->sign(&k->cx, &s, &out));
	return out;
}

struct round_case {
	const char *label, *type;
	enum crypto_alg alg;
	enum envelope_scheme scheme;
	int64_t expiry;
};

/* What is signed can be read again, and says the same. */
static inline void round_trip(void **state)
{
	const struct round_case *t = *state;
	struct kit k;
	kit_open(&k, t->alg);
	struct hm_str bytes = kit_sign(&k, t->type, t->expiry, t->scheme);
	struct envelope e = { 0 };
	assert_ok(kit_read(&k.cx, t->type, bytes, &e));
	assert_strz(e.payload, "{\"a\":1}");
	assert_strz(e.content_type, ENVELOPE_NOTARY_PAYLOAD);
	assert_int_equal(e.signatures_n, 1);
	const struct envelope_signature *s = &e.signatures[0];
	assert_strz(s->notary->signing_agent, "unit/1");
	assert_int_equal(s->alg, t->alg);
	assert_int_equal(s->notary->scheme, t->scheme);
	assert_int_equal(s->notary->signing_time, NOW);
	assert_int_equal(s->notary->expiry, t->expiry);
	assert_int_equal(s->material, ENVELOPE_CHAIN);
	assert_int_equal(s->chain.n, 1);
	assert_int_equal(s->attributes_n, 0);
	envelope_done(&e); /* before the arena that it points into */
	kit_close(&k);
}

#endif
