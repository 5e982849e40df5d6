/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

struct gate_report gate_signature_report(struct hm_cx *cx, const struct trust_signature *sig,
					 struct hm_str subject)
{
	return (struct gate_report){
		.type = HM_STR("notation"),
		.artifact_type = HM_STR(TRUST_SIGNATURE_TYPE),
		.digest = sig->descriptor.digest,
		.subject = subject,
		.message = sig->good ? hm_fmt(cx, "signed by \"%.*s\"", HM_FMT(sig->identity))
				     : sig->why,
		.identity = sig->identity,
		.issuer = sig->issuer,
		.good = sig->good,
	};
}

/* One check in progress. */
struct check {
	const struct gate *g;
	const struct gate_snapshot *s;
	struct oci_place *p;
	const struct oci_target *t;
	const struct evidence_kind *kind;
	struct gate_evidence_result *r;
};

static void finding(struct hm_cx *cx, struct check *k, const char *rule, bool good,
		    struct hm_str detail, struct hm_str remedy)
{
	*hm_push(cx, &k->r->findings) = (struct gate_finding){
		.rule = hm_cstr(rule), .good = good, .detail = detail, .remedy = remedy
	};
	if (!good) {
		k->r->report.good = false;
		k->r->report.message = detail;
	}
}

static struct hm_str release_remedy(struct hm_cx *cx, const struct oci_target *t,
				    struct hm_str digest)
{
	struct hm_str image = oci_target_with_digest(cx, t, digest);
	return hm_fmt(cx, "hullmark release %.*s --to %.*s", HM_FMT(image), HM_FMT(image));
}

static void check_age(struct hm_cx *cx, struct check *k, const struct evidence *c,
		      struct hm_str again)
{
	int64_t max = k->g->config.max_age, now = hm_now();
	if (!max)
		return;
	if (c->when == INT64_MIN)
		finding(cx, k, "report-age", false,
			HM_STR("the vulnerability report does not say when it was made"), again);
	else if (c->when > now + CRYPTO_CLOCK_SKEW)
		finding(cx, k, "report-age", false,
			hm_say(cx, "the vulnerability report is from the future (%.*s)",
			       HM_FMT(c->created)),
			again);
	else if (now - c->when > max)
		finding(cx, k, "report-age", false,
			hm_say(cx, "the vulnerability report is %lld hours old, %lld are allowed",
			       (long long)((now - c->when) / 3600), (long long)(max / 3600)),
			again);
	else
		finding(cx, k, "report-age", true, c->created, HM_STR(""));
	if (c->when != INT64_MIN && c->when + max < k->r->valid_until)
		k->r->valid_until = c->when + max;
}

/* Only a report that says so, and no other, says that everything was read. */
static void check_unread(struct hm_cx *cx, struct check *k, const struct evidence_summary *sum,
			 struct hm_str again)
{
	if (!k->g->config.deny_unread)
		return;
	if (!sum->says_unread)
		finding(cx, k, "unread", false,
			HM_STR("the vulnerability report does not say whether all content could be "
			       "read"),
			again);
	else if (sum->unread)
		finding(cx, k, "unread", false,
			hm_fmt(cx,
			       "the vulnerability report says that %llu files could not be read",
			       (unsigned long long)sum->unread),
			again);
	else
		finding(cx, k, "unread", true, HM_STR("all content could be read"), HM_STR(""));
}

static void check_scan(struct hm_cx *cx, struct check *k, const struct evidence *c,
		       const struct evidence_summary *sum, struct hm_str again, struct hm_str image)
{
	const size_t *n = sum->severities;
	check_age(cx, k, c, again);
	check_unread(cx, k, sum, again);
	size_t max = (size_t)k->g->config.max_severity;
	if (max >= ADVISORY_SEVERITIES)
		return;
	size_t above = 0, worst = 0;
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++) {
		above += i > max ? n[i] : 0;
		worst = n[i] ? i : worst;
	}
	struct hm_str detail =
		hm_fmt(cx,
		       "the vulnerability report lists %zu critical, %zu high, %zu medium, %zu low "
		       "and %zu unknown; %s is the worst that is allowed",
		       n[ADVISORY_CRITICAL], n[ADVISORY_HIGH], n[ADVISORY_MEDIUM], n[ADVISORY_LOW],
		       n[ADVISORY_UNKNOWN], advisory_severity_names[max]);
	finding(cx, k, "report-severity", above == 0, detail,
		above ? hm_fmt(cx, "hullmark scan %.*s --fail-on %s", HM_FMT(image),
			       advisory_severity_names[worst])
		      : HM_STR(""));
}

/* The evidence and its signatures, as a provider's report has them. */
static void fill_report(struct hm_cx *cx, struct check *k, const struct evidence *e,
			const struct trust_verdict *signers)
{
	struct gate_report *r = &k->r->report;
	struct hm_str subject = oci_target_with_digest(cx, k->t, e->descriptor.digest);
	r->digest = e->descriptor.digest;
	r->artifact_type = oci_manifest_artifact_type(&e->manifest);
	r->created = e->created;
	r->nested_n = signers->signatures_n;
	r->nested = hm_new(cx, struct gate_report, r->nested_n);
	for (size_t i = 0; i < r->nested_n; i++)
		r->nested[i] = gate_signature_report(cx, &signers->signatures[i], subject);
}

static hm_err check_chosen(struct hm_cx *cx, struct check *k, const struct evidence *e,
			   struct hm_str again, struct hm_str image)
{
	struct evidence_summary sum;
	const struct evidence_kind *kind = k->kind;
	k->r->report.good = true;
	hm_err err = evidence_read(cx, k->p, e, &sum);
	if (err && evidence_is_undecided(err))
		return err;
	if (err) {
		finding(cx, k, kind->name, false,
			hm_say(cx, "%s \"%.*s\" is signed, but %s", kind->noun,
			       HM_FMT(e->descriptor.digest), err->why),
			again);
		return NULL;
	}
	memcpy(k->r->severities, sum.severities, sizeof(sum.severities));
	if (kind == &evidence_kind_report)
		check_scan(cx, k, e, &sum, again, image);
	finding(cx, k, kind->name, true, e->descriptor.digest, HM_STR(""));
	if (k->r->report.good)
		k->r->report.message = hm_say(cx, "%s \"%.*s\" is attached and signed", kind->noun,
					      HM_FMT(e->descriptor.digest));
	return NULL;
}

hm_err gate_evidence_check(struct hm_cx *cx, const struct gate *g, const struct gate_snapshot *s,
			   struct oci_place *p, const struct oci_target *t,
			   const struct oci_descriptor *subject, const struct evidence_kind *kind,
			   struct gate_evidence_result *out)
{
	struct check k = { g, s, p, t, kind, out };
	struct hm_str image = oci_target_with_digest(cx, t, subject->digest);
	struct hm_str again = release_remedy(cx, t, subject->digest);
	struct evidence_choice c;
	struct evidence_source source = {
		.place = p,
		.trust = s->trust,
		.options = { .scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry),
					     HM_FMT(t->repository)),
			     .http = g->config.access ? g->config.access->http : NULL,
			     .patience = g->config.patience },
	};
	*out = (struct gate_evidence_result){ .valid_until = INT64_MAX };
	out->report = (struct gate_report){ .type = hm_cstr(kind->report_type), .subject = image };
	HM_TRY(evidence_choose(cx, &source, subject, kind, &c));
	if (!c.n) {
		finding(cx, &k, kind->name, false,
			hm_say(cx, "no %s is attached to it", kind->noun), again);
		return NULL;
	}
	fill_report(cx, &k, c.last, &c.signers);
	if (c.chosen) {
		out->valid_until = c.signers.valid_until;
		return check_chosen(cx, &k, c.chosen, again, image);
	}
	struct hm_str bad = oci_target_with_digest(cx, t, c.list[0].descriptor.digest);
	finding(cx, &k, kind->name, false,
		hm_say(cx, "%s \"%.*s\" has no signature that is believed: %.*s", kind->noun,
		       HM_FMT(c.list[0].descriptor.digest), HM_FMT(c.why)),
		hm_fmt(cx, "hullmark sign %.*s", HM_FMT(bad)));
	return NULL;
}
