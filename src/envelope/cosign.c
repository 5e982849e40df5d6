/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cosign.h"

#include "codec/protojson.h"
#include "envelope/dsse.h"
#include "envelope/simplesigning.h"

/* Leaf first, as bundles have it. */
static hm_err read_chain(struct hm_cx *cx, const struct envelope_cosign *c,
			 struct envelope_bundle *b)
{
	if (!c->certificate.n) {
		b->material = BUNDLE_KEY;
		return NULL;
	}
	b->material = BUNDLE_CHAIN;
	HM_TRY_IN(cx,
		  crypto_chain_parse(cx,
				     hm_fmt(cx, "%.*s\n%.*s", HM_FMT(c->certificate),
					    HM_FMT(c->chain)),
				     &b->chain),
		  "certificate");
	return NULL;
}

/* The kind stands in the entry itself. */
static hm_err read_kind(struct hm_cx *cx, struct bundle_entry *e)
{
	struct json top;
	HM_TRY(json_parse(cx, e->body, JSON_STRICT, &top));
	HM_TRY(json_need_str(cx, top, "kind", &e->kind));
	return json_need_str(cx, top, "apiVersion", &e->version);
}

static hm_err read_log_id(struct hm_cx *cx, struct json payload, struct hm_str *out)
{
	struct hm_str hex;
	HM_TRY(json_need_str(cx, payload, "logID", &hex));
	uint8_t *raw = hm_alloc(cx, hex.n / 2 + 1, 1, 1);
	HM_TRY_IN(cx, hm_unhex(cx, hex, raw), "\"logID\"");
	*out = hm_bytes(raw, hex.n / 2);
	return NULL;
}

static hm_err read_entry(struct hm_cx *cx, struct hm_str text, struct bundle_entry *e)
{
	struct json top, payload;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	HM_TRY(json_need(cx, top, "Payload", &payload));
	HM_TRY(protojson_need_bytes(cx, top, "SignedEntryTimestamp", &e->promise));
	HM_TRY(protojson_need_bytes(cx, payload, "body", &e->body));
	HM_TRY(json_need_int(cx, payload, "integratedTime", &e->integrated_time));
	HM_TRY(protojson_number(cx, payload, "logIndex", &e->index));
	HM_TRY(read_log_id(cx, payload, &e->log_id));
	HM_TRY_IN(cx, read_kind(cx, e), "\"body\"");
	return NULL;
}

static hm_err read_proofs(struct hm_cx *cx, const struct envelope_cosign *c,
			  struct envelope_bundle *b)
{
	struct json top;
	b->entries = hm_new(cx, struct bundle_entry, 1);
	b->timestamps = hm_new(cx, struct hm_str, 1);
	if (c->bundle.n) {
		b->entries_n = 1;
		HM_TRY_IN(cx, read_entry(cx, c->bundle, &b->entries[0]), "log entry");
	}
	if (!c->timestamp.n)
		return NULL;
	HM_TRY_IN(cx, json_parse(cx, c->timestamp, JSON_STRICT, &top), "timestamp");
	HM_TRY_IN(cx, protojson_need_bytes(cx, top, "SignedRFC3161Timestamp", &b->timestamps[0]),
		  "timestamp");
	b->timestamps_n = 1;
	return NULL;
}

static hm_err read_content(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
			   const struct envelope_cosign *c, struct envelope_bundle *b)
{
	if (hm_eqz(media_type, ENVELOPE_SIMPLE_TYPE)) {
		if (!c->signature.n)
			return hm_fail(cx, HM_INPUT, "annotation \"%s\" is missing",
				       ENVELOPE_COSIGN_SIGNATURE);
		HM_TRY_IN(cx, protojson_text_bytes(cx, c->signature, &b->signature), "signature");
		b->digest_alg = CRYPTO_SHA256;
		b->digest = crypto_digest_raw(cx, CRYPTO_SHA256, bytes);
		return NULL;
	}
	if (!hm_eqz(media_type, ENVELOPE_DSSE_TYPE))
		return hm_fail(cx, HM_INPUT, "signatures of type \"%.*s\" are not supported",
			       HM_FMT(media_type));
	b->dsse = hm_new(cx, struct envelope, 1);
	HM_TRY(envelope_parse(cx, media_type, bytes, b->dsse));
	if (b->dsse->signatures_n != 1)
		return hm_fail(cx, HM_INPUT, "its DSSE envelope has %zu signatures instead of one",
			       b->dsse->signatures_n);
	b->signature = b->dsse->signatures[0].value;
	return NULL;
}

static hm_err read_all(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
		       const struct envelope_cosign *c, struct envelope_bundle *b)
{
	HM_TRY(read_content(cx, media_type, bytes, c, b));
	HM_TRY(read_chain(cx, c, b));
	return read_proofs(cx, c, b);
}

hm_err envelope_cosign_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
			    const struct envelope_cosign *beside, struct envelope_bundle *out)
{
	struct envelope_bundle b = { 0 };
	hm_err err = read_all(cx, media_type, bytes, beside, &b);
	if (err) {
		envelope_bundle_done(&b);
		return err;
	}
	*out = b;
	return NULL;
}
