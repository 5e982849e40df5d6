/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "trust/trust.h"

/* Who signed what, and until when; is that a signature of signer "one" for the subject? */
static const struct own_case {
	const char *label, *signer;
	bool other_subject;
	int64_t made, expiry; /* seconds from now; seconds from then, 0: none */
	bool found, stamped;  /* must it have a timestamp? */
} cases[] = {
	{ "the same signer", "one", false, 0, 0, true },
	{ "the same signer, for a day", "one", false, 0, 86400, true },
	{ "the same signer, for a day that is over", "one", false, -100, 50, false },
	{ "another signer", "two", false, 0, 0, false },
	{ "the same signer, for something else", "one", true, 0, 0, false },
	{ "the same signer, without the timestamp that is wanted", "one", false, 0, 0, false,
	  true },
	{ "nobody", NULL, false, 0, 0, false },
};

static void open_signer(struct hm_cx *cx, const char *name, struct trust_signer *out)
{
	struct trust_test_certificate want = {
		.name = hm_cstr(name), .alg = CRYPTO_ES256, .now = hm_now() - 3600, .days = 1
	};
	struct trust_key key;
	const char *dir = hm_path(cx, unit_temp_dir(), name);
	assert_ok(hm_mkdirs(cx, dir, 0700));
	assert_ok(trust_generate_test(cx, dir, &want, &key));
	assert_ok(trust_signer_open(cx, dir, hm_cstr(name), NULL, out));
}

static struct oci_descriptor push_artifact(struct hm_cx *cx, struct oci_place *p, const char *text)
{
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = hm_cstr(text) };
	struct oci_descriptor d;
	assert_ok(oci_attach(cx, p, &a, &d));
	return d;
}

static void own_signature(void **state)
{
	const struct own_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	static const struct oci_access access;
	struct oci_target target;
	struct oci_place *place;
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s/layout", unit_temp_dir()), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_descriptor subject = push_artifact(&cx, p, "content"),
			      other = push_artifact(&cx, p, "other content"), signature, found;
	TRUST_AUTO_SIGNER one = { 0 };
	TRUST_AUTO_SIGNER by = { 0 };
	open_signer(&cx, "one", &one);
	if (t->signer) {
		struct trust_sign_options o = { .now = hm_now() + t->made,
						.expiry_seconds = t->expiry };
		if (strcmp(t->signer, "one") != 0)
			open_signer(&cx, t->signer, &by);
		assert_ok(trust_sign(&cx, p, t->other_subject ? &other : &subject,
				     by.name.n ? &by : &one, &o, &signature));
	}
	struct trust_own own = { .signer = &one, .stamp_root = t->stamped ? &one.chain : NULL };
	bool is_found;
	assert_ok(trust_find_own(&cx, p, &subject, &own, &found, &is_found));
	assert_int_equal(is_found, t->found);
	if (is_found)
		assert_str(found.digest, signature.digest);
}

int main(void)
{
	unit_workers();
	UNIT_TABLE(own_signature, cases);
	return unit_run("trust/own");
}
