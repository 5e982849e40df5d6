/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"
#include "codec/base64.h"
#include "codec/json.h"

#include "kit.h"

static hm_err open_envelope(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	return kit_read(cx, ENVELOPE_JWS_TYPE, bytes, out);
}

static struct hm_str sign(struct kit *k, int64_t expiry, enum envelope_scheme scheme)
{
	return kit_sign(k, ENVELOPE_JWS_TYPE, expiry, scheme);
}

static const struct round_case rounds[] = {
	{ "PS256", ENVELOPE_JWS_TYPE, CRYPTO_PS256, ENVELOPE_X509, 0 },
	{ "PS384", ENVELOPE_JWS_TYPE, CRYPTO_PS384, ENVELOPE_X509, NOW + 60 },
	{ "PS512", ENVELOPE_JWS_TYPE, CRYPTO_PS512, ENVELOPE_X509, 0 },
	{ "ES256", ENVELOPE_JWS_TYPE, CRYPTO_ES256, ENVELOPE_X509, NOW + 60 },
	{ "ES384", ENVELOPE_JWS_TYPE, CRYPTO_ES384, ENVELOPE_SIGNING_AUTHORITY, 0 },
	{ "ES512", ENVELOPE_JWS_TYPE, CRYPTO_ES512, ENVELOPE_SIGNING_AUTHORITY, NOW + 60 },
	{ "ML-DSA-44", ENVELOPE_JWS_TYPE, CRYPTO_MLDSA44, ENVELOPE_X509, 0 },
	{ "ML-DSA-65", ENVELOPE_JWS_TYPE, CRYPTO_MLDSA65, ENVELOPE_SIGNING_AUTHORITY, 0 },
	{ "ML-DSA-87", ENVELOPE_JWS_TYPE, CRYPTO_MLDSA87, ENVELOPE_X509, NOW + 60 },
	{ "SLH-DSA-SHA2-128f", ENVELOPE_JWS_TYPE, CRYPTO_SLHDSA_SHA2_128F, ENVELOPE_X509, 0 },
	{ "SLH-DSA-SHAKE-256f", ENVELOPE_JWS_TYPE, CRYPTO_SLHDSA_SHAKE_256F, ENVELOPE_X509, 0 },
};

/* Every bit of what is signed, and of the signature, counts. */
static void flipped_bits(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	struct hm_str bytes = sign(&k, 0, ENVELOPE_X509);
	char *copy = hm_dupz(&k.cx, bytes);
	size_t good = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		ENVELOPE_AUTO e = { 0 };
		copy[i] ^= 1;
		good += !open_envelope(&k.cx, hm_bytes(copy, bytes.n), &e);
		copy[i] ^= 1;
	}
	/* Only the name of the signing agent, which is not signed, may change. */
	assert_true(good <= sizeof("unit/1") - 1 + sizeof("io.cncf.notary.signingAgent"));
	kit_close(&k);
}

/* An envelope put together by hand: the protected header as given, signed as it is. */
static struct hm_str assemble(struct kit *k, const char *protected, const char *unprotected,
			      const char *top)
{
	struct hm_cx *cx = &k->cx;
	struct hm_str p = base64_format(cx, BASE64_URL_RAW, hm_cstr(protected));
	struct hm_str body = base64_format(cx, BASE64_URL_RAW, HM_STR("{}"));
	struct hm_str input = hm_fmt(cx, "%s.%s", p.p, body.p), sig;
	assert_ok(crypto_sign(cx, &k->key, input, &sig));
	struct hm_str der = base64_format(cx, BASE64_STD, k->chain.der[0]);
	struct hm_str s = base64_format(cx, BASE64_URL_RAW, sig);
	return hm_fmt(
		cx,
		"{\"payload\":\"%s\",\"protected\":\"%s\",\"header\":{\"x5c\":[\"%s\"]%s},\"signature\":\"%s\"%s}",
		body.p, p.p, der.p, unprotected, s.p, top);
}

#define S "\"io.cncf.notary.signingScheme\":\"notary.x509\""
#define T "\"io.cncf.notary.signingTime\":\"2023-11-14T22:13:20Z\""
#define C "\"cty\":\"application/vnd.cncf.notary.payload.v1+json\""
#define A "\"alg\":\"ES256\""
#define K "\"crit\":[\"io.cncf.notary.signingScheme\"]"

static const struct header_case {
	const char *label, *protected, *unprotected, *top;
	const char *why; /* NULL: it opens */
} headers[] = {
	{ "the least there must be", "{" A "," C "," K "," S "," T "}", "", "", NULL },
	{ "an attribute that is not critical", "{" A "," C "," K "," S "," T ",\"x\":1}", "", "",
	  NULL },
	{ "a critical attribute that is there",
	  "{" A "," C ",\"crit\":[\"io.cncf.notary.signingScheme\",\"x\"]," S "," T ",\"x\":1}", "",
	  "", NULL },
	{ "an unprotected parameter that nobody knows", "{" A "," C "," K "," S "," T "}",
	  ",\"y\":1", "", NULL },
	{ "a critical attribute that is missing",
	  "{" A "," C ",\"crit\":[\"io.cncf.notary.signingScheme\",\"x\"]," S "," T "}", "", "",
	  "\"x\" is missing" },
	{ "no crit", "{" A "," C "," S "," T "}", "", "", "crit" },
	{ "an empty crit", "{" A "," C ",\"crit\":[]," S "," T "}", "", "", "crit" },
	{ "a name twice in crit",
	  "{" A "," C
	  ",\"crit\":[\"io.cncf.notary.signingScheme\",\"io.cncf.notary.signingScheme\"]," S "," T
	  "}",
	  "", "", "twice" },
	{ "alg in crit",
	  "{" A "," C ",\"crit\":[\"io.cncf.notary.signingScheme\",\"alg\"]," S "," T "}", "", "",
	  "cannot be critical" },
	{ "the scheme is not critical", "{" A "," C ",\"crit\":[\"x\"],\"x\":1," S "," T "}", "",
	  "", "must be critical" },
	{ "an expiry that is not critical",
	  "{" A "," C "," K "," S "," T ",\"io.cncf.notary.expiry\":\"2033-01-01T00:00:00Z\"}", "",
	  "", "must be critical" },
	{ "an expiry before the signing time",
	  "{" A "," C ",\"crit\":[\"io.cncf.notary.signingScheme\",\"io.cncf.notary.expiry\"]," S
	  "," T ",\"io.cncf.notary.expiry\":\"2013-01-01T00:00:00Z\"}",
	  "", "", "expires before" },
	{ "no signing time", "{" A "," C "," K "," S "}", "", "", "signingTime" },
	{ "a time that is none",
	  "{" A "," C "," K "," S ",\"io.cncf.notary.signingTime\":\"yesterday\"}", "", "",
	  "signingTime" },
	{ "no scheme", "{" A "," C "," K "," T "}", "", "", "signingScheme" },
	{ "a scheme that nobody knows",
	  "{" A "," C "," K "," T ",\"io.cncf.notary.signingScheme\":\"mine\"}", "", "",
	  "not supported" },
	{ "the other scheme's time",
	  "{" A "," C "," K "," S "," T
	  ",\"io.cncf.notary.authenticSigningTime\":\"2023-11-14T22:13:20Z\"}",
	  "", "", "does not belong" },
	{ "no content type", "{" A "," K "," S "," T "}", "", "", "cty" },
	{ "no algorithm", "{" C "," K "," S "," T "}", "", "", "alg" },
	{ "algorithm none", "{\"alg\":\"none\"," C "," K "," S "," T "}", "", "", "not supported" },
	{ "another algorithm than the key's", "{\"alg\":\"ES384\"," C "," K "," S "," T "}", "", "",
	  "the key is for ES256" },
	{ "HMAC with the public key", "{\"alg\":\"HS256\"," C "," K "," S "," T "}", "", "",
	  "not supported" },
	{ "a key twice in the protected header", "{" A "," A "," C "," K "," S "," T "}", "", "",
	  "protected" },
	{ "a parameter in both headers", "{" A "," C "," K "," S "," T ",\"x\":1}", ",\"x\":1", "",
	  "not allowed" },
	{ "an algorithm in the unprotected header", "{" A "," C "," K "," S "," T "}",
	  ",\"alg\":\"none\"", "", "not allowed" },
	{ "a critical list in the unprotected header", "{" A "," C "," K "," S "," T "}",
	  ",\"crit\":[]", "", "not allowed" },
	{ "another member at the top", "{" A "," C "," K "," S "," T "}", "", ",\"signatures\":[]",
	  "signatures" },
	{ "a member twice at the top", "{" A "," C "," K "," S "," T "}", "",
	  ",\"payload\":\"e30\"", "the key \"payload\" appears twice" },
	{ "a plugin that is not critical",
	  "{" A "," C "," K "," S "," T ",\"io.cncf.notary.verificationPlugin\":\"p\"}", "", "",
	  "must be a critical text" },
	{ "a timestamp that is not base64", "{" A "," C "," K "," S "," T "}",
	  ",\"io.cncf.notary.timestampSignature\":\"?\"", "", "timestampSignature" },
	{ "a protected header that is no object", "[]", "", "", "is not a JSON object" },
	{ "a protected header that is no JSON", "{", "", "", "protected" },
};

static void header(void **state)
{
	const struct header_case *t = *state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	struct hm_str bytes = assemble(&k, t->protected, t->unprotected, t->top);
	struct envelope e = { 0 };
	hm_err err = open_envelope(&k.cx, bytes, &e);
	if (t->why) /* a key of another kind is a matter of trust, all else one of form */
		assert_fault(err, strstr(t->why, "the key is for") ? HM_TRUST : HM_INPUT, t->why);
	else
		assert_ok(err);
	envelope_done(&e);
	kit_close(&k);
}

/* A signature is of the algorithm that its certificate's key is for, whatever the header says. */
static const struct confusion_case {
	const char *label;
	enum crypto_alg key;
	const char *alg, *why;
} confusions[] = {
	{ "RSA as ML-DSA", CRYPTO_PS256, "ML-DSA-65", "the key is for PS256" },
	{ "ECDSA as ML-DSA", CRYPTO_ES256, "ML-DSA-44", "the key is for ES256" },
	{ "ECDSA as SLH-DSA", CRYPTO_ES256, "SLH-DSA-SHA2-128s", "the key is for ES256" },
	{ "ML-DSA as RSA", CRYPTO_MLDSA65, "PS256", "the key is for ML-DSA-65" },
	{ "ML-DSA as ECDSA", CRYPTO_MLDSA65, "ES256", "the key is for ML-DSA-65" },
	{ "ML-DSA of a smaller set", CRYPTO_MLDSA65, "ML-DSA-44", "the key is for ML-DSA-65" },
	{ "ML-DSA of a larger set", CRYPTO_MLDSA65, "ML-DSA-87", "the key is for ML-DSA-65" },
	{ "ML-DSA as SLH-DSA", CRYPTO_MLDSA44, "SLH-DSA-SHA2-128f", "the key is for ML-DSA-44" },
	{ "SLH-DSA as ML-DSA", CRYPTO_SLHDSA_SHA2_128F, "ML-DSA-44",
	  "the key is for SLH-DSA-SHA2-128f" },
	{ "SLH-DSA, small for fast", CRYPTO_SLHDSA_SHA2_128F, "SLH-DSA-SHA2-128s",
	  "the key is for SLH-DSA-SHA2-128f" },
	{ "SLH-DSA of another hash", CRYPTO_SLHDSA_SHA2_128F, "SLH-DSA-SHAKE-128f",
	  "the key is for SLH-DSA-SHA2-128f" },
	{ "ML-DSA of a digest", CRYPTO_MLDSA65, "HashML-DSA-65", "is not supported" },
	{ "ML-DSA with a digest's name", CRYPTO_MLDSA65, "ML-DSA-65-SHA512", "is not supported" },
	{ "a hybrid", CRYPTO_MLDSA65, "ML-DSA-65-ES256", "is not supported" },
	{ "a name in lower case", CRYPTO_MLDSA65, "ml-dsa-65", "is not supported" },
	{ "a name with a blank", CRYPTO_MLDSA65, "ML-DSA-65 ", "is not supported" },
	{ "a name without its set", CRYPTO_MLDSA65, "ML-DSA", "is not supported" },
	{ "COSE's number", CRYPTO_MLDSA65, "-49", "is not supported" },
	{ "the object identifier", CRYPTO_MLDSA65, "2.16.840.1.101.3.4.3.18", "is not supported" },
	{ "EdDSA", CRYPTO_MLDSA65, "EdDSA", "is not supported" },
	{ "an algorithm that chains have not", CRYPTO_MLDSA65, "Ed25519", "is not supported" },
	{ "another encoding", CRYPTO_ES256, "ES256-DER", "is not supported" },
	{ "none", CRYPTO_MLDSA65, "none", "is not supported" },
	{ "nothing", CRYPTO_MLDSA65, "", "is not supported" },
};

static void confusion(void **state)
{
	const struct confusion_case *t = *state;
	struct kit k;
	kit_open(&k, t->key);
	const char *form = "{\"alg\":\"%s\"," C "," K "," S "," T "}";
	struct hm_str bytes = assemble(&k, hm_fmt(&k.cx, form, t->alg).p, "", "");
	struct envelope e = { 0 };
	bool is_key = strstr(t->why, "the key is for") != NULL;
	assert_fault(open_envelope(&k.cx, bytes, &e), is_key ? HM_TRUST : HM_INPUT, t->why);
	envelope_done(&e);
	/* as what it is, it is good */
	struct hm_str right = hm_fmt(&k.cx, form, crypto_alg_rows[t->key].name);
	assert_ok(open_envelope(&k.cx, assemble(&k, right.p, "", ""), &e));
	envelope_done(&e);
	kit_close(&k);
}

static const struct bad_case {
	const char *label, *bytes, *why;
} bads[] = {
	{ "nothing", "", "the text is empty" },
	{ "no JSON", "jose", "expected a valid root value" },
	{ "a list", "[]", "the envelope is not a JSON object" },
	{ "an empty object", "{}", "\"protected\" is missing" },
	{ "a payload that is a number",
	  "{\"payload\":1,\"protected\":\"e30\",\"header\":{},\"signature\":\"AA\"}",
	  "\"payload\" is not a string" },
	{ "padding in base64url",
	  "{\"payload\":\"e30=\",\"protected\":\"e30=\",\"header\":{},\"signature\":\"AA==\"}",
	  "\"protected\": base64 has a bad character" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	ENVELOPE_AUTO e = { 0 };
	assert_fault(open_envelope(&cx, hm_cstr(t->bytes), &e), HM_INPUT, t->why);
}

/* A key that is not the certificate's signs nothing. */
static void foreign_key(void **state)
{
	(void)state;
	struct kit a, b;
	kit_open(&a, CRYPTO_ES256);
	kit_open(&b, CRYPTO_ES256);
	struct hm_str out;
	struct envelope_signing s = { .payload = HM_STR("{}"),
				      .content_type = HM_STR(ENVELOPE_NOTARY_PAYLOAD),
				      .signing_time = NOW,
				      .signer = &a.signer.signer,
				      .chain = &b.chain };
	assert_fault(envelope_jws_sign(&a.cx, &s, &out), HM_INPUT, "does not belong");
	kit_close(&a);
	kit_close(&b);
}

/* ENVELOPES.tsv says of each envelope whether another implementation found its signature good. */
static void conformance(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str index;
	size_t good = 0, refused = 0;
	assert_ok(hm_read_file(&cx, unit_data(&cx, "signing/notation/ENVELOPES.tsv"), HM_MIB,
			       &index));
	(void)hm_line(&index);
	while (index.n) {
		struct hm_str line = hm_line(&index), bytes;
		struct hm_str path = hm_cut(&line, '\t'), format = hm_cut(&line, '\t');
		(void)hm_cut(&line, '\t');
		struct hm_str verdict = hm_cut(&line, '\t');
		if (!hm_eqz(format, "JWS"))
			continue;
		const char *file = unit_data(&cx, hm_fmt(&cx, "signing/%.*s", HM_FMT(path)).p);
		assert_ok(hm_read_file(&cx, file, HM_MIB, &bytes));
		ENVELOPE_AUTO e = { 0 };
		hm_err err = open_envelope(&cx, bytes, &e);
		bool want = hm_eqz(verdict, "sig-ok");
		if (want != !err)
			print_error("%s: %s\n", file, err ? err->why : "opened");
		assert_true(want == !err);
		good += !err;
		refused += err != NULL;
	}
	assert_int_equal(good, 28);
	assert_int_equal(refused, 3);
}

/* Several signatures over one payload, each found by the name of its key. */
static void by_key_id(void **state)
{
	(void)state;
	struct kit a, b;
	kit_open(&a, CRYPTO_ES256);
	kit_open(&b, CRYPTO_PS256);
	struct hm_str text = HM_STR("payload");
	struct envelope_signature both[] = {
		{ .signed_bytes = text, .material = ENVELOPE_KEY_ID, .key_id = HM_STR("a") },
		{ .signed_bytes = text,
		  .material = ENVELOPE_KEY_ID,
		  .key_id = HM_STR("b"),
		  .alg = CRYPTO_PS256 },
	};
	assert_ok(crypto_sign(&a.cx, &a.key, text, &both[0].value));
	assert_ok(crypto_sign(&b.cx, &b.key, text, &both[1].value));
	assert_ok(envelope_verify(&a.cx, &both[0], &a.key));
	assert_ok(envelope_verify(&a.cx, &both[1], &b.key));
	assert_fault(envelope_verify(&a.cx, &both[0], &b.key), HM_TRUST, "does not match");
	assert_fault(envelope_verify(&a.cx, &both[1], &a.key), HM_TRUST, "the key is for ES256");
	assert_fault(envelope_verify_own(&a.cx, &both[0]), HM_INPUT, "has no certificates");
	kit_close(&a);
	kit_close(&b);
}

/* Each format has a name and a media type of its own, is found by it, opens what it signs, and
 * nothing else. */
static void formats(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	for (const struct envelope_format *const *at = envelope_formats; *at; at++) {
		const struct envelope_format *f = *at;
		struct hm_str bytes, type = hm_cstr(f->media_type);
		ENVELOPE_AUTO e = { 0 }, none = { 0 };
		for (const struct envelope_format *const *o = envelope_formats; o != at; o++) {
			assert_string_not_equal(f->name, (*o)->name);
			assert_string_not_equal(f->media_type, (*o)->media_type);
		}
		assert_ptr_equal(envelope_format_by_type(type), f);
		struct envelope_signing s = { .payload = HM_STR("{\"a\":1}"),
					      .content_type = HM_STR(ENVELOPE_NOTARY_PAYLOAD),
					      .signing_time = NOW,
					      .signing_agent = HM_STR("unit/1"),
					      .signer = &k.signer.signer,
					      .chain = &k.chain };
		/* Sigstore's has no attributes, and a function of its own */
		assert_int_equal(f->sign == NULL, hm_eqz(type, ENVELOPE_DSSE_TYPE));
		if (f->sign)
			assert_ok(f->sign(&k.cx, &s, &bytes));
		else
			assert_ok(envelope_dsse_sign(&k.cx, s.content_type, s.payload, s.signer,
						     HM_STR("key"), &bytes));
		assert_ok(envelope_parse(&k.cx, type, bytes, &e));
		assert_str(e.payload, s.payload);
		assert_fault(envelope_parse(&k.cx, type, HM_STR("no envelope"), &none), HM_INPUT,
			     "envelope: ");
	}
	assert_null(envelope_format_by_type(HM_STR("application/json")));
	assert_null(envelope_format_by_type(HM_STR("")));
	ENVELOPE_AUTO none = { 0 };
	assert_fault(envelope_parse(&k.cx, HM_STR("application/json"), HM_STR("{}"), &none),
		     HM_INPUT, "envelopes of type \"application/json\" are not supported");
	kit_close(&k);
}

int main(void)
{
	UNIT_TABLE(round_trip, rounds);
	UNIT(flipped_bits);
	UNIT_TABLE(header, headers);
	UNIT_TABLE(confusion, confusions);
	UNIT_TABLE(bad, bads);
	UNIT(foreign_key);
	UNIT(by_key_id);
	UNIT(formats);
	UNIT(conformance);
	return unit_run("envelope/jws");
}
