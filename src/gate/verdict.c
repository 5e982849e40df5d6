/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

void gate_verdict_close(struct hm_cx *cx, struct gate_verdict *v)
{
	const struct gate_finding *no = NULL, *unknown = NULL;
	for (size_t i = 0; i < v->findings_n; i++) {
		const struct gate_finding *f = &v->findings[i];
		if (!f->good && f->unknown && !unknown)
			unknown = f;
		else if (!f->good && !f->unknown && !no)
			no = f;
	}
	v->admitted = v->findings_n && !no && !unknown;
	/* A rule that is broken for certain is a denial, whatever else could not be decided. */
	v->unknown = !no && (unknown || !v->findings_n);
	v->why = HM_STR("");
	if (no)
		v->why = hm_say(cx, "image \"%.*s\" is denied by rule \"%.*s\": %.*s; remedy: %.*s",
				HM_FMT(v->image), HM_FMT(no->rule), HM_FMT(no->detail),
				HM_FMT(no->remedy));
	else if (unknown)
		v->why = hm_say(
			cx,
			"image \"%.*s\" is not admitted: rule \"%.*s\" could not be decided: "
			"%.*s; remedy: try again",
			HM_FMT(v->image), HM_FMT(unknown->rule), HM_FMT(unknown->detail));
	int64_t now = hm_now();
	if (!v->admitted)
		v->valid_until = now + (v->unknown ? GATE_UNKNOWN_SECONDS : GATE_DENIAL_SECONDS);
	else if (v->valid_until > now + GATE_VERDICT_SECONDS)
		v->valid_until = now + GATE_VERDICT_SECONDS;
}

void gate_verdict_of(struct hm_cx *cx, struct gate_verdict *v, struct gate_finding finding)
{
	v->findings = hm_new(cx, struct gate_finding, 1);
	v->findings[0] = finding;
	v->findings_n = 1;
	v->valid_until = INT64_MAX;
	gate_verdict_close(cx, v);
}

struct gate_report gate_report_copy(struct hm_cx *to, const struct gate_report *r)
{
	struct gate_report c = *r;
	c.type = hm_dup(to, r->type);
	c.artifact_type = hm_dup(to, r->artifact_type);
	c.digest = hm_dup(to, r->digest);
	c.subject = hm_dup(to, r->subject);
	c.message = hm_dup(to, r->message);
	c.identity = hm_dup(to, r->identity);
	c.issuer = hm_dup(to, r->issuer);
	c.created = hm_dup(to, r->created);
	c.nested = hm_new(to, struct gate_report, r->nested_n);
	/* Signatures of evidence have nothing nested of their own: two levels in all. */
	for (size_t i = 0; i < r->nested_n; i++) {
		const struct gate_report *n = &r->nested[i];
		c.nested[i] = (struct gate_report){
			.type = hm_dup(to, n->type),
			.artifact_type = hm_dup(to, n->artifact_type),
			.digest = hm_dup(to, n->digest),
			.subject = hm_dup(to, n->subject),
			.message = hm_dup(to, n->message),
			.identity = hm_dup(to, n->identity),
			.issuer = hm_dup(to, n->issuer),
			.good = n->good,
		};
	}
	return c;
}

/* What signatures say of themselves is anybody's, and as long as they like: hundreds of them must
 * fit into one answer. */
enum { TEXT_BYTES = 1024, VALUE_BYTES = 4 * 1024 * 1024 };

static struct hm_str cut(struct hm_str text)
{
	return hm_sub(text, 0, TEXT_BYTES);
}

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
	json_put_str(o, "message", cut(r->message));
	json_put_str(o, "artifactType", r->artifact_type);
	json_put_str(o, "referenceDigest", r->digest);
	json_open(o, "extensions", '{');
	json_put_given(o, "Issuer", cut(r->issuer));
	json_put_given(o, "SN", cut(r->identity));
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

hm_err gate_verdict_value(struct hm_cx *cx, const struct gate_verdict *v, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(VALUE_BYTES);
	struct hm_str text;
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "version", "0.2.0");
	json_put_bool(&o, "isSuccess", v->admitted);
	json_put_bool(&o, "succeeded", v->admitted);
	json_putz(&o, "traceID", cx->request_id ? cx->request_id : "");
	json_put_str(&o, "timestamp", hm_rfc3339(cx, hm_now()));
	json_put_str(&o, "message", v->why);
	json_put_str(&o, "digest", v->digest);
	json_open(&o, "verifierReports", '[');
	for (size_t i = 0; i < v->reports_n; i++)
		put_report(&o, &v->reports[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the verdict", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
