/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/examine.h"
#include "trust/trust.h"

#include "unit.h"

enum { NOW = 1700000000 };

/* A layout with one subject, signed by key "k", and a policy that believes it. */
struct kit {
	struct hm_cx cx;
	struct oci_place *place;
	struct oci_descriptor subject, signature;
	struct trust_config *config;
};

static void open_kit(struct kit *k)
{
	*k = (struct kit){ .cx = HM_CX(SIZE_MAX) };
	struct hm_cx *cx = &k->cx;
	const char *config_dir = unit_temp_dir();
	struct oci_target target;
	static const struct oci_access access;
	struct trust_key key;
	struct trust_test_certificate want = {
		.name = HM_STR("k"), .alg = CRYPTO_ES256, .now = NOW, .days = 1
	};
	TRUST_AUTO_SIGNER signer = { 0 };
	assert_ok(trust_generate_test(cx, config_dir, &want, &key));
	assert_ok(trust_policy_import(
		cx, config_dir,
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
		       "\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"ca:k\"],"
		       "\"trustedIdentities\":[\"*\"]},{\"name\":\"s\",\"registryScopes\":[\"r.test/skip\"],"
		       "\"signatureVerification\":{\"level\":\"skip\"}}]}")));
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/layout:v1", unit_temp_dir()), &target));
	assert_ok(oci_open(cx, &access, &target, OCI_WRITE, &k->place));
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	assert_ok(oci_attach(cx, k->place, &a, &k->subject));
	assert_ok(trust_signer_open(cx, config_dir, HM_STR("k"), NULL, &signer));
	struct trust_sign_options so = { .expiry_seconds = 3600, .now = NOW };
	assert_ok(trust_sign(cx, k->place, &k->subject, &signer, &so, &k->signature));
	assert_ok(trust_config_open(cx, config_dir, &k->config));
}

static void close_kit(struct kit *k)
{
	trust_config_close(k->config);
	oci_close(k->place);
	hm_cx_done(&k->cx);
}

/* What is collected can be examined as bytes, with no place at all. */
static void from_bytes(void **state)
{
	(void)state;
	struct kit k;
	struct trust_found *found;
	size_t n;
	struct hm_str type, bytes;
	open_kit(&k);
	struct hm_cx *cx = &k.cx;
	assert_ok(trust_collect(cx, k.place, &k.subject, TRUST_NOTARYS, &found, &n));
	assert_int_equal(n, 1);
	assert_str(found[0].descriptor.digest, k.signature.digest);
	assert_ok(trust_fetch_envelope(cx, k.place, &found[0], &k.subject, &type, &bytes));
	struct trust_verify_options o = { .now = NOW + 1 };
	struct trust_examination x = { .config = k.config,
				       .statement = trust_config_select(cx, k.config,
									HM_STR("r.test/app")),
				       .subject = &k.subject,
				       .options = &o };
	const struct trust_profile *notary = trust_profile_by_name("notary");
	struct trust_signature s = { 0 };
	assert_ok(trust_examine(cx, &x, notary, type, bytes, &s));
	assert_true(s.good);
	assert_string_equal(s.identities[0].kind, TRUST_X509_SUBJECT);
	assert_strz(s.identities[0].issuer, "CN=k,O=Notary,L=Seattle,ST=WA,C=US");
	assert_int_equal(trust_signature_time(&s), NOW);
	assert_int_equal(s.times[TRUST_TIME_STAMPED], 0);
	assert_int_equal(s.valid_until, NOW + 3600);
	/* the same bytes for another subject, or as another format, or cut short */
	struct oci_descriptor other = k.subject;
	other.size++;
	x.subject = &other;
	s = (struct trust_signature){ 0 };
	assert_ok(trust_examine(cx, &x, notary, type, bytes, &s));
	assert_false(s.good);
	assert_true(hm_find(s.why, HM_STR("it is a signature of something else")) == 0);
	assert_false(s.results[TRUST_INTEGRITY].good);
	assert_strz(s.results[TRUST_AUTHENTICITY].why, "not checked");
	x.subject = &k.subject;
	s = (struct trust_signature){ 0 };
	assert_ok(trust_examine(cx, &x, notary, HM_STR("text/plain"), bytes, &s));
	assert_strz(s.why, "envelopes of type \"text/plain\" are not supported");
	/* what cannot be read is not good even where nothing is enforced */
	x.statement = trust_config_select(cx, k.config, HM_STR("r.test/skip"));
	s = (struct trust_signature){ 0 };
	assert_ok(trust_examine(cx, &x, notary, type, hm_sub(bytes, 0, bytes.n / 2), &s));
	assert_false(s.good);
	assert_true(s.why.n > 0);
	close_kit(&k);
}

static struct trust_identity people[] = {
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=a"), HM_STR_INIT("CN=ca") },
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=b"), HM_STR_INIT("CN=ca") },
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=a"), HM_STR_INIT("CN=another ca") },
};
static struct trust_signature signature_of(size_t who, bool good, const char *predicate,
					   int64_t valid_until)
{
	return (struct trust_signature){ .good = good,
					 .identities = &people[who],
					 .identities_n = 1,
					 .predicate = hm_cstr(predicate),
					 .why = HM_STR("it is bad"),
					 .valid_until = valid_until };
}

static const struct judge_case {
	const char *label;
	size_t least;
	const char *predicate; /* that is required; NULL: none */
	struct {
		size_t who;
		bool good;
		const char *predicate;
	} signatures[3];
	size_t n;
	int64_t until;   /* they hold until 30, 20, 10; 0: not enough */
	const char *why; /* where not enough */
} judged[] = {
	{ "one of one", 1, NULL, { { 0, true, "" } }, 1, 30, NULL },
	{ "nobody", 1, NULL, { { 0, false, "" } }, 0, 0, "it has no signature" },
	{ "one that is bad", 1, NULL, { { 0, false, "" } }, 1, 0, "it is bad" },
	{ "two that are bad",
	  1,
	  NULL,
	  { { 0, false, "" }, { 1, false, "" } },
	  2,
	  0,
	  "none of its 2 signatures is good: it is bad" },
	{ "two of two", 2, NULL, { { 0, true, "" }, { 1, true, "" } }, 2, 20, NULL },
	{ "two of three, the third is not needed",
	  2,
	  NULL,
	  { { 0, true, "" }, { 1, true, "" }, { 2, true, "" } },
	  3,
	  20,
	  NULL },
	{ "the same signer twice",
	  2,
	  NULL,
	  { { 0, true, "" }, { 0, true, "" } },
	  2,
	  0,
	  "only 1 of the 2 signers that it needs have signed it" },
	{ "the same name from another issuer",
	  2,
	  NULL,
	  { { 0, true, "" }, { 2, true, "" } },
	  2,
	  0,
	  "only 1 of the 2 signers that it needs have signed it" },
	{ "a claim does not release",
	  2,
	  NULL,
	  { { 0, true, "" }, { 1, true, "p" } },
	  2,
	  0,
	  "only 1 of the 2 signers that it needs have signed it" },
	{ "nor does it hide a release of the same signer",
	  2,
	  NULL,
	  { { 1, true, "p" }, { 0, true, "" }, { 1, true, "" } },
	  3,
	  10,
	  NULL },
	{ "one good, one bad",
	  2,
	  NULL,
	  { { 0, true, "" }, { 1, false, "" } },
	  2,
	  0,
	  "only 1 of the 2 signers that it needs have signed it" },
	{ "a claim that is required", 1, "p", { { 0, true, "" }, { 0, true, "p" } }, 2, 20, NULL },
	{ "a claim that is missing",
	  1,
	  "p",
	  { { 0, true, "" } },
	  1,
	  0,
	  "nobody who is trusted has signed a claim of type \"p\"" },
	{ "a claim that is badly signed",
	  1,
	  "p",
	  { { 0, true, "" }, { 1, false, "p" } },
	  2,
	  0,
	  "nobody who is trusted has signed a claim of type \"p\"" },
};

static void judge(void **state)
{
	const struct judge_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_signature s[3];
	struct trust_requirement r = { .least = t->least };
	struct trust_verdict v = { .signatures = s, .signatures_n = t->n };
	if (t->predicate)
		*hm_push(&cx, &r.predicates) = hm_cstr(t->predicate);
	for (size_t i = 0; i < t->n; i++)
		s[i] = signature_of(t->signatures[i].who, t->signatures[i].good,
				    t->signatures[i].predicate, 30 - 10 * (int64_t)i);
	trust_judge(&cx, &r, &v);
	assert_int_equal(v.verified, t->until > 0);
	assert_int_equal(v.valid_until, t->until);
	if (t->why)
		assert_strz(trust_explain(&cx, &r, t->n, &v), t->why);
}

/* Each row has a name of its own and what the runner calls. */
static void rows(void **state)
{
	(void)state;
	for (const struct trust_form *f = trust_forms; f->name; f++) {
		assert_true((f->holds != NULL) != (f->tag != NULL));
		assert_true(f->format[0]);
		assert_ptr_equal(trust_profile_by_name(f->profile->name), f->profile);
		for (const struct trust_form *other = trust_forms; other != f; other++)
			assert_string_not_equal(f->name, other->name);
	}
	for (const struct trust_profile *const *p = trust_profiles; *p; p++) {
		bool seen[TRUST_CHECKS] = { [TRUST_INTEGRITY] = true };
		assert_ptr_equal(trust_profile_by_name((*p)->name), *p);
		for (const struct trust_step *step = (*p)->steps; step->run; step++) {
			assert_false(seen[step->check]);
			seen[step->check] = true;
		}
		for (const struct trust_step *step = (*p)->last; step->run; step++)
			assert_true(
				seen[step->check]); /* nothing is completed that was not begun */
	}
	assert_null(trust_profile_by_name("nobody's"));
}

int main(void)
{
	unit_workers();
	UNIT(from_bytes);
	UNIT_TABLE(judge, judged);
	UNIT(rows);
	return unit_run("trust/examine");
}
