/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "trust/trust.h"

enum { DAY = 86400 };

/* Of one case: its keys and its layout. */
static const char *dir;

/* Signatures of one subject before, and what becomes of each of the old key's, by their order. */
static const struct migrate_case {
	const char *label;
	struct made {
		const char *
			signer; /* "old", "renewed" (the same key), "new", "other"; NULL: the end */
		const char *build;    /* of the metadata */
		int64_t made, expiry; /* seconds from now; seconds from then, 0: none */
		bool elsewhere;       /* of another subject */
	} before[4];
	size_t states[TRUST_MIGRATION_STATES], then; /* so many of the new key's in the end */
} cases[] = {
	{ "nothing", { { 0 } }, { 0 }, 0 },
	{ "one of the old key", { { "old" } }, { 1, 0, 0 }, 1 },
	{ "one for a time", { { "old", NULL, 0, DAY } }, { 1, 0, 0 }, 1 },
	{ "one by another certificate of that key", { { "renewed" } }, { 1, 0, 0 }, 1 },
	{ "one of somebody else", { { "other" } }, { 0 }, 0 },
	{ "one that the new key made, too", { { "old" }, { "new" } }, { 0, 1, 0 }, 1 },
	{ "the new key's alone", { { "new" } }, { 0 }, 1 },
	{ "two that say the same", { { "old" }, { "old", NULL, -60 } }, { 1, 1, 0 }, 1 },
	{ "two that do not", { { "old", "1" }, { "old", "2" } }, { 2, 0, 0 }, 2 },
	{ "the new key says something else", { { "old", "1" }, { "new", "2" } }, { 1, 0, 0 }, 2 },
	{ "the new key says less", { { "old", "1" }, { "new" } }, { 1, 0, 0 }, 2 },
	{ "the new key's ends before", { { "old" }, { "new", NULL, 0, DAY } }, { 1, 0, 0 }, 2 },
	{ "both end, the new key's later",
	  { { "old", NULL, 0, DAY }, { "new", NULL, 0, 2 * DAY } },
	  { 0, 1, 0 },
	  1 },
	{ "both end, the new key's before",
	  { { "old", NULL, 0, 2 * DAY }, { "new", NULL, 0, DAY } },
	  { 1, 0, 0 },
	  2 },
	{ "one that is over", { { "old", NULL, -100, 50 } }, { 0, 0, 1 }, 0 },
	{ "one that is over, and one that is not",
	  { { "old", "1", -100, 50 }, { "old", "2" } },
	  { 1, 0, 1 },
	  1 },
	{ "of something else, without a tag", { { "old", NULL, 0, 0, true } }, { 1, 0, 0 }, 0 },
};

static void make_signer(struct hm_cx *cx, const char *name, enum crypto_alg alg)
{
	struct trust_test_certificate want = {
		.name = hm_cstr(name), .alg = alg, .now = hm_now() - 3600, .days = 3
	};
	struct trust_key key;
	assert_ok(trust_generate_test(cx, dir, &want, &key));
}

/* A second certificate of the same key. */
static void renew_signer(struct hm_cx *cx)
{
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str pem;
	struct trust_key k = { .name = HM_STR("renewed"),
			       .key_path = hm_fmt(cx, "%s/localkeys/old.key", dir),
			       .cert_path = hm_fmt(cx, "%s/renewed.crt", dir) };
	assert_ok(hm_read_file(cx, k.key_path.p, HM_MIB, &pem));
	assert_ok(crypto_key_parse(cx, pem, &key));
	assert_ok(crypto_self_signed(cx, &key, HM_STR("renewed"), hm_now() - 3600, 3, &chain));
	assert_ok(hm_output_write(cx, k.cert_path.p, crypto_chain_pem(cx, &chain), 0644));
	assert_ok(trust_key_add(cx, dir, &k, NULL, 0));
}

static void make_signers(struct hm_cx *cx)
{
	make_signer(cx, "old", CRYPTO_ES256);
	make_signer(cx, "new", CRYPTO_MLDSA44);
	make_signer(cx, "other", CRYPTO_ES256);
	renew_signer(cx);
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

static void make_signature(struct hm_cx *cx, struct oci_place *p, const struct made *m,
			   const struct oci_descriptor *subject)
{
	TRUST_AUTO_SIGNER by = { 0 };
	struct trust_sign_options o = { .now = hm_now() + m->made, .expiry_seconds = m->expiry };
	struct oci_descriptor signature;
	if (m->build)
		*hm_push(cx, &o.user_metadata) =
			(struct oci_annotation){ HM_STR("build"), hm_cstr(m->build) };
	assert_ok(trust_signer_open(cx, dir, hm_cstr(m->signer), NULL, &by));
	assert_ok(trust_sign(cx, p, subject, &by, &o, &signature));
}

static void migrate(struct hm_cx *cx, struct oci_place *p, const struct oci_target *t,
		    struct trust_migrated_list *out)
{
	TRUST_AUTO_SIGNER new = { 0 };
	CRYPTO_AUTO_CHAIN old = { 0 };
	assert_ok(trust_signer_open(cx, dir, HM_STR("new"), NULL, &new));
	assert_ok(trust_key_chain(cx, dir, HM_STR("old"), NULL, &old));
	struct trust_migration o = { .old = &old, .signer = &new };
	assert_ok(trust_migrate(cx, p, t, &o, out));
	/* a key cannot take its own place */
	struct trust_migration same = { .old = &new.chain, .signer = &new };
	struct trust_migrated_list none;
	assert_fault(trust_migrate(cx, p, t, &same, &none), HM_USAGE, "the new key is the old one");
}

static size_t count_new(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject)
{
	TRUST_AUTO_SIGNER new = { 0 };
	struct trust_found *found;
	size_t n, of_new = 0;
	assert_ok(trust_signer_open(cx, dir, HM_STR("new"), NULL, &new));
	assert_ok(trust_collect(cx, p, subject, TRUST_ALL_SORTS, &found, &n));
	for (size_t i = 0; i < n; i++) {
		TRUST_AUTO_CLAIM claim = { 0 };
		struct hm_str type, bytes;
		assert_ok(trust_fetch_envelope(cx, p, &found[i], subject, &type, &bytes));
		assert_ok(trust_claim_read(cx, type, bytes, &claim));
		of_new += claim.signature->alg == CRYPTO_MLDSA44;
	}
	return of_new;
}

static void migration(void **state)
{
	const struct migrate_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	static const struct oci_access access;
	struct oci_target target;
	struct oci_place *place;
	struct trust_migrated_list list;
	size_t states[TRUST_MIGRATION_STATES] = { 0 };
	dir = unit_temp_dir();
	make_signers(&cx);
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s/layout", dir), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_descriptor subject = push_artifact(&cx, p, "content"),
			      other = push_artifact(&cx, p, "other content");
	assert_ok(oci_tag(&cx, p, &subject, HM_STR("v1")));
	for (const struct made *m = t->before; m->signer; m++)
		make_signature(&cx, p, m, m->elsewhere ? &other : &subject);
	migrate(&cx, p, &target, &list);
	assert_int_equal(list.looked_at, 2); /* the layout lists the other, too */
	assert_false(list.only_tags);
	for (size_t i = 0; i < list.n; i++)
		states[list.p[i].state]++;
	for (size_t i = 0; i < TRUST_MIGRATION_STATES; i++)
		assert_int_equal(states[i], t->states[i]);
	assert_int_equal(count_new(&cx, p, &subject), t->then);
	/* and again: what was signed is there */
	migrate(&cx, p, &target, &list);
	for (size_t i = 0; i < list.n; i++)
		assert_true(list.p[i].state != TRUST_MIGRATION_SIGNED);
	assert_int_equal(count_new(&cx, p, &subject), t->then);
}

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRUST_MIGRATION_STATES; i++) {
		assert_non_null(trust_migration_names[i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(trust_migration_names[i], trust_migration_names[k]);
	}
}

int main(void)
{
	unit_workers();
	UNIT_TABLE(migration, cases);
	UNIT(names);
	return unit_run("trust/migrate");
}
