/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "codec/protojson.h"
#include "trust/sigstore/run.h"

/*
 * What Rekor has of a signature, in the five forms that are in use: hashedrekord, dsse and intoto
 * of its first version, hashedrekord and dsse of its second.
 */

static hm_err find_digest(struct hm_cx *cx, struct hm_str name, enum crypto_digest *out)
{
	static const struct {
		const char *name;
		enum crypto_digest alg;
	} names[] = { { "sha256", CRYPTO_SHA256 }, { "SHA2_256", CRYPTO_SHA256 },
		      { "sha384", CRYPTO_SHA384 }, { "SHA2_384", CRYPTO_SHA384 },
		      { "sha512", CRYPTO_SHA512 }, { "SHA2_512", CRYPTO_SHA512 } };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(name, names[i].name)) {
			*out = names[i].alg;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "digests of kind \"%.*s\" are not supported", HM_FMT(name));
}

/* {"algorithm": "sha256", "value": HEX} */
static hm_err read_hex_digest(struct hm_cx *cx, struct json v, struct sigstore_body *b)
{
	struct hm_str hex;
	HM_TRY(find_digest(cx, json_str(json_get(v, "algorithm")), &b->alg));
	HM_TRY(json_need_str(cx, v, "value", &hex));
	size_t size = crypto_digest_rows[b->alg].size;
	uint8_t *raw = hm_alloc(cx, size, 1, 1);
	if (hex.n != 2 * size)
		return hm_fail(cx, HM_INPUT, "the digest has %zu characters", hex.n);
	HM_TRY(hm_unhex(cx, hex, raw));
	b->digest = hm_bytes(raw, size);
	return NULL;
}

/* A certificate or public key in PEM, as DER. */
static hm_err read_pem(struct hm_cx *cx, struct hm_str pem, struct hm_str *out)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	if (hm_find(pem, HM_STR("-----BEGIN CERTIFICATE-----")) != SIZE_MAX) {
		HM_TRY(crypto_chain_parse(cx, pem, &chain));
		*out = chain.der[0];
		return NULL;
	}
	HM_TRY(crypto_public_key_any(cx, pem, &key));
	return crypto_public_key_der(cx, &key, out);
}

static hm_err read_pem_member(struct hm_cx *cx, struct json v, const char *key, struct hm_str *out)
{
	struct hm_str pem;
	HM_TRY(protojson_need_bytes(cx, v, key, &pem));
	HM_TRY_IN(cx, read_pem(cx, pem, out), "\"%s\"", key);
	return NULL;
}

/* The only element of a list. */
static hm_err only_one(struct hm_cx *cx, struct json list, struct json *out)
{
	if (!json_is_array(list) || json_size(list) != 1)
		return hm_fail(cx, HM_INPUT, "it has %zu signatures instead of one",
			       json_size(list));
	*out = json_at(list, 0);
	return NULL;
}

static hm_err read_hashedrekord(struct hm_cx *cx, struct json spec, struct sigstore_body *b)
{
	struct json signature;
	HM_TRY(read_hex_digest(cx, json_get(json_get(spec, "data"), "hash"), b));
	HM_TRY(json_need(cx, spec, "signature", &signature));
	HM_TRY(protojson_need_bytes(cx, signature, "content", &b->signature));
	return read_pem_member(cx, json_get(signature, "publicKey"), "content", &b->verifier);
}

static hm_err read_dsse(struct hm_cx *cx, struct json spec, struct sigstore_body *b)
{
	struct json signature;
	b->of_payload = true;
	HM_TRY(read_hex_digest(cx, json_get(spec, "payloadHash"), b));
	HM_TRY(only_one(cx, json_get(spec, "signatures"), &signature));
	HM_TRY(protojson_need_bytes(cx, signature, "signature", &b->signature));
	return read_pem_member(cx, signature, "verifier", &b->verifier);
}

/* The signature is base64 of base64. */
static hm_err read_intoto(struct hm_cx *cx, struct json spec, struct sigstore_body *b)
{
	struct json content = json_get(spec, "content"), signature;
	struct hm_str inner;
	b->of_payload = true;
	HM_TRY(read_hex_digest(cx, json_get(content, "payloadHash"), b));
	HM_TRY(only_one(cx, json_get(json_get(content, "envelope"), "signatures"), &signature));
	HM_TRY(protojson_need_bytes(cx, signature, "sig", &inner));
	HM_TRY_IN(cx, protojson_text_bytes(cx, inner, &b->signature), "\"sig\"");
	return read_pem_member(cx, signature, "publicKey", &b->verifier);
}

/* {"content": SIG, "verifier": {"x509Certificate" or "publicKey": {"rawBytes": DER}}} */
static hm_err read_second(struct hm_cx *cx, struct json v, struct sigstore_body *b)
{
	struct json verifier;
	HM_TRY(protojson_need_bytes(cx, v, "content", &b->signature));
	HM_TRY(json_need(cx, v, "verifier", &verifier));
	struct json certificate = json_get(verifier, "x509Certificate");
	struct json key = json_get(verifier, "publicKey");
	return protojson_need_bytes(cx, json_is_there(certificate) ? certificate : key, "rawBytes",
				    &b->verifier);
}

/* {"algorithm": "SHA2_256", "digest": BASE64} */
static hm_err read_second_digest(struct hm_cx *cx, struct json v, struct sigstore_body *b)
{
	HM_TRY(find_digest(cx, json_str(json_get(v, "algorithm")), &b->alg));
	return protojson_need_bytes(cx, v, "digest", &b->digest);
}

static hm_err read_hashedrekord_2(struct hm_cx *cx, struct json spec, struct sigstore_body *b)
{
	struct json own = json_get(spec, "hashedRekordV002");
	b->second = true;
	HM_TRY(read_second_digest(cx, json_get(own, "data"), b));
	return read_second(cx, json_get(own, "signature"), b);
}

static hm_err read_dsse_2(struct hm_cx *cx, struct json spec, struct sigstore_body *b)
{
	struct json own = json_get(spec, "dsseV002"), signature;
	b->second = true;
	b->of_payload = true;
	HM_TRY(read_second_digest(cx, json_get(own, "payloadHash"), b));
	HM_TRY(only_one(cx, json_get(own, "signatures"), &signature));
	return read_second(cx, signature, b);
}

static const struct body_kind {
	const char *kind, *version;
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct json spec, struct sigstore_body *b);
} body_kinds[] = {
	{ "hashedrekord", "0.0.1", read_hashedrekord },
	{ "dsse", "0.0.1", read_dsse },
	{ "intoto", "0.0.2", read_intoto },
	{ "hashedrekord", "0.0.2", read_hashedrekord_2 },
	{ "dsse", "0.0.2", read_dsse_2 },
};

hm_err trust_sigstore_body_read(struct hm_cx *cx, const struct bundle_entry *e,
				struct sigstore_body *out)
{
	struct json top, spec;
	struct hm_str kind, version;
	*out = (struct sigstore_body){ 0 };
	if (!e->body.n)
		return hm_fail(cx, HM_INPUT, "the log's entry is not there");
	HM_TRY_IN(cx, json_parse(cx, e->body, JSON_STRICT, &top), "the log's entry");
	HM_TRY(json_need_str(cx, top, "kind", &kind));
	HM_TRY(json_need_str(cx, top, "apiVersion", &version));
	HM_TRY(json_need(cx, top, "spec", &spec));
	if (!hm_eq(kind, e->kind) || !hm_eq(version, e->version))
		return hm_fail(cx, HM_TRUST, "the log's entry is of kind %.*s %.*s, not %.*s %.*s",
			       HM_FMT(kind), HM_FMT(version), HM_FMT(e->kind), HM_FMT(e->version));
	for (size_t i = 0; i < HM_LEN(body_kinds); i++)
		if (hm_eqz(kind, body_kinds[i].kind) && hm_eqz(version, body_kinds[i].version)) {
			HM_TRY_IN(cx, body_kinds[i].read(cx, spec, out), "the log's entry");
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "entries of kind %.*s %.*s are not supported", HM_FMT(kind),
		       HM_FMT(version));
}
