/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define SBOM                                                                            \
	"{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\",\"name\":\"x\"," \
	"\"dataLicense\":\"CC0-1.0\",\"documentNamespace\":\"https://example.com/x\","  \
	"\"creationInfo\":{\"created\":\"2026-01-01T00:00:00Z\",\"creators\":[\"Tool: t\"]},\"packages\":[]}"
#define REPORT(severity)                                                                                           \
	"{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\",\"rules\":[]}},"                   \
	"\"results\":[{\"ruleId\":\"CVE-1\",\"message\":{\"text\":\"x\"},\"properties\":{\"severity\":\"" severity \
	"\"}}]}]}"

/* What is attached to each platform's image, and the verdict. */
static const struct decide_case {
	const char *label;
	size_t platforms;          /* 0: the image itself; else an index of so many */
	const char *sbom, *report; /* of the first platform; the others have good ones */
	unsigned policies;         /* 0: both */
	enum advisory_severity max;
	int64_t age; /* of the report, in hours */
	bool admitted, unknown;
	const char *why; /* NULL: admitted */
} cases[] = {
	{ "both are attached", 0, SBOM, REPORT("low"), .max = ADVISORY_SEVERITIES,
	  .admitted = true },
	{ "both are attached to each of two", 2, SBOM, REPORT("low"), .max = ADVISORY_SEVERITIES,
	  .admitted = true },
	{ "the worst that is allowed", 0, SBOM, REPORT("high"), .max = ADVISORY_HIGH,
	  .admitted = true },
	{ "a report of yesterday", 0, SBOM, REPORT("low"), .max = ADVISORY_SEVERITIES, .age = 24,
	  .admitted = true },
	{ "nothing, where only signatures are asked for", 0, .policies = GATE_SIGNED,
	  .max = ADVISORY_SEVERITIES, .admitted = true },
	{ "no SBOM", 0, NULL, REPORT("low"), .max = ADVISORY_SEVERITIES,
	  .why = "denied by rule \"sbom\": no SBOM is attached" },
	{ "no report", 0, SBOM, NULL, .max = ADVISORY_SEVERITIES,
	  .why = "denied by rule \"report\": no vulnerability report is attached" },
	{ "no report of one platform of two", 2, SBOM, NULL, .max = ADVISORY_SEVERITIES,
	  .why = "denied by rule \"report\": linux/p0: no vulnerability report" },
	{ "an SBOM that is none", 0, "{}", REPORT("low"), .max = ADVISORY_SEVERITIES,
	  .why = "denied by rule \"sbom\": SBOM \"sha256:" },
	{ "a report that is none", 0, SBOM, "{}", .max = ADVISORY_SEVERITIES,
	  .why = "denied by rule \"report\": vulnerability report \"sha256:" },
	{ "worse than is allowed", 0, SBOM, REPORT("critical"), .max = ADVISORY_HIGH,
	  .why = "denied by rule \"report-severity\"" },
	{ "worse than is allowed on one platform of two", 2, SBOM, REPORT("critical"),
	  .max = ADVISORY_HIGH, .why = "denied by rule \"report-severity\": linux/p0: " },
	{ "an old report", 0, SBOM, REPORT("low"), .max = ADVISORY_SEVERITIES, .age = 49,
	  .why = "denied by rule \"report-age\"" },
	{ "a report of tomorrow", 0, SBOM, REPORT("low"), .max = ADVISORY_SEVERITIES, .age = -24,
	  .why = "from the future" },
};

static struct oci_descriptor attach(struct hm_cx *cx, struct oci_place *p, const char *type,
				    const char *bytes, const struct oci_descriptor *subject,
				    int64_t when)
{
	struct oci_descriptor d;
	struct oci_artifact a = { .artifact_type = hm_cstr(type),
				  .blob_type = hm_cstr(type),
				  .bytes = hm_cstr(bytes) };
	if (subject)
		a.subject = *subject;
	*hm_push(cx, &a.annotations) =
		(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, when) };
	assert_ok(oci_attach(cx, p, &a, &d));
	return d;
}

static struct oci_descriptor image(struct hm_cx *cx, struct oci_place *p,
				   const struct decide_case *t, size_t i)
{
	int64_t when = hm_now() - (i ? 0 : t->age * 3600);
	const char *sbom = i ? SBOM : t->sbom, *report = i ? REPORT("low") : t->report;
	struct oci_descriptor d =
		attach(cx, p, "application/x-test", hm_fmt(cx, "image %zu", i).p, NULL, 0);
	if (sbom)
		attach(cx, p, "application/spdx+json", sbom, &d, when);
	if (report)
		attach(cx, p, "application/sarif+json", report, &d, when);
	return d;
}

static struct oci_descriptor index_of(struct hm_cx *cx, struct oci_place *p,
				      const struct decide_case *t)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct oci_descriptor d;
	hm_buf_addz(&b, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[");
	for (size_t i = 0; i < t->platforms; i++) {
		d = image(cx, p, t, i);
		hm_buf_fmt(&b,
			   "%s{\"mediaType\":\"" OCI_MANIFEST
			   "\",\"digest\":\"%.*s\",\"size\":%llu,"
			   "\"platform\":{\"os\":\"linux\",\"architecture\":\"p%zu\"}}",
			   i ? "," : "", HM_FMT(d.digest), (unsigned long long)d.size, i);
	}
	hm_buf_addz(&b, "]}");
	assert_ok(oci_push_manifest(cx, p, hm_buf_str(&b), HM_STR(OCI_INDEX), HM_STR(""), &d));
	return d;
}

/* Signatures are believed unseen: what is looked at here is what is attached. */
static struct gate *open_gate(struct hm_cx *cx, const struct decide_case *t)
{
	struct gate *g = gate_fixture(cx);
	struct gate_config c = g->config;
	c.policies = t->policies;
	if (t->max != ADVISORY_SEVERITIES)
		gate_tell(cx, &c, "maxSeverity", advisory_severity_names[t->max]);
	gate_tell(cx, &c, "maxAge", "48h");
	gate_close(g);
	assert_ok(gate_open(cx, &c, &g));
	return g;
}

static struct oci_place *open_layout(struct hm_cx *cx, struct oci_target *t)
{
	static unsigned count;
	struct oci_place *p;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/decide%u", unit_temp_dir(), count++), t));
	assert_ok(oci_open(cx, &fixture_access, t, OCI_WRITE, &p));
	/* the scope that the trust policy of the fixture believes unseen */
	t->registry = HM_STR("reg.example.com");
	t->repository = HM_STR("shop/web");
	return p;
}

static void verdict(void **state)
{
	const struct decide_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_target target;
	struct gate *g = open_gate(&cx, t);
	OCI_AUTO_PLACE p = open_layout(&cx, &target);
	struct oci_descriptor d = t->platforms ? index_of(&cx, p, t) : image(&cx, p, t, 0);
	struct gate_verdict v;
	struct gate_snapshot *s = gate_hold(g);
	assert_ok(gate_decide_digest(&cx, g, s, &target, d.digest, &v));
	gate_let_go(g, s);
	if (t->why && hm_find(v.why, hm_cstr(t->why)) == SIZE_MAX)
		fail_msg("%.*s", HM_FMT(v.why));
	if (!t->why)
		assert_strz(v.why, "");
	assert_int_equal(v.admitted, t->admitted);
	assert_int_equal(v.unknown, t->unknown);
	assert_str(v.digest, d.digest);
	gate_fixture_done(g);
}

static void a_scope_without_statement_is_denied(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_target target;
	struct gate *g = open_gate(&cx, &cases[0]);
	OCI_AUTO_PLACE p = open_layout(&cx, &target);
	struct oci_descriptor d = image(&cx, p, &cases[0], 0);
	struct gate_verdict v;
	target.repository = HM_STR("shop/other");
	struct gate_snapshot *s = gate_hold(g);
	assert_ok(gate_decide_digest(&cx, g, s, &target, d.digest, &v));
	gate_let_go(g, s);
	assert_false(v.admitted);
	assert_false(v.unknown);
	assert_true(
		hm_find(v.why, HM_STR("denied by rule \"signed\": no statement of the trust policy "
				      "applies to \"reg.example.com/shop/other\"")) != SIZE_MAX);
	gate_fixture_done(g);
}

static void what_is_not_there_is_denied(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_target target;
	struct gate *g = open_gate(&cx, &cases[0]);
	OCI_AUTO_PLACE p = open_layout(&cx, &target);
	struct oci_descriptor d = image(&cx, p, &cases[0], 0);
	(void)d;
	struct gate_verdict v;
	struct gate_snapshot *s = gate_hold(g);
	assert_ok(gate_decide_digest(&cx, g, s, &target, HM_STR(DIGEST_1), &v));
	assert_false(v.admitted);
	assert_false(v.unknown);
	assert_true(hm_find(v.why, HM_STR("denied by rule \"image\"")) != SIZE_MAX);
	/* an index of no image has no platform without evidence either: it is not admitted so */
	struct decide_case none = { .platforms = 0 };
	d = index_of(&cx, p, &none);
	assert_ok(gate_decide_digest(&cx, g, s, &target, d.digest, &v));
	assert_false(v.admitted);
	assert_true(hm_find(v.why, HM_STR("the index lists no images")) != SIZE_MAX);
	gate_let_go(g, s);
	gate_fixture_done(g);
}

/* The sentence is the verdict's: what read the policy, and why it could not, goes at a reload. */
static void a_verdict_outlives_the_policy_that_could_not_be_read(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_target target;
	struct gate *g = open_gate(&cx, &cases[0]);
	OCI_AUTO_PLACE p = open_layout(&cx, &target);
	struct oci_descriptor d = image(&cx, p, &cases[0], 0);
	struct gate_verdict v;
	char *policy = hm_path(&cx, g->config.config_dir, "trustpolicy.json");
	assert_ok(hm_write_file(&cx, policy, HM_STR("{\"version\":\"first\"}"), 0600));
	gate_reload(g);
	struct gate_snapshot *s = gate_hold(g);
	assert_non_null(s->err);
	assert_ok(gate_decide_digest(&cx, g, s, &target, d.digest, &v));
	struct hm_str sentence = hm_dup(&cx, hm_cstr(s->err->why));
	assert_ptr_not_equal(v.findings[0].detail.p, s->err->why);
	gate_let_go(g, s);
	for (size_t i = 0; i < 2 * GATE_SNAPSHOTS; i++) { /* each place is used again */
		struct hm_str other = hm_fmt(&cx, "{\"version\":\"other %zu\"}", i);
		assert_ok(hm_write_file(&cx, policy, other, 0600));
		gate_reload(g);
	}
	assert_true(v.unknown);
	assert_int_equal(v.findings_n, 1);
	assert_true(hm_find(sentence, HM_STR("first")) != SIZE_MAX);
	assert_str(v.findings[0].detail, sentence);
	assert_true(hm_find(v.why, sentence) != SIZE_MAX);
	gate_fixture_done(g);
}

int main(void)
{
	UNIT_TABLE(verdict, cases);
	UNIT(a_scope_without_statement_is_denied);
	UNIT(what_is_not_there_is_denied);
	UNIT(a_verdict_outlives_the_policy_that_could_not_be_read);
	return unit_run("gate/decide");
}
