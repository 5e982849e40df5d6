/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "evidence/evidence.h"

enum { NOW = 1700000000, DAY = 24 * 3600 };

/* Evidence is attached, and a while later again: is the first one taken, and what is the time of
 * the second? */
static const struct again_case {
	const char *label;
	const struct evidence_kind *kind;
	const char *first, *second;
	bool is_signed; /* the first one, by the same signer */
	int64_t later;  /* seconds */
	bool reused;
	int64_t created; /* of the second; 0: its manifest says none */
} cases[] = {
	{ "the same SBOM", &evidence_kind_sbom, "a", "a", true, 5, true, 0 },
	{ "the same SBOM, which a killed run left unsigned", &evidence_kind_sbom, "a", "a", false,
	  5, true, 0 },
	{ "the same SBOM after years", &evidence_kind_sbom, "a", "a", true, 999 * DAY, true, 0 },
	{ "another SBOM", &evidence_kind_sbom, "a", "b", true, 5, false, 0 },
	{ "the same report", &evidence_kind_report, "a", "a", true, 5, true, NOW },
	{ "the same report, unsigned", &evidence_kind_report, "a", "a", false, 5, true, NOW },
	{ "the same report within a day", &evidence_kind_report, "a", "a", true, DAY - 1, true,
	  NOW },
	{ "the same report after a day", &evidence_kind_report, "a", "a", true, DAY, false,
	  NOW + DAY },
	{ "the same report from the future", &evidence_kind_report, "a", "a", false, -61, false,
	  NOW - 61 },
	{ "another report", &evidence_kind_report, "a", "b", true, 5, false, NOW + 5 },
	{ "another report in the same second", &evidence_kind_report, "a", "b", true, 0, false,
	  NOW + 1 },
	{ "another report in the same second, nobody's", &evidence_kind_report, "a", "b", false, 0,
	  false, NOW },
};

static struct oci_place *open_layout(struct hm_cx *cx)
{
	static const struct oci_access access;
	struct oci_target target;
	struct oci_place *p;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/layout", unit_temp_dir()), &target));
	assert_ok(oci_open(cx, &access, &target, OCI_WRITE, &p));
	return p;
}

static void open_signer(struct hm_cx *cx, struct trust_signer *out)
{
	struct trust_test_certificate want = {
		.name = HM_STR("t"), .alg = CRYPTO_ES256, .now = hm_now() - 3600, .days = 1
	};
	struct trust_key key;
	const char *dir = unit_temp_dir();
	assert_ok(trust_generate_test(cx, dir, &want, &key));
	assert_ok(trust_signer_open(cx, dir, HM_STR("t"), NULL, out));
}

static void attached_again(void **state)
{
	const struct again_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	OCI_AUTO_PLACE p = open_layout(&cx);
	TRUST_AUTO_SIGNER signer = { 0 };
	struct trust_sign_options o = { 0 };
	struct oci_descriptor image, first, second, signature;
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	bool reused;
	open_signer(&cx, &signer);
	assert_ok(oci_attach(&cx, p, &a, &image));
	struct evidence_new e = {
		.kind = t->kind, .bytes = hm_cstr(t->first), .signer = &signer, .now = NOW
	};
	assert_ok(evidence_attach(&cx, p, &image, &e, &first, &reused));
	assert_false(reused);
	if (t->is_signed)
		assert_ok(trust_sign(&cx, p, &first, &signer, &o, &signature));
	e.bytes = hm_cstr(t->second);
	e.now = NOW + t->later;
	assert_ok(evidence_attach(&cx, p, &image, &e, &second, &reused));
	assert_int_equal(reused, t->reused);
	assert_int_equal(hm_eq(first.digest, second.digest), t->reused);
	struct evidence_list list;
	size_t i = 0;
	assert_ok(evidence_find(&cx, p, &image, t->kind, &list));
	assert_int_equal(list.n, t->reused ? 1 : 2);
	while (!hm_eq(list.p[i].descriptor.digest, second.digest))
		i++;
	assert_int_equal(list.p[i].when, t->created ? t->created : INT64_MIN);
	assert_strz(oci_manifest_artifact_type(&list.p[i].manifest), t->kind->artifact_types[0]);
}

int main(void)
{
	unit_workers();
	UNIT_TABLE(attached_again, cases);
	return unit_run("evidence/attach");
}
