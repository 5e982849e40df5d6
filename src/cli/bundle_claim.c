/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle_claim.h"

#include "cli/answer.h"
#include "statement/statement.h"

static hm_err read_all(struct hm_cx *cx, struct hm_str bytes, const struct oci_annotations *beside,
		       struct cli_bundle_claim *c)
{
	struct statement s;
	HM_TRY(trust_bundle_read(cx, c->type, bytes, beside, &c->bundle));
	if (c->bundle.material != BUNDLE_KEY)
		HM_TRY(trust_sigstore_names(cx, &c->bundle, &c->says));
	if (c->bundle.dsse && !statement_parse(cx, c->bundle.dsse->payload, &s))
		c->predicate = s.predicate_type;
	return NULL;
}

void cli_bundle_claim_read(struct hm_cx *cx, struct hm_str bytes,
			   const struct oci_annotations *beside, struct cli_bundle_claim *out)
{
	out->err = read_all(cx, bytes, beside, out);
}

void cli_bundle_claim_done(struct cli_bundle_claim *c)
{
	envelope_bundle_done(&c->bundle);
}

/* When a timestamp says that it was made; empty where it cannot be read. */
static struct hm_str stamp_time(struct hm_cx *cx, const struct cli_bundle_claim *c, size_t i)
{
	CRYPTO_AUTO_TIMESTAMP t = { 0 };
	struct hm_str token;
	if (crypto_timestamp_token(cx, c->bundle.timestamps[i], &token) ||
	    crypto_timestamp_read(cx, token, c->bundle.signature, &t))
		return HM_STR("");
	return hm_rfc3339(cx, t.time);
}

static void put_proofs(struct hm_cx *cx, struct json_out *o, const struct cli_bundle_claim *c)
{
	json_open(o, "logEntries", '[');
	for (size_t i = 0; i < c->bundle.entries_n; i++) {
		const struct bundle_entry *e = &c->bundle.entries[i];
		json_open(o, NULL, '{');
		json_put_str(o, "logID", hm_hex(cx, e->log_id));
		json_put_int(o, "logIndex", (int64_t)e->index);
		if (e->integrated_time)
			json_put_str(o, "integratedTime", hm_rfc3339(cx, e->integrated_time));
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "timestamps", '[');
	for (size_t i = 0; i < c->bundle.timestamps_n; i++)
		json_put_str(o, NULL, stamp_time(cx, c, i));
	json_close(o, ']');
}

void cli_bundle_claim_put(struct hm_cx *cx, struct json_out *o, const struct cli_bundle_claim *c)
{
	json_put_str(o, "digest", c->digest);
	json_putz(o, "format", c->format);
	json_put_str(o, "signatureEnvelopeType", c->type);
	if (c->err) {
		json_putz(o, "error", c->err->why);
		return;
	}
	bool key = c->bundle.material == BUNDLE_KEY;
	json_putz(o, "identityKind", key ? TRUST_KEY_IDENTITY : TRUST_SIGSTORE_IDENTITY);
	json_put_given(o, "keyHint", c->bundle.key_hint);
	json_put_given(o, "identity", c->says.subject);
	json_put_given(o, "issuer", c->says.issuer);
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++)
		json_put_given(o, trust_sigstore_claims[i].name, c->says.claims[i]);
	json_put_given(o, "predicateType", c->predicate);
	put_proofs(cx, o, c);
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *key, struct hm_str value)
{
	if (!value.n)
		return;
	*hm_push(cx, &t->cells) = hm_cstr(key);
	*hm_push(cx, &t->cells) = value;
}

static void add_proofs(struct hm_cx *cx, struct cli_table *t, const struct cli_bundle_claim *c)
{
	for (size_t i = 0; i < c->bundle.entries_n; i++) {
		const struct bundle_entry *e = &c->bundle.entries[i];
		add_row(cx, t, "log index", hm_fmt(cx, "%llu", (unsigned long long)e->index));
		if (e->integrated_time)
			add_row(cx, t, "  logged at", hm_rfc3339(cx, e->integrated_time));
	}
	for (size_t i = 0; i < c->bundle.timestamps_n; i++)
		add_row(cx, t, "timestamp", stamp_time(cx, c, i));
}

void cli_bundle_claim_tabulate(struct hm_cx *cx, const struct cli_bundle_claim *c,
			       struct hm_buf *out)
{
	static const char *const columns[] = { "SIGNATURE", "", NULL };
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	add_row(cx, &t, "digest", c->digest);
	add_row(cx, &t, "format", hm_cstr(c->format));
	add_row(cx, &t, "envelope", c->type);
	if (c->err) {
		add_row(cx, &t, "broken", hm_cstr(c->err->why));
	} else {
		bool key = c->bundle.material == BUNDLE_KEY;
		add_row(cx, &t, "signer", key ? HM_STR("a key") : c->says.subject);
		add_row(cx, &t, "  hint", c->bundle.key_hint);
		add_row(cx, &t, "  issuer", c->says.issuer);
		for (size_t i = 0; i < SIGSTORE_CLAIMS; i++)
			add_row(cx, &t, hm_fmt(cx, "  %s", trust_sigstore_claims[i].name).p,
				c->says.claims[i]);
		add_row(cx, &t, "predicate", c->predicate);
		add_proofs(cx, &t, c);
	}
	cli_table_format(cx, &t, out);
}
