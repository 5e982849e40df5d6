/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of transparency logs: Rekor's first version (openapi.yaml) and its second
 * (rekor-tiles, rekor_service.proto). */
#include "codec/base64.h"
#include "codec/protojson.h"
#include "trust/sigstore/seal.h"

static void put_bytes(struct hm_cx *cx, struct json_out *o, const char *key, struct hm_str bytes)
{
	json_put_str(o, key, base64_format(cx, BASE64_STD, bytes));
}

/* --- the second version --- */

/* PublicKeyDetails (sigstore_common.proto). */
static const char *find_details(enum crypto_alg alg)
{
	static const struct {
		enum crypto_alg alg;
		const char *name;
	} names[] = { { CRYPTO_ES256_DER, "PKIX_ECDSA_P256_SHA_256" },
		      { CRYPTO_ES384_DER, "PKIX_ECDSA_P384_SHA_384" },
		      { CRYPTO_ES512_DER, "PKIX_ECDSA_P521_SHA_512" } };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (names[i].alg == alg)
			return names[i].name;
	return NULL;
}

static hm_err put_verifier(struct hm_cx *cx, struct json_out *o, const struct sigstore_draft *d)
{
	bool by_key = d->bundle.material == BUNDLE_KEY;
	struct hm_str der;
	HM_TRY(crypto_public_key_der(cx, &d->own, &der));
	json_open(o, "verifier", '{');
	json_open(o, by_key ? "publicKey" : "x509Certificate", '{');
	put_bytes(cx, o, "rawBytes", by_key ? der : d->bundle.chain.der[0]);
	json_close(o, '}');
	json_putz(o, "keyDetails", find_details(d->key.alg));
	json_close(o, '}');
	return NULL;
}

/* Of an envelope too it has the signature alone, over the envelope's signed bytes. */
static hm_err put_second(struct hm_cx *cx, struct json_out *o, const struct sigstore_draft *d)
{
	struct hm_str digest = d->bundle.digest;
	if (d->bundle.dsse)
		digest = crypto_digest_raw(cx, crypto_alg_rows[d->key.alg].digest,
					   d->dsse_signature.signed_bytes);
	json_open(o, "hashedRekordRequestV002", '{');
	put_bytes(cx, o, "digest", digest);
	json_open(o, "signature", '{');
	put_bytes(cx, o, "content", d->bundle.signature);
	HM_TRY(put_verifier(cx, o, d));
	json_close(o, '}');
	json_close(o, '}');
	return NULL;
}

static hm_err read_second(struct hm_cx *cx, struct hm_str text, const char *kind,
			  struct bundle_entry *out)
{
	(void)kind; /* it says so itself */
	return envelope_bundle_entry_parse(cx, text, out);
}

/* --- the first --- */

static hm_err verifier_pem(struct hm_cx *cx, const struct sigstore_draft *d, struct hm_str *out)
{
	struct hm_str der;
	HM_TRY(crypto_public_key_der(cx, &d->own, &der));
	*out = d->bundle.material == BUNDLE_KEY
		       ? trust_sigstore_pem(cx, "PUBLIC KEY", der)
		       : trust_sigstore_pem(cx, "CERTIFICATE", d->bundle.chain.der[0]);
	return NULL;
}

static void put_first_message(struct hm_cx *cx, struct json_out *o, const struct sigstore_draft *d,
			      struct hm_str pem)
{
	json_open(o, "signature", '{');
	put_bytes(cx, o, "content", d->bundle.signature);
	json_open(o, "publicKey", '{');
	put_bytes(cx, o, "content", pem);
	json_close(o, '}');
	json_close(o, '}');
	json_open(o, "data", '{');
	json_open(o, "hash", '{');
	json_putz(o, "algorithm", crypto_digest_rows[d->bundle.digest_alg].name);
	json_put_str(o, "value", hm_hex(cx, d->bundle.digest));
	json_close(o, '}');
	json_close(o, '}');
}

/* The envelope is a text within the document. */
static hm_err put_first_envelope(struct hm_cx *cx, struct json_out *o,
				 const struct sigstore_draft *d, struct hm_str pem)
{
	struct hm_str text;
	HM_TRY(envelope_dsse_write(cx, d->bundle.dsse, &text));
	json_open(o, "proposedContent", '{');
	json_put_str(o, "envelope", text);
	json_open(o, "verifiers", '[');
	put_bytes(cx, o, NULL, pem);
	json_close(o, ']');
	json_close(o, '}');
	return NULL;
}

static hm_err put_first(struct hm_cx *cx, struct json_out *o, const struct sigstore_draft *d)
{
	struct hm_str pem;
	HM_TRY(verifier_pem(cx, d, &pem));
	json_putz(o, "apiVersion", "0.0.1");
	json_putz(o, "kind", d->bundle.dsse ? "dsse" : "hashedrekord");
	json_open(o, "spec", '{');
	if (d->bundle.dsse)
		HM_TRY(put_first_envelope(cx, o, d, pem));
	else
		put_first_message(cx, o, d, pem);
	json_close(o, '}');
	return NULL;
}

/* What the first version writes in hexadecimal. */
static hm_err read_hex(struct hm_cx *cx, struct hm_str hex, struct hm_str *out)
{
	uint8_t *raw = hm_alloc(cx, hex.n / 2 + 1, 1, 1);
	HM_TRY(hm_unhex(cx, hex, raw));
	*out = hm_bytes(raw, hex.n / 2);
	return NULL;
}

static hm_err read_hex_member(struct hm_cx *cx, struct json v, const char *key, struct hm_str *out)
{
	struct hm_str hex;
	HM_TRY(json_need_str(cx, v, key, &hex));
	HM_TRY_IN(cx, read_hex(cx, hex, out), "\"%s\"", key);
	return NULL;
}

static hm_err read_proof(struct hm_cx *cx, struct json v, struct bundle_entry *e)
{
	struct json list = json_get(v, "hashes");
	e->has_proof = true;
	HM_TRY(protojson_number(cx, v, "logIndex", &e->proof_index));
	HM_TRY(protojson_number(cx, v, "treeSize", &e->proof_size));
	HM_TRY(read_hex_member(cx, v, "rootHash", &e->root));
	HM_TRY(json_need_str(cx, v, "checkpoint", &e->checkpoint));
	if (json_size(list) > HM_MAX_BUNDLE_HASHES)
		return hm_fail(cx, HM_LIMIT, "it has too many hashes");
	e->hashes = hm_new(cx, struct hm_str, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(read_hex(cx, json_str(it.value), &e->hashes[e->hashes_n++]));
	return NULL;
}

static hm_err read_entry(struct hm_cx *cx, struct json v, struct bundle_entry *e)
{
	struct json more = json_get(v, "verification"), proof = json_get(more, "inclusionProof");
	HM_TRY(protojson_need_bytes(cx, v, "body", &e->body));
	HM_TRY(json_need_int(cx, v, "integratedTime", &e->integrated_time));
	HM_TRY(read_hex_member(cx, v, "logID", &e->log_id));
	HM_TRY(protojson_number(cx, v, "logIndex", &e->index));
	HM_TRY(protojson_need_bytes(cx, more, "signedEntryTimestamp", &e->promise));
	if (!json_is_there(proof))
		return hm_fail(cx, HM_INPUT, "it has no inclusion proof");
	HM_TRY_IN(cx, read_proof(cx, proof, e), "inclusion proof");
	return NULL;
}

/* {UUID: ENTRY} */
hm_err trust_sigstore_log_answer_parse(struct hm_cx *cx, struct hm_str text, const char *kind,
				       struct bundle_entry *out)
{
	struct json top;
	struct bundle_entry e = { .kind = hm_cstr(kind), .version = HM_STR("0.0.1") };
	if (text.n > HM_MAX_LOG_ANSWER)
		return hm_fail(cx, HM_LIMIT, "the answer is too large");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &top), "the log's entry");
	struct json_iter it = json_iter(top);
	if (!json_is_object(top) || json_size(top) != 1 || !json_next(&it))
		return hm_fail(cx, HM_INPUT, "the answer does not have one entry");
	HM_TRY_IN(cx, read_entry(cx, it.value, &e), "the log's entry");
	*out = e;
	return NULL;
}

/* --- both --- */

static const struct log_version {
	const char *path;
	HM_MUST hm_err (*put)(struct hm_cx *cx, struct json_out *o, const struct sigstore_draft *d);
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct hm_str text, const char *kind,
			       struct bundle_entry *out);
} log_versions[] = {
	{ "/api/v1/log/entries", put_first, trust_sigstore_log_answer_parse },
	{ "/api/v2/log/entries", put_second, read_second },
};

static hm_err enter(struct hm_cx *cx, const struct sigstore_draft *d,
		    const struct sigstore_service *service, struct bundle_entry *out)
{
	const struct log_version *v = &log_versions[service->version - 1];
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct sigstore_request q = { .url = service->url,
				      .path = v->path,
				      .max = HM_MAX_LOG_ANSWER };
	struct hm_str answer;
	json_open(&o, NULL, '{');
	HM_TRY(v->put(cx, &o, d));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the request", &q.body));
	HM_TRY(trust_sigstore_ask(cx, d->s->http, &q, &answer));
	return v->read(cx, answer, d->bundle.dsse ? "dsse" : "hashedrekord", out);
}

hm_err trust_sigstore_enter(struct hm_cx *cx, struct sigstore_draft *d)
{
	struct sigstore_chosen those;
	struct envelope_bundle *b = &d->bundle;
	HM_TRY(trust_sigstore_services_choose(cx, &d->s->services->logs, "transparency logs",
					      d->s->highest_log ? d->s->highest_log
								: HM_LEN(log_versions),
					      d->now, &those));
	if (those.n && !find_details(d->key.alg))
		return hm_hint(
			cx,
			hm_fail(cx, HM_USAGE, "transparency logs do not take %s",
				crypto_alg_rows[d->key.alg].name),
			"use a key on one of the curves P-256, P-384 and P-521, or a signing "
			"configuration without logs");
	b->entries = hm_new(cx, struct bundle_entry, those.n + 1);
	for (; b->entries_n < those.n; b->entries_n++)
		HM_TRY_IN(cx, enter(cx, d, those.p[b->entries_n], &b->entries[b->entries_n]),
			  "transparency log \"%.*s\"", HM_FMT(those.p[b->entries_n]->url));
	return NULL;
}
