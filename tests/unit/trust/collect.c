/* SPDX-License-Identifier: Apache-2.0 */
/* Which signatures are found where, and what is none. */
#include "trust/examine.h"
#include "trust/trust.h"

#include "unit.h"

#define COSIGN_REFERRER "application/vnd.dev.cosign.artifact.sig.v1+json"

struct kit {
	struct hm_cx cx;
	struct oci_place *place;
	struct oci_descriptor subject, other;
};

static void attach(struct kit *k, const char *artifact_type, const char *blob_type,
		   const struct oci_descriptor *subject, struct oci_descriptor *out)
{
	struct oci_artifact a = { .artifact_type = hm_cstr(artifact_type),
				  .blob_type = hm_cstr(blob_type),
				  .bytes = hm_cstr(blob_type) };
	if (subject)
		a.subject = *subject;
	assert_ok(oci_attach(&k->cx, k->place, &a, out));
}

/* A manifest with these layers under the tag that Cosign gives it. */
static void put_tag(struct kit *k, const char *kind, const char *const *layers, size_t n)
{
	struct hm_cx *cx = &k->cx;
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST, .media_type = HM_STR(OCI_MANIFEST) };
	struct hm_str bytes, hex = k->subject.digest, alg = hm_cut(&hex, ':');
	struct oci_descriptor out;
	m.layers = hm_new(cx, struct oci_descriptor, n + 1);
	for (size_t i = 0; i <= n; i++) {
		struct hm_str blob = i < n ? hm_fmt(cx, "%s %zu", layers[i], i) : HM_STR("{}");
		struct oci_descriptor d = { .media_type =
						    i < n ? hm_cstr(layers[i]) : HM_STR(OCI_CONFIG),
					    .digest = crypto_digest_text(cx, CRYPTO_SHA256, blob),
					    .size = blob.n };
		assert_ok(oci_push_bytes(cx, k->place, &d, blob));
		if (i < n)
			m.layers[m.layers_n++] = d;
		else
			m.config = d;
	}
	assert_ok(oci_manifest_format(cx, &m, &bytes));
	assert_ok(oci_push_manifest(cx, k->place, bytes, m.media_type,
				    hm_fmt(cx, "%.*s-%.*s.%s", HM_FMT(alg), HM_FMT(hex), kind),
				    &out));
}

static void open_kit(struct kit *k)
{
	static const char *const signatures[] = { ENVELOPE_SIMPLE_TYPE, "text/plain",
						  ENVELOPE_SIMPLE_TYPE };
	static const char *const claims[] = { ENVELOPE_DSSE_TYPE };
	struct oci_descriptor out;
	struct oci_target target;
	static const struct oci_access access;
	*k = (struct kit){ .cx = HM_CX(SIZE_MAX) };
	assert_ok(oci_target_parse(&k->cx, hm_fmt(&k->cx, "oci:%s/layout:v1", unit_temp_dir()),
				   &target));
	assert_ok(oci_open(&k->cx, &access, &target, OCI_WRITE, &k->place));
	attach(k, "application/x-test", "text/plain", NULL, &k->subject);
	attach(k, "application/x-other", "text/plain", NULL, &k->other);
	attach(k, TRUST_SIGNATURE_TYPE, ENVELOPE_JWS_TYPE, &k->subject, &out);
	attach(k, ENVELOPE_BUNDLE_TYPE, ENVELOPE_BUNDLE_TYPE, &k->subject, &out);
	attach(k, COSIGN_REFERRER, ENVELOPE_SIMPLE_TYPE, &k->subject, &out);
	attach(k, "application/spdx+json", "application/spdx+json", &k->subject, &out);
	attach(k, ENVELOPE_BUNDLE_TYPE, ENVELOPE_BUNDLE_TYPE, &k->other, &out);
	put_tag(k, "sig", signatures, HM_LEN(signatures));
	put_tag(k, "att", claims, HM_LEN(claims));
}

static void close_kit(struct kit *k)
{
	oci_close(k->place);
	hm_cx_done(&k->cx);
}

static const struct sorts_case {
	const char *label;
	unsigned sorts;
	const char *found;
} sorts_cases[] = {
	{ "none", 0, "" },
	{ "the Notary Project's", TRUST_NOTARYS, "notary-referrer " },
	{ "Sigstore's releases", TRUST_SIGSTORES,
	  "bundle-referrer cosign-referrer cosign-tag cosign-tag " },
	{ "and its claims", TRUST_SIGSTORES | TRUST_CLAIMS,
	  "bundle-referrer cosign-referrer cosign-tag cosign-tag cosign-attestation-tag " },
	{ "all", TRUST_ALL_SORTS,
	  "notary-referrer bundle-referrer cosign-referrer cosign-tag cosign-tag "
	  "cosign-attestation-tag " },
};

static void sorts(void **state)
{
	const struct sorts_case *t = *state;
	struct kit k;
	struct trust_found *found;
	struct hm_str names = HM_STR(""), type, bytes;
	size_t n;
	open_kit(&k);
	assert_ok(trust_collect(&k.cx, k.place, &k.subject, t->sorts, &found, &n));
	for (size_t i = 0; i < n; i++) {
		names = hm_fmt(&k.cx, "%.*s%s ", HM_FMT(names), found[i].form->name);
		assert_ok(
			trust_fetch_envelope(&k.cx, k.place, &found[i], &k.subject, &type, &bytes));
		assert_true(hm_starts(bytes, type));
	}
	assert_strz(names, t->found);
	close_kit(&k);
}

/* What another image's list says of this one, and manifests that are none. */
static void broken(void **state)
{
	(void)state;
	struct kit k;
	struct trust_found *found;
	struct hm_str type, bytes;
	struct oci_descriptor out;
	size_t n;
	open_kit(&k);
	assert_ok(trust_collect(&k.cx, k.place, &k.other, TRUST_SIGSTORES, &found, &n));
	assert_int_equal(n, 1);
	assert_fault(trust_fetch_envelope(&k.cx, k.place, &found[0], &k.subject, &type, &bytes),
		     HM_INPUT, "it refers to something else");
	attach(&k, ENVELOPE_BUNDLE_TYPE, "text/plain", &k.other, &out);
	attach(&k, TRUST_SIGNATURE_TYPE, ENVELOPE_JWS_TYPE, &k.other, &out);
	found[0].descriptor = out;
	assert_fault(trust_fetch_envelope(&k.cx, k.place, &found[0], &k.other, &type, &bytes),
		     HM_INPUT, "it is not the manifest of a bundle");
	assert_ok(trust_collect(&k.cx, k.place, &k.other, TRUST_SIGSTORES, &found, &n));
	assert_int_equal(n, 2);
	size_t bad = 0;
	for (size_t i = 0; i < n; i++)
		bad += trust_fetch_envelope(&k.cx, k.place, &found[i], &k.other, &type, &bytes) !=
		       NULL;
	assert_int_equal(bad, 1);
	close_kit(&k);
}

/* What list a sort of signatures is asked for. */
static void types(void **state)
{
	(void)state;
	assert_strz(trust_sorts_type(TRUST_NOTARYS), TRUST_SIGNATURE_TYPE);
	assert_strz(trust_sorts_type(TRUST_NOTARYS | TRUST_CLAIMS), TRUST_SIGNATURE_TYPE);
	assert_strz(trust_sorts_type(TRUST_SIGSTORES), "");
	assert_strz(trust_sorts_type(TRUST_ALL_SORTS), "");
}

/* The turn of one is its number among the layers of its manifest; the list stays in order. */
static void turns(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_found many[130] = { 0 };
	for (size_t i = 0; i < 120; i++)
		many[i].turn = i;
	many[120].descriptor.size = 7; /* another manifest's only one */
	const struct trust_found *sorted = trust_take_turns(&cx, many, 121);
	assert_int_equal(sorted[0].turn, 0);
	assert_int_equal(sorted[1].descriptor.size, 7);
	for (size_t i = 2; i < 121; i++)
		assert_int_equal(sorted[i].turn, i - 1);
}

/* Referrers and tags, each by themselves, are all that there is. */
static void halves(void **state)
{
	(void)state;
	struct kit k;
	struct trust_found *found;
	size_t all, referrers, tags;
	open_kit(&k);
	assert_ok(trust_collect(&k.cx, k.place, &k.subject, TRUST_ALL_SORTS, &found, &all));
	assert_ok(trust_collect(&k.cx, k.place, &k.subject, TRUST_ALL_SORTS | TRUST_BY_REFERRER,
				&found, &referrers));
	for (size_t i = 0; i < referrers; i++)
		assert_null(found[i].form->tag);
	assert_ok(trust_collect(&k.cx, k.place, &k.subject, TRUST_ALL_SORTS | TRUST_BY_TAG, &found,
				&tags));
	for (size_t i = 0; i < tags; i++)
		assert_non_null(found[i].form->tag);
	assert_true(referrers && tags);
	assert_int_equal(referrers + tags, all);
	close_kit(&k);
}

/* Claims that nobody asks for come last, and the rest stays in order. */
static void asked_first(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	static const char *const types[] = {
		"https://a.test/stranger",        "",
		"https://a.test/wanted",          "https://a.test/stranger",
		"https://slsa.dev/provenance/v1", SIGSTORE_SIGN_PREDICATE
	};
	static const size_t order[] = { 1, 2, 4, 5, 0, 3 };
	struct trust_attestation slsa = { .type = HM_STR(TRUST_ANY_PROVENANCE) };
	struct trust_requirement r = { .attestations = &slsa, .attestations_n = 1 };
	struct trust_found many[HM_LEN(types)] = { 0 };
	*hm_push(&cx, &r.predicates) = HM_STR("https://a.test/wanted");
	for (size_t i = 0; i < HM_LEN(types); i++) {
		many[i].descriptor.size = i;
		if (*types[i])
			*hm_push(&cx, &many[i].descriptor.annotations) =
				(struct oci_annotation){ HM_STR(SIGSTORE_PREDICATE_TYPE),
							 hm_cstr(types[i]) };
	}
	const struct trust_found *sorted = trust_sort_found(&cx, &r, many, HM_LEN(many));
	for (size_t i = 0; i < HM_LEN(many); i++)
		assert_int_equal(sorted[i].descriptor.size, order[i]);
}

int main(void)
{
	UNIT(halves);
	UNIT(asked_first);
	UNIT_TABLE(sorts, sorts_cases);
	UNIT(broken);
	UNIT(types);
	UNIT(turns);
	return unit_run("trust/collect");
}
