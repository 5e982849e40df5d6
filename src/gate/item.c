/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as an item of Gatekeeper's external data: a verdict is a value, what could not be
 * decided is an error. */
#include "gate/pipeline.h"

/* A verdict's texts, each byte of them escaped. */
enum { ITEM_BYTES = 16 * 1024 * 1024 };

/* Members as Ratify 1.x writes them (verifierReports of its "0.2.0" report); "name" and "type" are
 * there under their older and their newer names. */
static void put_report_head(struct json_out *o, const struct gate_report *r)
{
	json_put_str(o, "subject", r->subject);
	json_put_bool(o, "isSuccess", r->good);
	json_put_str(o, "name", r->type);
	json_put_str(o, "verifierName", r->type);
	json_put_str(o, "type", r->type);
	json_put_str(o, "verifierType", r->type);
	json_put_str(o, "message", r->message);
	json_put_str(o, "artifactType", r->artifact_type);
	json_put_str(o, "referenceDigest", r->digest);
	json_open(o, "extensions", '{');
	json_put_given(o, "Issuer", r->issuer);
	json_put_given(o, "SN", r->identity);
	json_put_given(o, "createdAt", r->created);
	json_close(o, '}');
}

static void put_report(struct json_out *o, const struct gate_report *r)
{
	json_open(o, NULL, '{');
	put_report_head(o, r);
	/* A signature has no such member at all: Ratify's template for nested results takes an
	 * empty list for evidence without signature. */
	if (!hm_eqz(r->type, "notation")) {
		json_open(o, "nestedResults", '[');
		for (size_t i = 0; i < r->nested_n; i++) {
			json_open(o, NULL, '{');
			put_report_head(o, &r->nested[i]);
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
		put_report(o, &v->reports[i]);
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
