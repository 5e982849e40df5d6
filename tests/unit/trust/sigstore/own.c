/* SPDX-License-Identifier: Apache-2.0 */
/* What a signer attached before, and need not make again. */
#include "statement/statement.h"
#include "trust/trust.h"

#include "unit.h"

#define TYPE "https://example.com/p"

enum { MINE, OTHERS, NOBODYS };

static const struct own_case {
	const char *label;
	int whose;             /* the claim that is there */
	const char *about;     /* text of the artifact that it is about */
	const char *type;      /* of its predicate, as it is signed */
	const char *says;      /* the same, as the annotation has it */
	bool is_message;       /* a bundle over the artifact itself, and no claim */
	bool is_other_payload; /* it says what is not true any more */
	bool found;
} cases[] = {
	{ "its own", MINE, "subject", TYPE, TYPE, false, false, true },
	{ "none", NOBODYS, "", "", "", false, false, false },
	{ "somebody else's", OTHERS, "subject", TYPE, TYPE, false, false, false },
	{ "about something else", MINE, "another", TYPE, TYPE, false, false, false },
	{ "of another type", MINE, "subject", TYPE "2", TYPE "2", false, false, false },
	{ "of another type than is said", MINE, "subject", TYPE "2", TYPE, false, false, false },
	{ "said to be of another type", MINE, "subject", TYPE, TYPE "2", false, false, false },
	{ "saying something else", MINE, "subject", TYPE, TYPE, false, true, false },
	{ "no claim", MINE, "subject", TYPE, TYPE, true, false, false },
};

static struct oci_descriptor push(struct hm_cx *cx, struct oci_place *p, const char *text)
{
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = hm_cstr(text) };
	struct oci_descriptor d;
	assert_ok(oci_attach(cx, p, &a, &d));
	return d;
}

static struct oci_place *open_layout(struct hm_cx *cx, const char *name)
{
	static const struct oci_access access;
	struct oci_target target;
	struct oci_place *p;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/%s", unit_temp_dir(), name), &target));
	assert_ok(oci_open(cx, &access, &target, OCI_WRITE, &p));
	return p;
}

static void attach(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		   const struct crypto_signer *signer, const struct own_case *t)
{
	struct sigstore_sealing by = { .signer = signer };
	struct oci_descriptor about = push(cx, p, t->about), stored;
	struct json nothing = { 0 };
	struct hm_str text, bundle;
	assert_ok(statement_about(cx, HM_STR(""), about.digest, hm_cstr(t->type), nothing, &text));
	struct sigstore_artifact whole = trust_sigstore_text_artifact(&text);
	if (t->is_message)
		assert_ok(trust_sigstore_seal_artifact(cx, &by, &whole, &bundle));
	else
		assert_ok(trust_sigstore_seal_statement(cx, &by, text, &bundle));
	struct sigstore_attachment a = { bundle, hm_cstr(t->says), 1 };
	assert_ok(trust_sigstore_attach(cx, p, subject, &a, &stored));
}

static bool says_the_same(struct hm_cx *cx, const void *arg, const struct statement *s,
			  struct hm_str payload)
{
	(void)cx;
	assert_true(s->subjects_n == 1 && payload.n);
	return *(const bool *)arg;
}

static void find(void **state)
{
	const struct own_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	CRYPTO_AUTO_KEY mine = { 0 };
	CRYPTO_AUTO_KEY others = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &mine));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &others));
	struct crypto_key_signer me = crypto_key_signer(&mine), other = crypto_key_signer(&others);
	OCI_AUTO_PLACE p = open_layout(&cx, t->label);
	struct oci_descriptor subject = push(&cx, p, "subject"), found;
	bool is_found, is_same = !t->is_other_payload;
	if (t->whose != NOBODYS)
		attach(&cx, p, &subject, t->whose == MINE ? &me.signer : &other.signer, t);
	struct sigstore_sealing by = { .signer = &me.signer };
	struct sigstore_wanted w = { &by, HM_STR(TYPE), says_the_same, &is_same };
	assert_ok(trust_sigstore_find_own(&cx, p, &subject, &w, &found, &is_found));
	assert_int_equal(is_found, t->found);
}

/* What is broken, or anybody's, in front of it hides nothing. */
static void among_others(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	CRYPTO_AUTO_KEY mine = { 0 };
	CRYPTO_AUTO_KEY others = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &mine));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &others));
	struct crypto_key_signer me = crypto_key_signer(&mine), other = crypto_key_signer(&others);
	OCI_AUTO_PLACE p = open_layout(&cx, "many");
	struct oci_descriptor subject = push(&cx, p, "subject"), found, broken;
	struct sigstore_attachment none = { HM_STR("{"), HM_STR(TYPE), 1 };
	bool is_found, is_same = true;
	assert_ok(trust_sigstore_attach(&cx, p, &subject, &none, &broken));
	for (int i = 0; i < 4; i++)
		attach(&cx, p, &subject, &other.signer, &cases[0]);
	attach(&cx, p, &subject, &me.signer, &cases[0]);
	struct sigstore_sealing by = { .signer = &me.signer };
	struct sigstore_wanted w = { &by, HM_STR(TYPE), says_the_same, &is_same };
	assert_ok(trust_sigstore_find_own(&cx, p, &subject, &w, &found, &is_found));
	assert_true(is_found);
	/* none of them is a signature in the older form */
	assert_ok(trust_sigstore_find_tagged(&cx, p, &subject, &by, &found, &is_found));
	assert_false(is_found);
}

static struct sigstore_tagged simple(struct hm_cx *cx, const struct sigstore_sealing *by,
				     struct hm_str digest)
{
	struct sigstore_tagged t;
	t.payload = hm_fmt(
		cx,
		"{\"critical\":{\"identity\":{\"docker-reference\":\"r\"},\"image\":{\"docker-manifest-digest\":"
		"\"%.*s\"},\"type\":\"cosign container image signature\"},\"optional\":null}",
		HM_FMT(digest));
	struct sigstore_artifact whole = trust_sigstore_text_artifact(&t.payload);
	assert_ok(trust_sigstore_seal_artifact(cx, by, &whole, &t.bundle));
	return t;
}

/* In Cosign's older form: all under one tag. */
static void tagged(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	CRYPTO_AUTO_KEY mine = { 0 };
	CRYPTO_AUTO_KEY others = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &mine));
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &others));
	struct crypto_key_signer me = crypto_key_signer(&mine), other = crypto_key_signer(&others);
	struct sigstore_sealing by = { .signer = &me.signer }, theirs = { .signer = &other.signer };
	OCI_AUTO_PLACE p = open_layout(&cx, "tagged");
	struct oci_descriptor subject = push(&cx, p, "subject"), another = push(&cx, p, "another");
	struct oci_descriptor found;
	struct sigstore_tagged by_others = simple(&cx, &theirs, subject.digest);
	struct sigstore_tagged of_another = simple(&cx, &by, another.digest);
	struct sigstore_tagged own = simple(&cx, &by, subject.digest);
	bool is_found;
	assert_ok(trust_sigstore_append(&cx, p, &subject, &by_others, &found));
	assert_ok(trust_sigstore_append(&cx, p, &subject, &of_another, &found));
	assert_ok(trust_sigstore_find_tagged(&cx, p, &subject, &by, &found, &is_found));
	assert_false(is_found);
	assert_ok(trust_sigstore_append(&cx, p, &subject, &own, &found));
	assert_ok(trust_sigstore_find_tagged(&cx, p, &subject, &by, &found, &is_found));
	assert_true(is_found);
}

int main(void)
{
	UNIT_TABLE(find, cases);
	UNIT(among_others);
	UNIT(tagged);
	return unit_run("trust/sigstore/own");
}
