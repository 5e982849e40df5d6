/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle.h"

#include "codec/protojson.h"
#include "envelope/dsse.h"

void envelope_bundle_done(struct envelope_bundle *b)
{
	crypto_chain_done(&b->chain);
	if (b->dsse)
		envelope_done(b->dsse);
}

static const struct media_type {
	const char *name;
	unsigned version;
} media_types[] = {
	{ ENVELOPE_BUNDLE_TYPE, 3 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.3", 3 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.2", 2 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.1", 1 },
};

unsigned envelope_bundle_version(struct hm_str media_type)
{
	for (size_t i = 0; i < HM_LEN(media_types); i++)
		if (hm_eqz(media_type, media_types[i].name))
			return media_types[i].version;
	return 0;
}

/* --- logs --- */

static hm_err read_hashes(struct hm_cx *cx, struct json list, struct bundle_entry *e)
{
	size_t n = json_size(list);
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"hashes\" is not a list");
	if (n > HM_MAX_BUNDLE_HASHES)
		return hm_fail(cx, HM_LIMIT, "it has too many hashes");
	e->hashes = hm_new(cx, struct hm_str, n + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(protojson_text_bytes(cx, json_str(it.value), &e->hashes[e->hashes_n++]));
	return NULL;
}

static hm_err read_proof(struct hm_cx *cx, struct json v, struct bundle_entry *e)
{
	struct json checkpoint = json_get(v, "checkpoint");
	e->has_proof = true;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(protojson_number(cx, v, "logIndex", &e->proof_index));
	HM_TRY(protojson_number(cx, v, "treeSize", &e->proof_size));
	HM_TRY(protojson_need_bytes(cx, v, "rootHash", &e->root));
	HM_TRY(read_hashes(cx, json_get(v, "hashes"), e));
	if (json_is_there(checkpoint))
		HM_TRY(json_need_str(cx, checkpoint, "envelope", &e->checkpoint));
	return NULL;
}

static hm_err read_entry(struct hm_cx *cx, struct json v, struct bundle_entry *e)
{
	struct json kind, id, promise = json_get(v, "inclusionPromise");
	struct json proof = json_get(v, "inclusionProof");
	uint64_t time;
	HM_TRY(json_need(cx, v, "kindVersion", &kind));
	HM_TRY(json_need_str(cx, kind, "kind", &e->kind));
	HM_TRY(json_need_str(cx, kind, "version", &e->version));
	HM_TRY(json_need(cx, v, "logId", &id));
	HM_TRY(protojson_need_bytes(cx, id, "keyId", &e->log_id));
	HM_TRY(protojson_number(cx, v, "logIndex", &e->index));
	HM_TRY(protojson_number(cx, v, "integratedTime", &time));
	e->integrated_time = (int64_t)time;
	HM_TRY(protojson_bytes(cx, v, "canonicalizedBody", &e->body));
	if (json_is_there(promise) && !json_is_null(promise))
		HM_TRY(protojson_need_bytes(cx, promise, "signedEntryTimestamp", &e->promise));
	if (json_is_there(proof) && !json_is_null(proof))
		HM_TRY_IN(cx, read_proof(cx, proof, e), "inclusion proof");
	return NULL;
}

/* What the versions demand (sigstore_bundle.proto). */
static hm_err check_entry(struct hm_cx *cx, unsigned version, const struct bundle_entry *e)
{
	if (version == 1 && !e->promise.n)
		return hm_fail(cx, HM_INPUT, "it has no inclusion promise");
	if (version > 1 && !e->has_proof)
		return hm_fail(cx, HM_INPUT, "it has no inclusion proof");
	if (version > 1 && !e->checkpoint.n)
		return hm_fail(cx, HM_INPUT, "its inclusion proof has no checkpoint");
	return NULL;
}

hm_err envelope_bundle_entry_parse(struct hm_cx *cx, struct hm_str text, struct bundle_entry *out)
{
	struct json top;
	struct bundle_entry e = { 0 };
	if (text.n > HM_MAX_ENVELOPE)
		return hm_fail(cx, HM_LIMIT, "the log's entry is too large");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &top), "the log's entry");
	HM_TRY_IN(cx, read_entry(cx, top, &e), "the log's entry");
	HM_TRY_IN(cx, check_entry(cx, 3, &e), "the log's entry");
	*out = e;
	return NULL;
}

static hm_err read_entries(struct hm_cx *cx, struct json list, struct envelope_bundle *b)
{
	size_t n = json_size(list);
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"tlogEntries\" is not a list");
	if (n > HM_MAX_BUNDLE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "the bundle has too many entries of logs");
	b->entries = hm_new(cx, struct bundle_entry, n + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct bundle_entry *e = &b->entries[b->entries_n++];
		HM_TRY_IN(cx, read_entry(cx, it.value, e), "log entry %zu", b->entries_n);
		HM_TRY_IN(cx, check_entry(cx, b->version, e), "log entry %zu", b->entries_n);
	}
	return NULL;
}

/* --- verification material --- */

static hm_err read_certificate(struct hm_cx *cx, struct json v, struct hm_str *out)
{
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "a certificate is not an object");
	return protojson_need_bytes(cx, v, "rawBytes", out);
}

static hm_err read_chain(struct hm_cx *cx, struct json v, struct envelope_bundle *b)
{
	struct json list = json_get(v, "certificates");
	size_t n = json_size(list), i = 0;
	if (!json_is_array(list) || !n)
		return hm_fail(cx, HM_INPUT, "the certificate chain is empty");
	if (n > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_LIMIT, "there are too many certificates");
	struct hm_str *der = hm_new(cx, struct hm_str, n);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(read_certificate(cx, it.value, &der[i++]));
	return crypto_chain_from_der(cx, der, n, &b->chain);
}

static hm_err read_who(struct hm_cx *cx, struct json v, struct envelope_bundle *b)
{
	struct json chain = json_get(v, "x509CertificateChain");
	struct json certificate = json_get(v, "certificate"), key = json_get(v, "publicKey");
	if (json_is_there(chain) + json_is_there(certificate) + json_is_there(key) != 1)
		return hm_fail(cx, HM_INPUT,
			       "it does not have one of certificate, certificate chain and key");
	if (json_is_there(chain)) {
		if (b->version >= 3)
			return hm_fail(cx, HM_INPUT,
				       "bundles of version 0.3 have one certificate, not a chain");
		b->material = BUNDLE_CHAIN;
		return read_chain(cx, chain, b);
	}
	if (json_is_there(certificate)) {
		struct hm_str der;
		b->material = BUNDLE_CERTIFICATE;
		HM_TRY(read_certificate(cx, certificate, &der));
		return crypto_chain_from_der(cx, &der, 1, &b->chain);
	}
	b->material = BUNDLE_KEY;
	b->key_hint = json_str(json_get(key, "hint"));
	return NULL;
}

static hm_err read_timestamps(struct hm_cx *cx, struct json v, struct envelope_bundle *b)
{
	struct json list = json_get(v, "rfc3161Timestamps");
	size_t n = json_size(list);
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"rfc3161Timestamps\" is not a list");
	if (n > HM_MAX_BUNDLE_TIMESTAMPS)
		return hm_fail(cx, HM_LIMIT, "the bundle has too many timestamps");
	b->timestamps = hm_new(cx, struct hm_str, n + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(protojson_need_bytes(cx, it.value, "signedTimestamp",
					    &b->timestamps[b->timestamps_n++]));
	return NULL;
}

static hm_err read_material(struct hm_cx *cx, struct json v, struct envelope_bundle *b)
{
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(read_who(cx, v, b));
	HM_TRY(read_entries(cx, json_get(v, "tlogEntries"), b));
	return read_timestamps(cx, json_get(v, "timestampVerificationData"), b);
}

/* --- content --- */

/* HashAlgorithm (sigstore_common.proto). */
static const struct digest_name {
	const char *name;
	enum crypto_digest alg;
} digest_names[] = { { "SHA2_256", CRYPTO_SHA256 },
		     { "SHA2_384", CRYPTO_SHA384 },
		     { "SHA2_512", CRYPTO_SHA512 } };

const char *envelope_bundle_digest_name(enum crypto_digest alg)
{
	for (size_t i = 0; i < HM_LEN(digest_names); i++)
		if (digest_names[i].alg == alg)
			return digest_names[i].name;
	return NULL;
}

static hm_err read_message(struct hm_cx *cx, struct json v, struct envelope_bundle *b)
{
	struct json digest;
	HM_TRY(protojson_need_bytes(cx, v, "signature", &b->signature));
	HM_TRY(json_need(cx, v, "messageDigest", &digest));
	struct hm_str name = json_str(json_get(digest, "algorithm"));
	HM_TRY(protojson_need_bytes(cx, digest, "digest", &b->digest));
	for (size_t i = 0; i < HM_LEN(digest_names); i++) {
		if (!hm_eqz(name, digest_names[i].name))
			continue;
		b->digest_alg = digest_names[i].alg;
		if (b->digest.n == crypto_digest_rows[b->digest_alg].size)
			return NULL;
		return hm_fail(cx, HM_INPUT, "the digest has %zu bytes", b->digest.n);
	}
	return hm_fail(cx, HM_INPUT, "digests of kind \"%.*s\" are not supported", HM_FMT(name));
}

static hm_err read_content(struct hm_cx *cx, struct json top, struct envelope_bundle *b)
{
	struct json message = json_get(top, "messageSignature");
	struct json dsse = json_get(top, "dsseEnvelope");
	if (json_is_there(message) + json_is_there(dsse) != 1)
		return hm_fail(cx, HM_INPUT,
			       "it does not have one of message signature and DSSE envelope");
	if (json_is_there(message))
		return read_message(cx, message, b);
	b->dsse = hm_new(cx, struct envelope, 1);
	HM_TRY(envelope_dsse_read(cx, dsse, b->dsse));
	if (b->dsse->signatures_n != 1)
		return hm_fail(cx, HM_INPUT, "its DSSE envelope has %zu signatures instead of one",
			       b->dsse->signatures_n);
	b->signature = b->dsse->signatures[0].value;
	return NULL;
}

static hm_err read_bundle(struct hm_cx *cx, struct json top, struct envelope_bundle *b)
{
	struct hm_str type;
	struct json material;
	if (!json_is_object(top))
		return hm_fail(cx, HM_INPUT, "it is not a JSON object");
	HM_TRY(json_need_str(cx, top, "mediaType", &type));
	b->version = envelope_bundle_version(type);
	if (!b->version)
		return hm_fail(cx, HM_INPUT, "bundles of type \"%.*s\" are not supported",
			       HM_FMT(type));
	HM_TRY(json_need(cx, top, "verificationMaterial", &material));
	HM_TRY_IN(cx, read_material(cx, material, b), "verification material");
	return read_content(cx, top, b);
}

hm_err envelope_bundle_parse(struct hm_cx *cx, struct hm_str bytes, struct envelope_bundle *out)
{
	struct envelope_bundle b = { 0 };
	struct json top;
	if (bytes.n > HM_MAX_ENVELOPE)
		return hm_fail(cx, HM_LIMIT, "the bundle is too large");
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &top), "bundle");
	hm_err err = read_bundle(cx, top, &b);
	if (err) {
		envelope_bundle_done(&b);
		return hm_wrap(cx, err, "bundle");
	}
	*out = b;
	return NULL;
}
