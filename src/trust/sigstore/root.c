/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "codec/protojson.h"
#include "trust/sigstore/run.h"

void trust_sigstore_root_done(struct sigstore_root *r)
{
	for (size_t i = 0; i < r->logs_n; i++)
		crypto_key_done(&r->logs[i].key);
	for (size_t i = 0; i < r->ctlogs_n; i++)
		crypto_key_done(&r->ctlogs[i].key);
	for (size_t i = 0; i < r->authorities_n; i++)
		crypto_chain_done(&r->authorities[i].chain);
	for (size_t i = 0; i < r->timestampers_n; i++)
		crypto_chain_done(&r->timestampers[i].chain);
	*r = (struct sigstore_root){ 0 };
}

static hm_err read_time(struct hm_cx *cx, struct json v, const char *key, int64_t absent,
			int64_t *out)
{
	struct json time = json_get(v, key);
	*out = absent;
	if (!json_is_there(time) || json_is_null(time))
		return NULL;
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, json_str(time), out), "\"%s\"", key);
	return NULL;
}

/* A key without one is nobody's (sigstore_trustroot.proto, "valid_for"). */
hm_err trust_sigstore_read_validity(struct hm_cx *cx, struct json v, bool needs_start,
				    struct sigstore_validity *out)
{
	struct json range = json_get(v, "validFor");
	HM_TRY_IN(cx, read_time(cx, range, "start", INT64_MIN, &out->from), "\"validFor\"");
	HM_TRY_IN(cx, read_time(cx, range, "end", INT64_MAX, &out->until), "\"validFor\"");
	if (needs_start && out->from == INT64_MIN)
		return hm_fail(cx, HM_INPUT, "\"validFor\" has no \"start\"");
	return NULL;
}

/* PublicKeyDetails (sigstore_common.proto). */
static const struct key_kind {
	const char *name;
	enum crypto_alg alg;
} key_kinds[] = {
	{ "PKIX_ECDSA_P256_SHA_256", CRYPTO_ES256_DER },
	{ "PKIX_ECDSA_P384_SHA_384", CRYPTO_ES384_DER },
	{ "PKIX_ECDSA_P521_SHA_512", CRYPTO_ES512_DER },
	{ "PKIX_ED25519", CRYPTO_ED25519 },
	{ "PKIX_RSA_PKCS1V15_2048_SHA256", CRYPTO_RS256 },
	{ "PKIX_RSA_PKCS1V15_3072_SHA256", CRYPTO_RS256 },
	{ "PKIX_RSA_PKCS1V15_4096_SHA256", CRYPTO_RS256 },
	{ "ML_DSA_65", CRYPTO_MLDSA65 },
	{ "ML_DSA_87", CRYPTO_MLDSA87 },
};

static enum crypto_alg find_alg(struct hm_str name)
{
	for (size_t i = 0; i < HM_LEN(key_kinds); i++)
		if (hm_eqz(name, key_kinds[i].name))
			return key_kinds[i].alg;
	return 0;
}

/* A log whose key is of no known kind has alg 0. */
static hm_err read_log(struct hm_cx *cx, struct json v, struct sigstore_log *out)
{
	struct json key, id;
	struct hm_str der;
	out->base_url = json_str(json_get(v, "baseUrl"));
	HM_TRY(json_need(cx, v, "publicKey", &key));
	HM_TRY(json_need(cx, v, "logId", &id));
	HM_TRY(protojson_need_bytes(cx, id, "keyId", &out->id));
	HM_TRY(trust_sigstore_read_validity(cx, key, true, &out->valid));
	enum crypto_alg alg = find_alg(json_str(json_get(key, "keyDetails")));
	if (!alg)
		return NULL;
	HM_TRY(protojson_need_bytes(cx, key, "rawBytes", &der));
	return crypto_public_key_parse(cx, der, alg, &out->key);
}

static hm_err check_list(struct hm_cx *cx, struct json list, const char *what)
{
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", what);
	if (json_size(list) > HM_MAX_AUTHORITIES)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has too many entries", what);
	return NULL;
}

static hm_err read_logs(struct hm_cx *cx, struct json top, const char *what,
			struct sigstore_log **out, size_t *out_n)
{
	struct json list = json_get(top, what);
	HM_TRY(check_list(cx, list, what));
	*out = hm_new(cx, struct sigstore_log, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct sigstore_log *log = &(*out)[*out_n];
		*log = (struct sigstore_log){ 0 };
		HM_TRY_IN(cx, read_log(cx, it.value, log), "\"%s\"", what);
		*out_n += log->key.alg != 0;
	}
	return NULL;
}

static hm_err read_authority(struct hm_cx *cx, struct json v, struct sigstore_authority *out)
{
	struct json list = json_get(json_get(v, "certChain"), "certificates");
	size_t n = json_size(list), i = 0;
	out->uri = json_str(json_get(v, "uri"));
	HM_TRY(trust_sigstore_read_validity(cx, v, false, &out->valid));
	if (!json_is_array(list) || !n || n > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_INPUT, "it has no certificates, or too many");
	struct hm_str *der = hm_new(cx, struct hm_str, n);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(protojson_need_bytes(cx, it.value, "rawBytes", &der[i++]));
	return crypto_chain_from_der(cx, der, n, &out->chain);
}

static hm_err read_authorities(struct hm_cx *cx, struct json top, const char *what,
			       struct sigstore_authority **out, size_t *out_n)
{
	struct json list = json_get(top, what);
	HM_TRY(check_list(cx, list, what));
	*out = hm_new(cx, struct sigstore_authority, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY_IN(cx, read_authority(cx, it.value, &(*out)[(*out_n)++]), "\"%s\"", what);
	return NULL;
}

static hm_err read_root(struct hm_cx *cx, struct json top, struct sigstore_root *r)
{
	struct hm_str type = json_str(json_get(top, "mediaType"));
	if (!hm_starts(type, HM_STR("application/vnd.dev.sigstore.trustedroot")))
		return hm_fail(cx, HM_INPUT, "it is not a trusted root of Sigstore");
	HM_TRY(read_logs(cx, top, "tlogs", &r->logs, &r->logs_n));
	HM_TRY(read_logs(cx, top, "ctlogs", &r->ctlogs, &r->ctlogs_n));
	HM_TRY(read_authorities(cx, top, "certificateAuthorities", &r->authorities,
				&r->authorities_n));
	return read_authorities(cx, top, "timestampAuthorities", &r->timestampers,
				&r->timestampers_n);
}

hm_err trust_sigstore_root_parse(struct hm_cx *cx, struct hm_str text, struct sigstore_root *out)
{
	struct sigstore_root r = { 0 };
	struct json top;
	if (text.n > HM_MAX_TRUSTED_ROOT)
		return hm_fail(cx, HM_LIMIT, "the trusted root is too large");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &top), "trusted root");
	hm_err err = read_root(cx, top, &r);
	if (err) {
		trust_sigstore_root_done(&r);
		return hm_wrap(cx, err, "trusted root");
	}
	*out = r;
	return NULL;
}
