/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "envelope/dsse.h"

/* Bytes are standard base64, 64-bit numbers texts (protobuf.dev, ProtoJSON format). */

static void put_bytes(struct hm_cx *cx, struct json_out *o, const char *key, struct hm_str bytes)
{
	json_put_str(o, key, base64_format(cx, BASE64_STD, bytes));
}

static void put_number(struct hm_cx *cx, struct json_out *o, const char *key, uint64_t n)
{
	json_put_str(o, key, hm_fmt(cx, "%llu", (unsigned long long)n));
}

/* {KEY: {INNER: BYTES}} */
static void put_wrapped(struct hm_cx *cx, struct json_out *o, const char *key, const char *inner,
			struct hm_str bytes)
{
	json_open(o, key, '{');
	put_bytes(cx, o, inner, bytes);
	json_close(o, '}');
}

static void put_proof(struct hm_cx *cx, struct json_out *o, const struct bundle_entry *e)
{
	json_open(o, "inclusionProof", '{');
	put_number(cx, o, "logIndex", e->proof_index);
	put_bytes(cx, o, "rootHash", e->root);
	put_number(cx, o, "treeSize", e->proof_size);
	json_open(o, "hashes", '[');
	for (size_t i = 0; i < e->hashes_n; i++)
		put_bytes(cx, o, NULL, e->hashes[i]);
	json_close(o, ']');
	json_open(o, "checkpoint", '{');
	json_put_str(o, "envelope", e->checkpoint);
	json_close(o, '}');
	json_close(o, '}');
}

static void put_entry(struct hm_cx *cx, struct json_out *o, const struct bundle_entry *e)
{
	json_open(o, NULL, '{');
	put_number(cx, o, "logIndex", e->index);
	put_wrapped(cx, o, "logId", "keyId", e->log_id);
	json_open(o, "kindVersion", '{');
	json_put_str(o, "kind", e->kind);
	json_put_str(o, "version", e->version);
	json_close(o, '}');
	if (e->integrated_time)
		put_number(cx, o, "integratedTime", (uint64_t)e->integrated_time);
	if (e->promise.n)
		put_wrapped(cx, o, "inclusionPromise", "signedEntryTimestamp", e->promise);
	if (e->has_proof)
		put_proof(cx, o, e);
	put_bytes(cx, o, "canonicalizedBody", e->body);
	json_close(o, '}');
}

static void put_material(struct hm_cx *cx, struct json_out *o, const struct envelope_bundle *b)
{
	json_open(o, "verificationMaterial", '{');
	if (b->material == BUNDLE_KEY) {
		json_open(o, "publicKey", '{');
		json_put_given(o, "hint", b->key_hint);
		json_close(o, '}');
	} else {
		put_wrapped(cx, o, "certificate", "rawBytes", b->chain.der[0]);
	}
	if (b->entries_n) {
		json_open(o, "tlogEntries", '[');
		for (size_t i = 0; i < b->entries_n; i++)
			put_entry(cx, o, &b->entries[i]);
		json_close(o, ']');
	}
	if (b->timestamps_n) {
		json_open(o, "timestampVerificationData", '{');
		json_open(o, "rfc3161Timestamps", '[');
		for (size_t i = 0; i < b->timestamps_n; i++)
			put_wrapped(cx, o, NULL, "signedTimestamp", b->timestamps[i]);
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void put_message(struct hm_cx *cx, struct json_out *o, const struct envelope_bundle *b)
{
	json_open(o, "messageSignature", '{');
	json_open(o, "messageDigest", '{');
	json_putz(o, "algorithm", envelope_bundle_digest_name(b->digest_alg));
	put_bytes(cx, o, "digest", b->digest);
	json_close(o, '}');
	put_bytes(cx, o, "signature", b->signature);
	json_close(o, '}');
}

hm_err envelope_bundle_write(struct hm_cx *cx, const struct envelope_bundle *b, struct hm_str *out)
{
	HM_AUTO_BUF buf = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&buf, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_putz(&o, "mediaType", ENVELOPE_BUNDLE_TYPE);
	put_material(cx, &o, b);
	if (b->dsse) {
		json_open(&o, "dsseEnvelope", '{');
		envelope_dsse_put(cx, &o, b->dsse);
		json_close(&o, '}');
	} else {
		put_message(cx, &o, b);
	}
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &buf, "the bundle", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
