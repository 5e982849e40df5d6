/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "gate/pipeline.h"

/* What each kind of evidence is called, and the artifact types it comes under. */
static const struct evidence_row {
	const char *rule, *type, *noun;
	const char *artifact_types[3];
} rows[] = {
	[GATE_SBOM] = { "sbom",
			"sbom",
			"SBOM",
			{ "application/spdx+json", "application/vnd.cyclonedx+json", NULL } },
	[GATE_SCAN] = { "report",
			"vulnerabilityreport",
			"vulnerability report",
			{ GATE_REPORT_TYPE, NULL } },
};

static bool is_kind(enum gate_evidence kind, struct hm_str artifact_type)
{
	for (const char *const *t = rows[kind].artifact_types; *t; t++)
		if (hm_eqz(artifact_type, *t))
			return true;
	return false;
}

static int newest_first(const void *a, const void *b)
{
	const struct gate_candidate *x = a, *y = b;
	if (x->when != y->when)
		return x->when > y->when ? -1 : 1;
	return hm_cmp(x->descriptor.digest, y->descriptor.digest);
}

/* *out_is: the manifest itself says that it is such evidence about the subject. Its list entry is
 * only the registry's word. */
static hm_err candidate(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
			enum gate_evidence kind, struct gate_candidate *c, bool *out_is)
{
	*out_is = false;
	/* a hundred of them are held at the same time; none that is evidence is that large */
	if (c->descriptor.size > HM_MAX_EVIDENCE_MANIFEST)
		return NULL;
	hm_err err = oci_fetch_manifest(cx, p, &c->descriptor, &c->manifest);
	if (err && err->code == HM_ABSENT)
		return NULL; /* a stale entry of a fallback index */
	HM_TRY_IN(cx, err, "\"%.*s\"", HM_FMT(c->descriptor.digest));
	const struct oci_descriptor *about = &c->manifest.subject;
	/* The type too: a registry that calls an index an image would hide the images behind it. */
	if (c->manifest.kind != OCI_IS_MANIFEST || !hm_eq(about->digest, subject->digest) ||
	    !hm_eq(about->media_type, subject->media_type) || about->size != subject->size ||
	    !is_kind(kind, oci_manifest_artifact_type(&c->manifest)))
		return NULL;
	c->created = oci_annotation_get(&c->manifest.annotations, OCI_CREATED);
	if (hm_rfc3339_parse(cx, c->created, &c->when)) {
		c->when = INT64_MIN;
		c->created = HM_STR("");
	}
	*out_is = true;
	return NULL;
}

hm_err gate_candidates(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		       enum gate_evidence kind, struct gate_candidate **out, size_t *out_n)
{
	struct oci_descriptor *list;
	size_t n;
	HM_TRY(oci_referrers(cx, p, subject, HM_STR(""), &list, &n));
	HM_VEC(struct gate_candidate) found = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (!is_kind(kind, list[i].artifact_type))
			continue;
		if (found.n >= HM_MAX_EVIDENCE)
			return hm_fail(cx, HM_LIMIT, "more than %llu of one kind of evidence",
				       (unsigned long long)HM_MAX_EVIDENCE);
		struct gate_candidate c = { .descriptor = list[i] };
		bool is;
		HM_TRY(candidate(cx, p, subject, kind, &c, &is));
		if (is)
			*hm_push(cx, &found) = c;
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), newest_first);
	*out = found.p;
	*out_n = found.n;
	return NULL;
}

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
	enum gate_evidence kind;
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

/* The content of the chosen evidence; it is what the signature says, so it is parsed here. */
static hm_err content(struct hm_cx *cx, struct check *k, const struct gate_candidate *c,
		      struct hm_str *out)
{
	if (c->manifest.layers_n != 1)
		return hm_fail(cx, HM_INPUT, "it has %zu layers where one is expected",
			       c->manifest.layers_n);
	return oci_fetch(cx, k->p, &c->manifest.layers[0], HM_MAX_JSON, out);
}

static hm_err check_sbom(struct hm_cx *cx, struct check *k, const struct gate_candidate *c)
{
	struct hm_str bytes, type = oci_manifest_artifact_type(&c->manifest);
	HM_TRY(content(cx, k, c, &bytes));
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	for (const struct inventory_format *f = inventory_formats; f->name; f++)
		if (hm_eqz(type, f->media_type) && f->is(doc))
			return NULL;
	return hm_fail(cx, HM_INPUT, "its content is no %.*s document", HM_FMT(type));
}

static hm_err check_age(struct hm_cx *cx, struct check *k, const struct gate_candidate *c,
			struct hm_str again)
{
	int64_t max = k->g->config.max_age, now = hm_now();
	if (!max)
		return NULL;
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
	return NULL;
}

/* Only a report that says so, and no other, says that everything was read. */
static void check_unread(struct hm_cx *cx, struct check *k, const struct advisory_summary *sum,
			 struct hm_str again)
{
	if (!k->g->config.deny_unread)
		return;
	if (!sum->says_unknown)
		finding(cx, k, "unread", false,
			HM_STR("the vulnerability report does not say whether all content could be "
			       "read"),
			again);
	else if (sum->unknown)
		finding(cx, k, "unread", false,
			hm_fmt(cx,
			       "the vulnerability report says that %llu files could not be read",
			       (unsigned long long)sum->unknown),
			again);
	else
		finding(cx, k, "unread", true, HM_STR("all content could be read"), HM_STR(""));
}

static hm_err check_scan(struct hm_cx *cx, struct check *k, const struct gate_candidate *c,
			 struct hm_str again, struct hm_str image)
{
	struct hm_str bytes;
	HM_TRY(content(cx, k, c, &bytes));
	struct advisory_summary sum;
	size_t *n = k->r->severities;
	HM_TRY(advisory_sarif_summary(cx, bytes, &sum));
	memcpy(n, sum.counts, sizeof(sum.counts));
	HM_TRY(check_age(cx, k, c, again));
	check_unread(cx, k, &sum, again);
	size_t max = (size_t)k->g->config.max_severity;
	if (max >= ADVISORY_SEVERITIES)
		return NULL;
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
	return NULL;
}

/* Is the candidate signed by somebody the trust policy believes? Its signatures become the nested
 * results of the report. */
static hm_err check_signature(struct hm_cx *cx, struct check *k, const struct gate_candidate *c,
			      struct trust_verdict *out)
{
	struct trust_verify_options o = {
		.scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(k->t->registry), HM_FMT(k->t->repository)),
		.http = k->g->config.access ? k->g->config.access->http : NULL,
		.patience = k->g->config.patience,
	};
	*out = (struct trust_verdict){ 0 };
	hm_err err = trust_verify(cx, k->s->trust, k->p, &c->descriptor, &o, out);
	if (err && gate_is_unknown(err))
		return err;
	if (err)
		*out = (struct trust_verdict){ .why = hm_cstr(err->why) };
	struct gate_report *r = &k->r->report;
	struct hm_str subject = oci_target_with_digest(cx, k->t, c->descriptor.digest);
	r->digest = c->descriptor.digest;
	r->artifact_type = oci_manifest_artifact_type(&c->manifest);
	r->created = c->created;
	r->nested_n = out->signatures_n;
	r->nested = hm_new(cx, struct gate_report, r->nested_n);
	for (size_t i = 0; i < r->nested_n; i++)
		r->nested[i] = gate_signature_report(cx, &out->signatures[i], subject);
	return NULL;
}

static hm_err check_chosen(struct hm_cx *cx, struct check *k, const struct gate_candidate *c,
			   const struct trust_verdict *v, struct hm_str again, struct hm_str image)
{
	const struct evidence_row *row = &rows[k->kind];
	k->r->valid_until = v->valid_until;
	k->r->report.good = true;
	hm_err err =
		k->kind == GATE_SBOM ? check_sbom(cx, k, c) : check_scan(cx, k, c, again, image);
	if (err && gate_is_unknown(err))
		return err;
	if (err) {
		finding(cx, k, row->rule, false,
			hm_say(cx, "%s \"%.*s\" is signed, but %s", row->noun,
			       HM_FMT(c->descriptor.digest), err->why),
			again);
		return NULL;
	}
	finding(cx, k, row->rule, true, c->descriptor.digest, HM_STR(""));
	if (k->r->report.good)
		k->r->report.message = hm_say(cx, "%s \"%.*s\" is attached and signed", row->noun,
					      HM_FMT(c->descriptor.digest));
	return NULL;
}

hm_err gate_evidence_check(struct hm_cx *cx, const struct gate *g, const struct gate_snapshot *s,
			   struct oci_place *p, const struct oci_target *t,
			   const struct oci_descriptor *subject, enum gate_evidence kind,
			   struct gate_evidence_result *out)
{
	const struct evidence_row *row = &rows[kind];
	struct check k = { g, s, p, t, kind, out };
	struct hm_str image = oci_target_with_digest(cx, t, subject->digest);
	struct hm_str again = release_remedy(cx, t, subject->digest);
	*out = (struct gate_evidence_result){ .valid_until = INT64_MAX };
	out->report = (struct gate_report){ .type = hm_cstr(row->type), .subject = image };
	struct gate_candidate *list;
	size_t n;
	HM_TRY(gate_candidates(cx, p, subject, kind, &list, &n));
	if (!n) {
		finding(cx, &k, row->rule, false, hm_say(cx, "no %s is attached to it", row->noun),
			again);
		return NULL;
	}
	struct hm_str why = HM_STR("");
	for (size_t i = 0; i < n; i++) {
		struct trust_verdict v;
		HM_TRY(check_signature(cx, &k, &list[i], &v));
		if (v.verified)
			return check_chosen(cx, &k, &list[i], &v, again, image);
		why = why.n ? why : v.why;
	}
	struct hm_str bad = oci_target_with_digest(cx, t, list[0].descriptor.digest);
	finding(cx, &k, row->rule, false,
		hm_say(cx, "%s \"%.*s\" has no signature that is believed: %.*s", row->noun,
		       HM_FMT(list[0].descriptor.digest), HM_FMT(why)),
		hm_fmt(cx, "hullmark sign %.*s", HM_FMT(bad)));
	return NULL;
}
