/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "evidence/evidence.h"

/* What an SBOM says it is about, beside the digest, which is always the image's. */
static const struct subject_case {
	const char *label, *media_type;
	int more; /* than the size */
	size_t candidates;
	size_t note; /* bytes of an annotation */
} subject_cases[] = {
	{ "the image itself", OCI_MANIFEST, 0, 1 },
	{ "an index of the same digest", OCI_INDEX, 0, 0 },
	{ "another size", OCI_MANIFEST, 1, 0 },
	{ "the image itself, with much to say", OCI_MANIFEST, 0, 1, .note = 100 << 10 },
	{ "the image itself, with too much to say", OCI_MANIFEST, 0, 0, .note = 300 << 10 },
};

static void subject(void **state)
{
	const struct subject_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	static const struct oci_access access;
	struct oci_target target;
	struct oci_place *place;
	struct oci_descriptor image, sbom;
	struct evidence_list found;
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s/layout", unit_temp_dir()), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	assert_ok(oci_attach(&cx, p, &a, &image));
	a.artifact_type = HM_STR("application/spdx+json");
	a.subject = image;
	a.subject.media_type = hm_cstr(t->media_type);
	a.subject.size += (uint64_t)t->more;
	char *note = hm_new(&cx, char, t->note + 1);
	memset(note, 'x', t->note);
	*hm_push(&cx, &a.annotations) =
		(struct oci_annotation){ HM_STR("note"), hm_bytes(note, t->note) };
	assert_ok(oci_attach(&cx, p, &a, &sbom));
	assert_ok(evidence_find(&cx, p, &image, &evidence_kind_sbom, &found));
	assert_int_equal(found.n, t->candidates);
	assert_ok(evidence_find(&cx, p, &image, &evidence_kind_report, &found));
	assert_int_equal(found.n, 0);
}

/* Of each code: is another try worth it? */
static const struct code_case {
	const char *label;
	enum hm_code code;
	bool undecided;
} codes[] = {
	{ "a registry that does not answer", HM_BUSY, true },
	{ "a machine that fails", HM_SYSTEM, true },
	{ "a full disk", HM_FULL, true },
	{ "a registry that wants other credentials", HM_DENIED, true },
	{ "what is not there", HM_ABSENT, false },
	{ "what is not as it should be", HM_INPUT, false },
	{ "what is too large", HM_LIMIT, false },
	{ "what is not believed", HM_TRUST, false },
};

static void code(void **state)
{
	const struct code_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_int_equal(evidence_is_undecided(hm_fail(&cx, t->code, "x")), t->undecided);
}

int main(void)
{
	UNIT_TABLE(code, codes);
	UNIT_TABLE(subject, subject_cases);
	return unit_run("evidence/find");
}
