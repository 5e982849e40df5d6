/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "codec/json.h"
#include "trust/tuf/metadata.h"

/* Kinds of keys as securesystemslib names them. */
static const struct kind {
	const char *type, *scheme;
	enum crypto_alg alg;
} kinds[] = {
	{ "ecdsa", "ecdsa-sha2-nistp256", CRYPTO_ES256_DER },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", CRYPTO_ES256_DER },
	{ "ecdsa", "ecdsa-sha2-nistp384", CRYPTO_ES384_DER },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", CRYPTO_ES384_DER },
	{ "ed25519", "ed25519", CRYPTO_ED25519 },
	{ "rsa", "rsassa-pss-sha256", CRYPTO_PS256 },
	{ "rsa", "rsassa-pss-sha384", CRYPTO_PS384 },
	{ "rsa", "rsassa-pss-sha512", CRYPTO_PS512 },
};

/* What stands before a bare key in SubjectPublicKeyInfo: RFC 8410, 4; RFC 5480, 2. */
static const struct bare {
	enum crypto_alg alg;
	size_t size;
	struct hm_str head;
} bares[] = {
	{ CRYPTO_ED25519, 32, HM_STR_INIT("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00") },
	{ CRYPTO_ES256_DER, 65,
	  HM_STR_INIT("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce"
		      "\x3d\x03\x01\x07\x03\x42\x00") },
};

static enum crypto_alg find_alg(struct hm_str type, struct hm_str scheme)
{
	for (size_t i = 0; i < HM_LEN(kinds); i++)
		if (hm_eqz(type, kinds[i].type) && hm_eqz(scheme, kinds[i].scheme))
			return kinds[i].alg;
	return 0;
}

static bool is_hex(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0)
			return false;
	return s.n % 2 == 0;
}

/* Bytes of hex digits in either case; empty where it is none. */
static struct hm_str read_hex(struct hm_cx *cx, struct hm_str hex)
{
	uint8_t *raw = hm_alloc(cx, hex.n / 2 + 1, 1, 1);
	if (!is_hex(hex) || hm_unhex(cx, hm_lower(cx, hex), raw))
		return HM_STR("");
	return hm_bytes(raw, hex.n / 2);
}

/* Keys in hex become SubjectPublicKeyInfo; others stay as they are. */
static struct hm_str wrap_bare(struct hm_cx *cx, struct hm_str text, enum crypto_alg alg)
{
	for (size_t i = 0; i < HM_LEN(bares); i++)
		if (bares[i].alg == alg && text.n == 2 * bares[i].size && is_hex(text))
			return hm_fmt(cx, "%.*s%.*s", HM_FMT(bares[i].head),
				      HM_FMT(read_hex(cx, text)));
	return text;
}

hm_err trust_tuf_key_parse(struct hm_cx *cx, struct hm_str id, struct json v, struct tuf_key *out)
{
	struct hm_str type, scheme;
	struct json value;
	*out = (struct tuf_key){ .id = id };
	HM_TRY(json_need_str(cx, v, "keytype", &type));
	HM_TRY(json_need_str(cx, v, "scheme", &scheme));
	HM_TRY(json_need(cx, v, "keyval", &value));
	out->alg = find_alg(type, scheme);
	if (!out->alg)
		return NULL; /* may be anything */
	HM_TRY(json_need_str(cx, value, "public", &out->public));
	out->public = wrap_bare(cx, out->public, out->alg);
	return NULL;
}

static bool is_pss(enum crypto_alg alg)
{
	return alg == CRYPTO_PS256 || alg == CRYPTO_PS384 || alg == CRYPTO_PS512;
}

/* TUF's RSA keys have any size from 2048 bits on, whatever the digest. */
static hm_err open_key(struct hm_cx *cx, const struct tuf_key *k, struct crypto_key *out)
{
	if (!is_pss(k->alg))
		return crypto_public_key_parse(cx, k->public, k->alg, out);
	HM_TRY(crypto_public_key_parse(cx, k->public, CRYPTO_RS256, out));
	out->alg = k->alg;
	return NULL;
}

bool trust_tuf_key_has_signed(struct hm_cx *cx, const struct tuf_key *k,
			      const struct tuf_signature *s, struct hm_str bytes,
			      struct hm_str *out_der)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str raw = read_hex(cx, s->hex);
	return k->alg && raw.n && !open_key(cx, k, &key) &&
	       !crypto_verify(cx, &key, k->alg, bytes, raw) &&
	       !crypto_public_key_der(cx, &key, out_der);
}
