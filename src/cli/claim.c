/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/claim.h"

#include "cli/answer.h"

static void put_certificates(struct hm_cx *cx, struct json_out *o, const struct crypto_chain *c)
{
	json_open(o, "certificates", '[');
	for (size_t i = 0; i < c->n; i++) {
		struct crypto_certificate_info info;
		if (crypto_certificate_info(cx, c, i, &info))
			continue;
		json_open(o, NULL, '{');
		json_put_str(o, "SHA256Fingerprint", info.sha256);
		json_put_str(o, "issuedTo", info.subject);
		json_put_str(o, "issuedBy", info.issuer);
		json_put_str(o, "expiry", hm_rfc3339(cx, info.not_after));
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* What a token says, as a text of notation's: between which times it was made. */
static struct hm_str format_span(struct hm_cx *cx, const struct crypto_timestamp *t)
{
	return hm_fmt(cx, "[%s, %s]", hm_rfc3339(cx, t->earliest).p, hm_rfc3339(cx, t->latest).p);
}

static void put_timestamp(struct hm_cx *cx, struct json_out *o, const struct envelope_signature *e)
{
	CRYPTO_AUTO_TIMESTAMP t = { 0 };
	hm_err err = crypto_timestamp_read(cx, e->timestamp, e->value, &t);
	json_open(o, "timestampSignature", '{');
	if (err) {
		json_putz(o, "error", err->why);
	} else {
		json_put_str(o, "timestamp", format_span(cx, &t));
		put_certificates(cx, o, &t.chain);
	}
	json_close(o, '}');
}

static void put_target(struct hm_cx *cx, struct json_out *o, struct hm_str payload)
{
	struct oci_descriptor target;
	if (trust_payload_parse(cx, payload, &target))
		return;
	json_open(o, "signedArtifact", '{');
	json_put_str(o, "mediaType", target.media_type);
	json_put_str(o, "digest", target.digest);
	json_put_int(o, "size", (int64_t)target.size);
	json_close(o, '}');
	json_open(o, "userDefinedAttributes", '{');
	for (size_t i = 0; i < target.annotations.n; i++) {
		json_key(o, target.annotations.p[i].key);
		json_put_str(o, NULL, target.annotations.p[i].value);
	}
	json_close(o, '}');
}

void cli_claim_put(struct hm_cx *cx, struct json_out *o, const struct cli_claim *s)
{
	const struct envelope_signature *e = s->claim.signature;
	const struct envelope_notary *notary = s->claim.notary;
	json_put_given(o, "digest", s->digest);
	json_put_str(o, "signatureEnvelopeType", s->type);
	if (s->err) {
		json_putz(o, "error", s->err->why);
		return;
	}
	json_putz(o, "signatureAlgorithm", crypto_alg_rows[e->alg].name);
	json_open(o, "signedAttributes", '{');
	json_put_str(o, "contentType", s->claim.envelope.content_type);
	json_putz(o, "signingScheme",
		  notary->scheme == ENVELOPE_X509 ? "notary.x509" : "notary.x509.signingAuthority");
	json_put_str(o, "signingTime", hm_rfc3339(cx, notary->signing_time));
	if (notary->expiry)
		json_put_str(o, "expiry", hm_rfc3339(cx, notary->expiry));
	for (size_t i = 0; i < e->attributes_n; i++) {
		json_key(o, e->attributes[i].name);
		json_put_str(o, NULL, e->attributes[i].json);
	}
	json_close(o, '}');
	json_open(o, "unsignedAttributes", '{');
	json_put_given(o, "signingAgent", notary->signing_agent);
	json_put_bool(o, "timestamped", e->timestamp.n > 0);
	if (e->timestamp.n)
		put_timestamp(cx, o, e);
	json_close(o, '}');
	put_target(cx, o, s->claim.envelope.payload);
	put_certificates(cx, o, &e->chain);
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *key, struct hm_str value)
{
	*hm_push(cx, &t->cells) = hm_cstr(key);
	*hm_push(cx, &t->cells) = value;
}

static void tabulate_timestamp(struct hm_cx *cx, struct cli_table *t,
			       const struct envelope_signature *e)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_certificate_info authority;
	hm_err err = crypto_timestamp_read(cx, e->timestamp, e->value, &stamp);
	add_row(cx, t, "timestamp", err ? hm_cstr(err->why) : format_span(cx, &stamp));
	if (!err && stamp.chain.n && !crypto_certificate_info(cx, &stamp.chain, 0, &authority))
		add_row(cx, t, "  authority", authority.subject);
}

void cli_claim_tabulate(struct hm_cx *cx, const struct cli_claim *s, struct hm_buf *out)
{
	static const char *const columns[] = { "SIGNATURE", "", NULL };
	const struct envelope_signature *e = s->claim.signature;
	const struct envelope_notary *notary = s->claim.notary;
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	if (s->digest.n)
		add_row(cx, &t, "digest", s->digest);
	add_row(cx, &t, "envelope", s->type);
	if (s->err) {
		add_row(cx, &t, "broken", hm_cstr(s->err->why));
		cli_table_format(cx, &t, out);
		return;
	}
	add_row(cx, &t, "algorithm", hm_cstr(crypto_alg_rows[e->alg].name));
	add_row(cx, &t, "signing time", hm_rfc3339(cx, notary->signing_time));
	add_row(cx, &t, "expiry", notary->expiry ? hm_rfc3339(cx, notary->expiry) : HM_STR("-"));
	add_row(cx, &t, "signing agent", notary->signing_agent);
	if (e->timestamp.n)
		tabulate_timestamp(cx, &t, e);
	else
		add_row(cx, &t, "timestamp", HM_STR("no"));
	for (size_t i = 0; i < e->chain.n; i++) {
		struct crypto_certificate_info info;
		if (crypto_certificate_info(cx, &e->chain, i, &info))
			continue;
		add_row(cx, &t, i ? "issued by" : "signer", info.subject);
		add_row(cx, &t, "  sha256", info.sha256);
		add_row(cx, &t, "  expires", hm_rfc3339(cx, info.not_after));
	}
	add_row(cx, &t, "payload", s->claim.envelope.payload);
	cli_table_format(cx, &t, out);
}
