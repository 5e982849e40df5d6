/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as an item of Gatekeeper's external data: a verdict is a value, what could not be
 * decided is an error. */
#include "gate/pipeline.h"

/* A verdict's texts, each byte of them escaped. */
enum { ITEM_BYTES = 16 * 1024 * 1024 };

static bool is_type(const struct gate_report *r, const char *type)
{
	return hm_eqz(r->type, type);
}

/* Reports of the signatures that one artifact holds. */
static bool is_beside(const struct gate_report *a, const struct gate_report *b)
{
	return is_type(a, "cosign") && is_type(b, "cosign") && hm_eq(a->digest, b->digest);
}

/* One signature, with what was verified of it. */
static void put_verification(struct json_out *o, const struct gate_report *r)
{
	json_open(o, NULL, '{');
	json_put_str(o, "signature", r->digest);
	json_open(o, "verifications", '[');
	json_open(o, NULL, '{');
	json_put_str(o, "signatureDigest", r->digest);
	json_put_bool(o, "isSuccess", r->good);
	json_put_bool(o, "bundleVerified", r->good && r->in_log);
	if (!r->good)
		json_put_str(o, "error", r->message);
	json_open(o, "keyInformation", '{');
	if (r->is_key) {
		json_put_given(o, "provider", r->issuer);
		json_put_given(o, "name", r->identity);
	}
	json_close(o, '}');
	if (r->good) {
		json_open(o, "summary", '[');
		json_put_str(o, NULL, r->message);
		json_putz(o, NULL,
			  r->is_key ? "the key is in a trust store"
				    : "the certificate is by an authority that is trusted");
		if (r->in_log)
			json_putz(o, NULL, "a transparency log has it");
		json_close(o, ']');
	}
	json_close(o, '}');
	json_close(o, ']');
	json_close(o, '}');
}

static void put_cosign(struct json_out *o, const struct gate_report *all, size_t n, size_t at)
{
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < n; i++)
		if (i == at || is_beside(&all[i], &all[at]))
			put_verification(o, &all[i]);
	json_close(o, ']');
	json_put_given(o, "trustPolicy", all[at].policy);
}

static void put_extensions(struct hm_cx *cx, struct json_out *o, const struct gate_report *all,
			   size_t n, size_t at)
{
	const struct gate_report *r = &all[at];
	struct json creation;
	json_open(o, "extensions", '{');
	json_put_given(o, "Issuer", r->issuer);
	json_put_given(o, "SN", r->identity);
	json_put_given(o, "createdAt", r->created);
	if (r->creation.n && !json_parse(cx, r->creation, JSON_PLAIN, &creation))
		json_put_json(o, "creationInfo", creation);
	if (is_type(r, "cosign"))
		put_cosign(o, all, n, at);
	else if (r->is_signature)
		json_put_given(o, "trustPolicy", r->policy);
	json_put_given(o, "predicateType", r->predicate);
	json_put_given(o, "builder", r->builder);
	json_put_given(o, "level", r->level);
	json_close(o, '}');
}

/* Members as Ratify 1.x writes them (verifierReports of its "0.2.0" report); "name" and "type" are
 * there under their older and their newer names. */
static void put_head(struct hm_cx *cx, struct json_out *o, const struct gate_report *all, size_t n,
		     size_t at)
{
	const struct gate_report *r = &all[at];
	json_put_str(o, "subject", r->subject);
	json_put_bool(o, "isSuccess", r->good);
	json_put_str(o, "name", r->type);
	json_put_str(o, "verifierName", r->type);
	json_put_str(o, "type", r->type);
	json_put_str(o, "verifierType", r->type);
	json_put_str(o, "message", r->message);
	json_put_str(o, "artifactType", r->artifact_type);
	json_put_str(o, "referenceDigest", r->digest);
	put_extensions(cx, o, all, n, at);
}

/* Is this the one of `all` that is written for all signatures of its artifact: the first that is
 * good, or else the first? */
static bool is_written(const struct gate_report *all, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (i != at && is_beside(&all[i], &all[at]) &&
		    (all[i].good != all[at].good ? all[i].good : i < at))
			return false;
	return true;
}

static void put_report(struct hm_cx *cx, struct json_out *o, const struct gate_report *all,
		       size_t n, size_t at)
{
	const struct gate_report *r = &all[at];
	json_open(o, NULL, '{');
	put_head(cx, o, all, n, at);
	/* A signature has no such member at all: Ratify's template for nested results takes an
	 * empty list for evidence without signature. */
	if (!r->is_signature) {
		json_open(o, "nestedResults", '[');
		for (size_t i = 0; i < r->nested_n; i++) {
			if (!is_written(r->nested, r->nested_n, i))
				continue;
			json_open(o, NULL, '{');
			put_head(cx, o, r->nested, r->nested_n, i);
			json_close(o, '}');
		}
		json_close(o, ']');
	}
	json_close(o, '}');
}

/* Members as Ratify writes them, too. What an earlier process decided says so. */
static void put_value(struct hm_cx *cx, struct json_out *o, const struct gate_verdict *v, bool kept)
{
	json_open(o, "value", '{');
	json_putz(o, "version", "0.2.0");
	json_put_bool(o, "isSuccess", v->admitted);
	json_put_bool(o, "succeeded", v->admitted);
	json_put_str(o, "traceID", v->request);
	json_put_str(o, "timestamp", hm_rfc3339(cx, v->made));
	json_put_str(o, "message", v->why);
	json_put_str(o, "digest", v->digest);
	json_open(o, "verifierReports", '[');
	for (size_t i = 0; i < v->reports_n; i++)
		if (is_written(v->reports, v->reports_n, i))
			put_report(cx, o, v->reports, v->reports_n, i);
	json_close(o, ']');
	if (kept)
		json_put_str(o, "kept",
			     hm_fmt(cx, "decided by an earlier process at %.*s",
				    HM_FMT(hm_rfc3339(cx, v->made))));
	json_close(o, '}');
}

hm_err gate_item_write(struct hm_cx *cx, struct hm_str key, const struct gate_entry *e,
		       struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(ITEM_BYTES);
	struct gate_verdict v;
	struct hm_str text;
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "key", key);
	if (e->unknown) {
		json_put_null(&o, "value");
	} else {
		HM_TRY(gate_verdict_unpack(cx, e->text, &v));
		put_value(cx, &o, &v, e->kept);
	}
	json_put_str(&o, "error", e->unknown ? e->why : HM_STR(""));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the answer", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
