/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cose.h"

#include "codec/cbor.h"

#include "kit.h"

static hm_err open_envelope(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	return kit_read(cx, ENVELOPE_COSE_TYPE, bytes, out);
}

static struct hm_str sign(struct kit *k, int64_t expiry, enum envelope_scheme scheme)
{
	return kit_sign(k, ENVELOPE_COSE_TYPE, expiry, scheme);
}

static const struct round_case rounds[] = {
	{ "PS256", ENVELOPE_COSE_TYPE, CRYPTO_PS256, ENVELOPE_X509, 0 },
	{ "PS384", ENVELOPE_COSE_TYPE, CRYPTO_PS384, ENVELOPE_X509, NOW + 60 },
	{ "PS512", ENVELOPE_COSE_TYPE, CRYPTO_PS512, ENVELOPE_X509, 0 },
	{ "ES256", ENVELOPE_COSE_TYPE, CRYPTO_ES256, ENVELOPE_X509, NOW + 60 },
	{ "ES384", ENVELOPE_COSE_TYPE, CRYPTO_ES384, ENVELOPE_SIGNING_AUTHORITY, 0 },
	{ "ES512", ENVELOPE_COSE_TYPE, CRYPTO_ES512, ENVELOPE_SIGNING_AUTHORITY, NOW + 60 },
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
	for (size_t i = 0; i < bytes.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			ENVELOPE_AUTO e = { 0 };
			copy[i] ^= 1 << bit;
			good += !open_envelope(&k.cx, hm_bytes(copy, bytes.n), &e);
			copy[i] ^= 1 << bit;
		}
	/* Only the name of the signing agent, which is not signed, may change. */
	assert_true(good <= 8 * (sizeof("unit/1") + sizeof("io.cncf.notary.signingAgent")));
	kit_close(&k);
}

/* An envelope that ends early, or goes on, is none. */
static void cut(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	struct hm_str bytes = sign(&k, 0, ENVELOPE_X509);
	for (size_t n = 0; n < bytes.n; n++) {
		ENVELOPE_AUTO e = { 0 };
		assert_fault(open_envelope(&k.cx, hm_sub(bytes, 0, n), &e), HM_INPUT, "envelope: ");
	}
	ENVELOPE_AUTO e = { 0 };
	assert_fault(open_envelope(&k.cx, hm_fmt(&k.cx, "%.*s%c", HM_FMT(bytes), 0), &e), HM_INPUT,
		     "there is something behind it");
	kit_close(&k);
}

/* An envelope put together by hand: the protected header as given, signed as it is; `parts` may
 * change what stands around. */
struct parts {
	const char *behind;                                  /* more in the unprotected header */
	unsigned pairs;                                      /* that many */
	struct hm_str head, unprotected, payload, signature; /* instead of what is right */
};

static void put_signature(struct kit *k, const struct parts *p, struct hm_str protected,
			  struct hm_str payload, struct hm_buf *to)
{
	struct hm_str input, signature;
	if (p->signature.n) {
		hm_buf_add(to, p->signature);
		return;
	}
	assert_ok(envelope_cose_signed_bytes(&k->cx, protected, payload, &input));
	assert_ok(crypto_sign(&k->cx, &k->key, input, &signature));
	cbor_put_bytes(to, signature);
}

static struct hm_str assemble(struct kit *k, struct hm_str protected, const struct parts *p)
{
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct hm_str payload = HM_STR("{}");
	hm_buf_add(&b, p->head.n ? p->head : HM_STR(COSE_HEAD));
	cbor_put_bytes(&b, protected);
	if (p->unprotected.n) {
		hm_buf_add(&b, p->unprotected);
	} else {
		cbor_open_map(&b, 1 + p->pairs);
		cbor_put_number(&b, COSE_X5CHAIN);
		cbor_open_array(&b, 1);
		cbor_put_bytes(&b, k->chain.der[0]);
		hm_buf_addz(&b, p->behind ? p->behind : "");
	}
	if (p->payload.n)
		hm_buf_add(&b, p->payload);
	else
		cbor_put_bytes(&b, payload);
	put_signature(k, p, protected, payload, &b);
	return hm_dup(&k->cx, hm_buf_str(&b));
}

/* Pairs of a protected header, as CBOR; HEAD is a map of that many. */
#define A             "\x01\x26"                                            /* alg: ES256 */
#define K             "\x02\x81\x78\x1cio.cncf.notary.signingScheme"        /* crit: scheme */
#define C             "\x03\x78\x2b" ENVELOPE_NOTARY_PAYLOAD                /* content type */
#define S             "\x78\x1cio.cncf.notary.signingScheme\x6bnotary.x509" /* scheme */
#define SA            "\x78\x1cio.cncf.notary.signingScheme\x78\x1cnotary.x509.signingAuthority"
#define T             "\x78\x1aio.cncf.notary.signingTime\xc1\x1a\x65\x53\xf1\x00" /* NOW */
#define TKEY          "\x78\x1aio.cncf.notary.signingTime"
#define AUTH          "\x78\x23io.cncf.notary.authenticSigningTime"
#define EKEY          "\x75io.cncf.notary.expiry"
#define LATE          "\xc1\x1a\x76\x85\x43\x80" /* 2033 */
#define EARLY         "\xc1\x1a\x50\xe2\x27\x00" /* 2013 */
#define CRIT(n, more) "\x02" n "\x78\x1cio.cncf.notary.signingScheme" more
#define STR(lit)                        \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}

/* The least there must be, in which one thing is another. */
#define LEAST           STR("\xa5" A K C S T)
#define CRIT_X          CRIT("\x82", "\x61x")
#define BAD_TIME(value) STR("\xa5" A K C S TKEY value)

static const struct header_case {
	const char *label;
	struct hm_str protected;
	const char *why; /* NULL: it opens */
	struct parts parts;
} headers[] = {
	{ "the least there must be", LEAST, NULL, { 0 } },
	{ "keys in another order", STR("\xa5" T S C K A), NULL, { 0 } },
	{ "an expiry that is critical",
	  STR("\xa6" A CRIT("\x82", EKEY) C S T EKEY LATE),
	  NULL,
	  { 0 } },
	{ "the scheme of authorities",
	  STR("\xa5" A CRIT("\x82", AUTH) C SA AUTH LATE),
	  NULL,
	  { 0 } },
	{ "an attribute that is not critical", STR("\xa6" A K C S T "\x61x\x01"), NULL, { 0 } },
	{ "a critical attribute that is there",
	  STR("\xa6" A CRIT_X C S T "\x61x\x01"),
	  NULL,
	  { 0 } },
	{ "a critical number that is there",
	  STR("\xa6" A CRIT("\x82", "\x18\x64") C S T "\x18\x64\x01"),
	  NULL,
	  { 0 } },
	{ "a name twice in crit",
	  STR("\xa5" A CRIT("\x82", "\x78\x1cio.cncf.notary.signingScheme") C S T),
	  NULL,
	  { 0 } },
	{ "an algorithm that is longer than it need be",
	  STR("\xa5\x01\x38\x06" K C S T),
	  NULL,
	  { 0 } },
	{ "a time with a fraction",
	  BAD_TIME("\xc1\xfb\x41\xd9\x54\xfc\x40\x20\x00\x00"),
	  NULL,
	  { 0 } },
	{ "an unprotected parameter that nobody knows",
	  LEAST,
	  NULL,
	  { .behind = "\x61y\x01", .pairs = 1 } },
	{ "a key id", LEAST, NULL, { .behind = "\x04\x41k", .pairs = 1 } },
	{ "an agent that is no text",
	  LEAST,
	  NULL,
	  { .behind = "\x78\x1bio.cncf.notary.signingAgent\x01", .pairs = 1 } },
	{ "a plugin",
	  STR("\xa6" A CRIT("\x82", "\x78\x21io.cncf.notary.verificationPlugin") C S T
	      "\x78\x21io.cncf.notary.verificationPlugin\x61p"),
	  NULL,
	  { 0 } },

	{ "no crit", STR("\xa4" A C S T), "\"crit\" is not a list", { 0 } },
	{ "an empty crit", STR("\xa5" A "\x02\x80" C S T), "\"crit\" is not a list", { 0 } },
	{ "a crit that is text", STR("\xa5" A "\x02\x61x" C S T), "\"crit\" is not a list", { 0 } },
	{ "a critical attribute that is missing",
	  STR("\xa5" A CRIT_X C S T),
	  "\"x\" is missing",
	  { 0 } },
	{ "a critical number that is missing",
	  STR("\xa5" A CRIT("\x82", "\x18\x64") C S T),
	  "\"100\" is missing",
	  { 0 } },
	{ "the algorithm in crit",
	  STR("\xa5" A CRIT("\x82", "\x01") C S T),
	  "cannot be critical",
	  { 0 } },
	{ "bytes in crit", STR("\xa5" A CRIT("\x82", "\x41x") C S T), "cannot be critical", { 0 } },
	{ "the scheme is not critical",
	  STR("\xa6" A "\x02\x81\x61x" C S T "\x61x\x01"),
	  "must be critical",
	  { 0 } },
	{ "an expiry that is not critical",
	  STR("\xa6" A K C S T EKEY LATE),
	  "must be critical",
	  { 0 } },
	{ "an authentic time that is not critical",
	  STR("\xa5" A K C SA AUTH LATE),
	  "must be critical",
	  { 0 } },
	{ "an expiry before the signing time",
	  STR("\xa6" A CRIT("\x82", EKEY) C S T EKEY EARLY),
	  "expires before",
	  { 0 } },
	{ "no signing time", STR("\xa4" A K C S), "signingTime\" is missing", { 0 } },
	{ "no authentic time",
	  STR("\xa4" A CRIT("\x82", AUTH) C SA),
	  "authenticSigningTime\" is missing",
	  { 0 } },
	{ "a time without tag", BAD_TIME("\x1a\x65\x53\xf1\x00"), "is not a time", { 0 } },
	{ "a time as text",
	  BAD_TIME("\xc0\x74"
		   "2023-11-14T22:13:20Z"),
	  "is not a time",
	  { 0 } },
	{ "a time with two tags",
	  BAD_TIME("\xd9\xd9\xf7\xc1\x1a\x65\x53\xf1\x00"),
	  "is not a time",
	  { 0 } },
	{ "a time that is not a number", BAD_TIME("\xc1\xf9\x7e\x00"), "lies before", { 0 } },
	{ "a time without end", BAD_TIME("\xc1\xf9\x7c\x00"), "lies before", { 0 } },
	{ "a time before 1970", BAD_TIME("\xc1\x20"), "lies before 1970", { 0 } },
	{ "a time after 9999",
	  BAD_TIME("\xc1\x1b\x00\x00\x00\x3a\xff\xf4\x41\x80"),
	  "after 9999",
	  { 0 } },
	{ "no scheme", STR("\xa4" A K C T), "signingScheme\" is missing", { 0 } },
	{ "a scheme that is no text",
	  STR("\xa5" A K C "\x78\x1cio.cncf.notary.signingScheme\x01" T),
	  "is not a text",
	  { 0 } },
	{ "a scheme that nobody knows",
	  STR("\xa5" A K C "\x78\x1cio.cncf.notary.signingScheme\x61m" T),
	  "not supported",
	  { 0 } },
	{ "the other scheme's time", STR("\xa6" A K C S T AUTH LATE), "does not belong", { 0 } },
	{ "no content type", STR("\xa4" A K S T), "content type\" is missing", { 0 } },
	{ "a content type that is a number",
	  STR("\xa5" A K "\x03\x18\x32" S T),
	  "content type\" is not a text",
	  { 0 } },
	{ "no algorithm", STR("\xa4" K C S T), "names no algorithm", { 0 } },
	{ "an algorithm by name",
	  STR("\xa5\x01\x65"
	      "ES256" K C S T),
	  "names no algorithm",
	  { 0 } },
	{ "an algorithm that nobody uses here",
	  STR("\xa5\x01\x27" K C S T),
	  "algorithm -8 is not supported",
	  { 0 } },
	{ "RSA with PKCS #1",
	  STR("\xa5\x01\x39\x01\x00" K C S T),
	  "algorithm -257 is not supported",
	  { 0 } },
	{ "HMAC with the public key",
	  STR("\xa5\x01\x05" K C S T),
	  "algorithm 5 is not supported",
	  { 0 } },
	{ "another algorithm than the key's",
	  STR("\xa5\x01\x38\x22" K C S T),
	  "the key is for ES256",
	  { 0 } },
	{ "a label twice in the protected header",
	  STR("\xa6" A A K C S T),
	  "a map has a key twice",
	  { 0 } },
	{ "a label of bytes",
	  STR("\xa6" A K C S T "\x41x\x01"),
	  "neither a number nor a text",
	  { 0 } },
	{ "a protected header that is no map", STR("\x80"), "it is not a map", { 0 } },
	{ "an empty protected header", STR("\xa0"), "names no algorithm", { 0 } },
	{ "no protected header", STR(""), "it ends too early", { 0 } },
	{ "something behind the protected header",
	  STR("\xa5" A K C S T "\x00"),
	  "something behind it",
	  { 0 } },
	{ "a map without length", STR("\xbf" A K C S T "\xff"), "a length is not given", { 0 } },
	{ "a protected key id that is text",
	  STR("\xa6" A K C S T "\x04\x61k"),
	  "header parameter 4 is not supported",
	  { 0 } },
	{ "a protected countersignature",
	  STR("\xa6" A K C S T "\x09\x41x"),
	  "header parameter 9 is not supported",
	  { 0 } },
	{ "a type that is negative",
	  STR("\xa6" A K C S T "\x10\x20"),
	  "header parameter 16",
	  { 0 } },
	{ "a plugin that is not critical",
	  STR("\xa6" A K C S T "\x78\x21io.cncf.notary.verificationPlugin\x61p"),
	  "must be a critical text",
	  { 0 } },
	{ "a plugin of two lines",
	  STR("\xa6" A CRIT("\x82", "\x78\x21io.cncf.notary.verificationPlugin") C S T
	      "\x78\x21io.cncf.notary.verificationPlugin\x63p\nq"),
	  "must be a critical text",
	  { 0 } },

	{ "a label in both headers",
	  STR("\xa6" A K C S T "\x61x\x01"),
	  "\"x\" is not allowed",
	  { .behind = "\x61x\x01", .pairs = 1 } },
	{ "an unprotected algorithm",
	  LEAST,
	  "\"1\" is not allowed",
	  { .behind = "\x01\x26", .pairs = 1 } },
	{ "an unprotected crit",
	  LEAST,
	  "\"2\" is not allowed",
	  { .behind = "\x02\x81\x61y", .pairs = 1 } },
	{ "an unprotected scheme",
	  LEAST,
	  "signingScheme\" is not allowed",
	  { .behind = S, .pairs = 1 } },
	{ "an unprotected countersignature",
	  LEAST,
	  "header parameter 11",
	  { .behind = "\x0b\x80", .pairs = 1 } },
	{ "an unprotected key id that is text",
	  LEAST,
	  "header parameter 4",
	  { .behind = "\x04\x61k", .pairs = 1 } },
	{ "a timestamp that is text",
	  LEAST,
	  "timestampSignature\" is not bytes",
	  { .behind = "\x78\x21io.cncf.notary.timestampSignature\x61z", .pairs = 1 } },
	{ "a tag in the unprotected header",
	  LEAST,
	  "there is a tag",
	  { .behind = "\x61y\xc1\x01", .pairs = 1 } },
	{ "no chain", LEAST, "\"x5chain\" is not a list", { .unprotected = STR("\xa0") } },
	{ "an empty chain",
	  LEAST,
	  "\"x5chain\" is not a list",
	  { .unprotected = STR("\xa1\x18\x21\x80") } },
	{ "a chain of text",
	  LEAST,
	  "\"x5chain\" is not a list",
	  { .unprotected = STR("\xa1\x18\x21\x81\x61x") } },
	{ "a chain that is one certificate's bytes",
	  LEAST,
	  "\"x5chain\" is not a list",
	  { .unprotected = STR("\xa1\x18\x21\x41x") } },
	{ "a certificate that is none",
	  LEAST,
	  "certificate",
	  { .unprotected = STR("\xa1\x18\x21\x81\x41x") } },
	{ "an unprotected header that is a list",
	  LEAST,
	  "it is not an array of headers",
	  { .unprotected = STR("\x80") } },
	{ "no payload", LEAST, "it is not an array of headers", { .payload = STR("\xf6") } },
	{ "an empty payload",
	  LEAST,
	  "the payload or the signature is empty",
	  { .payload = STR("\x40") } },
	{ "a payload of text",
	  LEAST,
	  "it is not an array of headers",
	  { .payload = STR("\x62{}") } },
	{ "another payload", LEAST, "does not match", { .payload = STR("\x42[]") } },
	{ "no signature",
	  LEAST,
	  "the payload or the signature is empty",
	  { .signature = STR("\x40") } },
	{ "a signature of text",
	  LEAST,
	  "it is not an array of headers",
	  { .signature = STR("\x61x") } },
	{ "a short signature",
	  LEAST,
	  "the signature has 1 bytes instead of 64",
	  { .signature = STR("\x41x") } },
	{ "no tag", LEAST, "not a tagged COSE_Sign1", { .head = STR("\x84") } },
	{ "the tag of COSE_Sign",
	  LEAST,
	  "not a tagged COSE_Sign1",
	  { .head = STR("\xd8\x62\x84") } },
	{ "a tag that is longer than it need be",
	  LEAST,
	  "not a tagged COSE_Sign1",
	  { .head = STR("\xd8\x12\x84") } },
	{ "the tag of CBOR before it",
	  LEAST,
	  "not a tagged COSE_Sign1",
	  { .head = STR("\xd9\xd9\xf7\xd2\x84") } },
	{ "an array of three", LEAST, "not a tagged COSE_Sign1", { .head = STR("\xd2\x83") } },
	{ "an array without length",
	  LEAST,
	  "not a tagged COSE_Sign1",
	  { .head = STR("\xd2\x9f") } },
};

static void header(void **state)
{
	const struct header_case *t = *state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	struct hm_str bytes = assemble(&k, t->protected, &t->parts);
	struct envelope e = { 0 };
	hm_err err = open_envelope(&k.cx, bytes, &e);
	/* what was signed by whom is a matter of trust, all else one of form */
	bool trust = t->why && (strstr(t->why, "the key is for") || strstr(t->why, "match") ||
				strstr(t->why, "the signature has"));
	if (t->why)
		assert_fault(err, trust ? HM_TRUST : HM_INPUT, t->why);
	else
		assert_ok(err);
	envelope_done(&e);
	kit_close(&k);
}

/* The chain may stand in the protected header, but not in both. */
static void protected_chain(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct hm_str most = STR("\xa6" A K C S T);
	hm_buf_add(&b, most);
	cbor_put_number(&b, COSE_X5CHAIN);
	cbor_open_array(&b, 1);
	cbor_put_bytes(&b, k.chain.der[0]);
	struct parts alone = { .unprotected = STR("\xa0") }, both = { 0 };
	ENVELOPE_AUTO e = { 0 }, none = { 0 };
	assert_ok(open_envelope(&k.cx, assemble(&k, hm_buf_str(&b), &alone), &e));
	assert_int_equal(e.signatures[0].attributes_n, 0);
	assert_fault(open_envelope(&k.cx, assemble(&k, hm_buf_str(&b), &both), &none), HM_INPUT,
		     "\"33\" is not allowed");
	envelope_done(&e);
	kit_close(&k);
}

static void attributes(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, CRYPTO_ES256);
	struct hm_str text = STR("\xa7" A CRIT_X C S T "\x61x\x82\x01\xa1\x61y\x41z\x18\x64\xf5");
	struct parts none = { 0 };
	ENVELOPE_AUTO e = { 0 };
	assert_ok(open_envelope(&k.cx, assemble(&k, text, &none), &e));
	const struct envelope_signature *s = &e.signatures[0];
	assert_int_equal(s->attributes_n, 2);
	assert_strz(s->attributes[0].name, "x");
	assert_true(s->attributes[0].critical);
	assert_strz(s->attributes[0].json, "[1,{\"y\":\"eg==\"}]");
	assert_strz(s->attributes[1].name, "100");
	assert_false(s->attributes[1].critical);
	assert_strz(s->attributes[1].json, "true");
	envelope_done(&e);
	kit_close(&k);
}

/* A key that is not the certificate's signs nothing, and nobody signs what is over before. */
static void not_signed(void **state)
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
	assert_fault(envelope_cose_sign(&a.cx, &s, &out), HM_INPUT, "does not belong");
	s.chain = &a.chain;
	s.expiry = NOW;
	assert_fault(envelope_cose_sign(&a.cx, &s, &out), HM_USAGE, "would expire before");
	kit_close(&a);
	kit_close(&b);
}

/* ENVELOPES.tsv says of each envelope whether another implementation found its signature good. */
static void conformance(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str index;
	size_t good = 0;
	assert_ok(hm_read_file(&cx, unit_data(&cx, "signing/notation/ENVELOPES.tsv"), HM_MIB,
			       &index));
	while (index.n) {
		struct hm_str line = hm_line(&index), bytes;
		struct hm_str path = hm_cut(&line, '\t'), format = hm_cut(&line, '\t');
		if (!hm_eqz(format, "COSE_Sign1"))
			continue;
		const char *file = unit_data(&cx, hm_fmt(&cx, "signing/%.*s", HM_FMT(path)).p);
		assert_ok(hm_read_file(&cx, file, HM_MIB, &bytes));
		ENVELOPE_AUTO e = { 0 };
		assert_ok(open_envelope(&cx, bytes, &e));
		good++;
	}
	assert_int_equal(good, 5);
}

int main(void)
{
	UNIT_TABLE(round_trip, rounds);
	UNIT(flipped_bits);
	UNIT(cut);
	UNIT_TABLE(header, headers);
	UNIT(protected_chain);
	UNIT(attributes);
	UNIT(not_signed);
	UNIT(conformance);
	return unit_run("envelope/cose");
}
