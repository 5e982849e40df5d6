/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include "unit.h"

/* A manifest about `subject` (empty: about nothing) with `n` bytes of annotations, put under its
 * digest. */
static struct hm_str put(struct hm_cx *cx, struct oci_registry *r, struct hm_str subject, size_t n)
{
	static unsigned serial;
	char *much = hm_new(cx, char, n + 1);
	memset(much, 'x', n);
	struct oci_annotation note = { hm_fmt(cx, "n%u", serial++), hm_bytes(much, n) };
	struct oci_manifest m = {
		.kind = OCI_IS_MANIFEST,
		.config = { .media_type = HM_STR(OCI_EMPTY),
			    .digest = crypto_digest_text(cx, CRYPTO_SHA256, HM_STR("{}")),
			    .size = 2 },
		.artifact_type = HM_STR("a/b"),
		.annotations = { .p = &note, .n = 1 },
	};
	struct hm_str bytes;
	if (subject.n)
		m.subject = (struct oci_descriptor){ .media_type = HM_STR(OCI_MANIFEST),
						     .digest = subject,
						     .size = 1 };
	assert_ok(oci_manifest_format(cx, &m, &bytes));
	struct oci_descriptor d = { .media_type = HM_STR(OCI_MANIFEST),
				    .digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
				    .size = bytes.n };
	const char *file = hm_path(cx, unit_temp_dir(), "manifest");
	assert_ok(hm_write_file(cx, file, bytes, 0644));
	struct registry_change c = {
		.name = HM_STR("a/b"), .reference = d.digest, .put = &d, .file = file
	};
	assert_ok(oci_registry_repo_change(cx, r, &c));
	return d.digest;
}

static const struct bulk {
	const char *label;
	bool refers;
	size_t n;
	bool in_row; /* the annotation lies in the tables */
} bulks[] = {
	{ "a referrer's annotations are at hand", true, 1000, true },
	{ "many of them stay in its manifest", true, 1000000, false },
	{ "nobody lists those of an image", false, 1000, false },
	{ "many of an image", false, 1000000, false },
};

static void holds(void **state)
{
	const struct bulk *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct oci_registry *r;
	struct hm_str subject = crypto_digest_text(&cx, CRYPTO_SHA256, HM_STR("a subject"));
	struct oci_registry_config config = { .data_dir = unit_temp_dir() };
	assert_ok(oci_registry_open(&cx, &config, &r));
	struct hm_str digest = put(&cx, r, t->refers ? subject : HM_STR(""), t->n);
	/* as it was put, and after another change */
	for (int i = 0; i < 2; i++) {
		struct registry_repo *repo;
		struct registry_page page = { .subject = subject, .most = 10 };
		struct registry_found found;
		assert_ok(oci_registry_find(&cx, r, HM_STR("a/b"), digest, &found));
		assert_true(found.repo && found.there);
		assert_ok(oci_registry_repo_get(&cx, r, HM_STR("a/b"), &repo));
		assert_ok(oci_registry_list_referrers(&cx, r, repo, &page));
		assert_int_equal(page.n, t->refers);
		if (t->refers) {
			assert_int_equal(page.p[0].d.annotations.n, t->in_row);
			struct oci_descriptor d =
				oci_registry_referrer(&cx, r, HM_STR("a/b"), &page.p[0]);
			assert_str(d.digest, digest);
			assert_strz(d.artifact_type, "a/b");
			assert_int_equal(d.annotations.n, 1);
			assert_int_equal(d.annotations.p[0].value.n, t->n);
		}
		put(&cx, r, HM_STR(""), 1);
	}
	oci_registry_close(r);
}

int main(void)
{
	UNIT_TABLE(holds, bulks);
	return unit_run("oci/registry/repository");
}
