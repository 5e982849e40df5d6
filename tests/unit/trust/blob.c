/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are signed and verified, and the policy for them. */
#include <fcntl.h>

#include "trust/config.h"

#include "keys.h"

enum { NOW = 1700000000 };

/* --- the policy --- */

#define DOCUMENT(list)       "{\"version\":\"1.0\",\"trustPolicies\":[" list "]}"
#define OTHER_DOCUMENT(list) "{\"version\":\"hullmark-1\",\"trustPolicies\":[" list "]}"
#define NAMED(name, more)    "{\"name\":\"" name "\"," more "}"
#define POLICY(more)         DOCUMENT(NAMED("n", more))
#define STRICT               "\"signatureVerification\":{\"level\":\"strict\"}"
#define SKIP                 "\"signatureVerification\":{\"level\":\"skip\"}"
#define STORES               "\"trustStores\":[\"ca:a\"]"
#define ANYONE               "\"trustedIdentities\":[\"*\"]"
#define TERMS                STRICT "," STORES "," ANYONE
#define GLOBAL               "\"globalPolicy\":true"

static const struct text_case {
	const char *label, *text, *why; /* NULL: valid */
} texts[] = {
	{ "the least there must be", POLICY(TERMS), NULL },
	{ "global", POLICY(TERMS "," GLOBAL), NULL },
	{ "not global, and said so", POLICY(TERMS ",\"globalPolicy\":false"), NULL },
	{ "level skip for what is named", POLICY(SKIP), NULL },
	{ "level skip, not global, and said so", POLICY(SKIP ",\"globalPolicy\":false"), NULL },
	{ "one global, one not", DOCUMENT(NAMED("a", TERMS "," GLOBAL) "," NAMED("b", TERMS)),
	  NULL },
	{ "two signers", OTHER_DOCUMENT(NAMED("a", TERMS ",\"signers\":2")), NULL },
	{ "level skip for all", POLICY(SKIP "," GLOBAL),
	  "level \"skip\" cannot be that of the global policy" },
	{ "two global",
	  DOCUMENT(NAMED("a", TERMS "," GLOBAL) "," NAMED("b", TERMS) "," NAMED("c",
										TERMS "," GLOBAL)),
	  "statements \"a\" and \"c\" are both the global policy" },
	{ "global as a text", POLICY(TERMS ",\"globalPolicy\":\"true\""),
	  "\"globalPolicy\" is neither true nor false" },
	{ "global as a number", POLICY(TERMS ",\"globalPolicy\":1"),
	  "\"globalPolicy\" is neither true nor false" },
	{ "global as nothing", POLICY(TERMS ",\"globalPolicy\":null"),
	  "\"globalPolicy\" is neither true nor false" },
	{ "scopes", POLICY(TERMS ",\"registryScopes\":[\"*\"]"), "unknown key \"registryScopes\"" },
	{ "evidence, which lies beside images",
	  OTHER_DOCUMENT(NAMED("a", TERMS ",\"evidence\":[\"sbom\"]")), "evidence" },
	{ "signers in Notary's file", POLICY(TERMS ",\"signers\":2"), "signers" },
	{ "two of one name", DOCUMENT(NAMED("a", TERMS) "," NAMED("a", TERMS)),
	  "two statements have the name \"a\"" },
	{ "a name of nothing", DOCUMENT(NAMED("", TERMS)), "statement 1 has no name" },
	{ "no name", DOCUMENT("{" TERMS "}"), "\"name\" is missing" },
	{ "no statements", DOCUMENT(""), "no statements" },
	{ "another version", "{\"version\":\"2.0\",\"trustPolicies\":[{}]}", "not supported" },
	{ "no stores", POLICY(STRICT "," ANYONE),
	  "trust stores or trusted identities are missing" },
	{ "no identities", POLICY(STRICT "," STORES),
	  "trust stores or trusted identities are missing" },
	{ "no level", POLICY(STORES "," ANYONE), "\"signatureVerification\" is missing" },
	{ "a global member twice", POLICY(TERMS "," GLOBAL "," GLOBAL),
	  "\"globalPolicy\" appears twice" },
};

static void text(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	hm_err err = trust_blob_policy_check(&cx, hm_cstr(t->text));
	if (t->why)
		assert_fault(err, HM_INPUT, t->why);
	else
		assert_ok(err);
}

/* Of the published policies two are for blobs; the others have scopes, if they are JSON at all. */
static void check_published(struct hm_cx *cx, const char *folder, size_t *good, size_t *bad)
{
	struct hm_strs names;
	const char *dir = unit_data(cx, folder);
	assert_ok(hm_list_dir(cx, dir, 1000, &names));
	for (size_t i = 0; i < names.n; i++) {
		struct hm_str bytes;
		assert_ok(hm_read_file(cx, hm_path(cx, dir, names.p[i].p), HM_MIB, &bytes));
		hm_err err = trust_blob_policy_check(cx, bytes);
		bool is_ours = hm_eqz(names.p[i], "blob_trust_policy.json") ||
			       hm_eqz(names.p[i], "trustpolicy.blob.json");
		if (is_ours)
			assert_ok(err);
		else if (hm_eqz(names.p[i], "invalid_format_trustpolicy.json"))
			assert_fault(err, HM_INPUT, "expected a comma or a closing bracket");
		else
			assert_fault(err, HM_INPUT, "statement \"");
		*good += is_ours;
		*bad += !is_ours;
	}
}

static void published(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	size_t good = 0, bad = 0;
	check_published(&cx, "signing/notation/e2e/config/trustpolicies/", &good, &bad);
	check_published(&cx, "signing/notation/e2e/blob/trustpolicies/", &good, &bad);
	assert_int_equal(good, 2);
	assert_int_equal(bad, 42);
}

static const char three[] =
	DOCUMENT(NAMED("a", TERMS) "," NAMED("b", TERMS "," GLOBAL) "," NAMED("c", SKIP));

static const struct selection {
	const char *label, *text, *name, *want; /* want NULL: none */
} selections[] = {
	{ "by its name", three, "a", "a" },
	{ "the global one by its name", three, "b", "b" },
	{ "the global one where none is named", three, "", "b" },
	{ "one that is not there", three, "d", NULL },
	{ "another case", three, "A", NULL },
	{ "a blank behind it", three, "a ", NULL },
	{ "its beginning", DOCUMENT(NAMED("ab", TERMS)), "a", NULL },
	{ "no global one", DOCUMENT(NAMED("a", TERMS)), "", NULL },
	{ "a star is a name like others", three, "*", NULL },
};

static void selects(void **state)
{
	const struct selection *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct trust_policy p;
	assert_ok(trust_blob_policy_parse(&cx, hm_cstr(t->text), &p));
	const struct trust_statement *s = trust_blob_policy_select(&p, hm_cstr(t->name));
	assert_int_equal(s != NULL, t->want != NULL);
	if (s)
		assert_strz(s->name, t->want);
}

static void policy_file(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const char *dir = unit_temp_dir();
	struct hm_str got, path;
	struct trust_config *t;
	assert_fault(trust_blob_policy_read(&cx, dir, &got, &path), HM_ABSENT,
		     "there is no trust policy for blobs in");
	assert_fault(trust_blob_config_open(&cx, dir, &t), HM_ABSENT, "no trust policy for blobs");
	assert_ok(trust_blob_policy_import(&cx, dir, hm_cstr(three)));
	assert_fault(trust_blob_policy_import(&cx, dir, HM_STR("{}")), HM_INPUT,
		     "\"version\" is missing");
	assert_ok(trust_blob_policy_read(&cx, dir, &got, &path));
	assert_strz(got, three);
	assert_true(hm_ends(path, HM_STR("/trustpolicy.blob.json")));
	/* it is no policy for images, nor is there one now */
	assert_fault(trust_policy_read(&cx, dir, &got, &path), HM_ABSENT, "no trust policy in");
	char *file = hm_path(&cx, dir, "trustpolicy.blob.json");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("elsewhere.json", file), 0);
	assert_fault(trust_blob_policy_read(&cx, dir, &got, &path), HM_INPUT, "symbolic link");
}

/* --- what a file's name says --- */

static const struct name_case {
	const char *name, *format; /* NULL: it says none */
} names[] = {
	{ "app.zip.jws.sig", "jws" },
	{ "app.zip.cose.sig", "cose" },
	{ "a.jws.cose.sig", "cose" },
	{ "app.JWS.Sig", "jws" },
	{ ".jws.sig", "jws" },
	{ "folder/a.jws.sig", "jws" },
	{ "jws.sig", NULL },
	{ "a.jws", NULL },
	{ "a.sig", NULL },
	{ "a.jws.sig.txt", NULL },
	{ "a.jwsx.sig", NULL },
	{ "a.xjws.sig", NULL },
	{ "a.jws.sig2", NULL },
	{ "a..sig", NULL },
	{ ".sig", NULL },
	{ "sig", NULL },
	{ "", NULL },
	{ "a.pgp.sig", NULL },
	{ "jws.sig/a", NULL },
	{ "a.jws.sig/", NULL },
};

static void names_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(names); i++) {
		const struct envelope_format *f = trust_blob_format(hm_cstr(names[i].name));
		assert_int_equal(f != NULL, names[i].format != NULL);
		if (f)
			assert_string_equal(f->name, names[i].format);
	}
}

/* --- sign and verify --- */

static const enum crypto_alg notary_algs[] = { CRYPTO_PS256, CRYPTO_PS384, CRYPTO_PS512,
					       CRYPTO_ES256, CRYPTO_ES384, CRYPTO_ES512 };
static const char *const digest_names[] = { "sha256:", "sha384:", "sha512:" };

struct kit {
	struct hm_cx cx;
	const char *dir;
	struct trust_config *config;
	struct trust_blob blob;
	char *path;
};

static void write_blob(struct kit *k, struct hm_str bytes)
{
	hm_close_fd(&k->blob.fd);
	assert_ok(hm_write_file(&k->cx, k->path, bytes, 0600));
	k->blob.fd = open(k->path, O_RDONLY | O_CLOEXEC);
	k->blob.size = bytes.n;
	assert_true(k->blob.fd >= 0);
}

/* A key and its certificate, which a store of their name believes, as trust_generate_test() makes
 * them. */
static void add_key(struct hm_cx *cx, const char *dir, struct hm_str name, enum crypto_alg alg)
{
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	struct trust_key k = { .name = name,
			       .key_path = hm_fmt(cx, "%s/%.*s.key", dir, HM_FMT(name)),
			       .cert_path = hm_fmt(cx, "%s/%.*s.crt", dir, HM_FMT(name)) };
	unit_make_key(cx, alg, &key);
	assert_ok(crypto_self_signed(cx, &key, name, NOW, 1, &chain));
	assert_ok(crypto_key_pem(cx, &key, &pem));
	struct hm_str certificate = crypto_chain_pem(cx, &chain);
	assert_ok(hm_output_write(cx, k.key_path.p, hm_secret_str(&pem), 0600));
	assert_ok(hm_output_write(cx, k.cert_path.p, certificate, 0644));
	assert_ok(trust_store_add(cx, dir, "ca", name, HM_STR("it.crt"), certificate));
	assert_ok(trust_key_add(cx, dir, &k, NULL, NOW));
}

/* Keys "k1", "k2", ... of these algorithms, and a policy that believes all of them. */
static void open_kit(struct kit *k, const enum crypto_alg *algs, size_t n, const char *policy)
{
	*k = (struct kit){ .cx = HM_CX(SIZE_MAX), .dir = unit_temp_dir() };
	struct hm_cx *cx = &k->cx;
	for (size_t i = 0; i < n; i++)
		add_key(cx, k->dir, hm_fmt(cx, "k%zu", i + 1), algs[i]);
	assert_ok(trust_blob_policy_import(cx, k->dir, hm_cstr(policy)));
	assert_ok(trust_blob_config_open(cx, k->dir, &k->config));
	k->path = hm_path(cx, k->dir, "blob");
	k->blob = (struct trust_blob){ .path = k->path, .fd = -1, .media_type = HM_STR("a/b") };
	write_blob(k, HM_STR("content"));
}

static void close_kit(struct kit *k)
{
	hm_close_fd(&k->blob.fd);
	trust_config_close(k->config);
	hm_cx_done(&k->cx);
}

#define TRUSTING(stores, more) \
	NAMED("n", STRICT ",\"trustStores\":[" stores "]," ANYONE "," GLOBAL more)

static struct trust_blob_signature sign_as(struct kit *k, const char *name)
{
	TRUST_AUTO_SIGNER signer = { 0 };
	struct trust_sign_options o = { .now = NOW, .expiry_seconds = 3600 };
	struct trust_sealed made;
	*hm_push(&k->cx, &o.user_metadata) =
		(struct oci_annotation){ HM_STR("build"), HM_STR("42") };
	assert_ok(trust_signer_open(&k->cx, k->dir, hm_cstr(name), NULL, &signer));
	assert_ok(trust_blob_sign(&k->cx, &k->blob, &signer, &o, &made));
	return (struct trust_blob_signature){ HM_STR("x.jws.sig"), made.bytes };
}

static struct trust_verdict verify_as(struct kit *k, const struct trust_blob_signature *s, size_t n,
				      int64_t now)
{
	struct trust_verify_options o = { .now = now };
	struct trust_blob_question q = {
		.blob = &k->blob, .signatures = s, .signatures_n = n, .options = &o
	};
	struct trust_verdict v;
	assert_ok(trust_blob_verify(&k->cx, k->config, &q, &v));
	return v;
}

static void assert_no(const struct trust_verdict *v, const char *why)
{
	assert_false(v->verified);
	if (hm_find(v->why, hm_cstr(why)) == SIZE_MAX)
		fail_msg("\"%.*s\" does not say \"%s\"", (int)v->why.n, v->why.p, why);
}

static void every_algorithm(void **state)
{
	(void)state;
	struct kit k;
	open_kit(&k, notary_algs, HM_LEN(notary_algs),
		 DOCUMENT(TRUSTING("\"ca:k1\",\"ca:k2\",\"ca:k3\",\"ca:k4\",\"ca:k5\",\"ca:k6\"",
				   "")));
	for (size_t i = 0; i < HM_LEN(notary_algs); i++) {
		TRUST_AUTO_CLAIM claim = { 0 };
		struct hm_str type;
		struct oci_descriptor target;
		write_blob(&k, HM_STR("content"));
		struct trust_blob_signature s = sign_as(&k, hm_fmt(&k.cx, "k%zu", i + 1).p);
		assert_ok(trust_blob_claim(&k.cx, &s, &type, &claim));
		assert_ok(trust_claim_target(&k.cx, &claim, &target));
		assert_true(hm_starts(target.digest, hm_cstr(digest_names[i % 3])));
		assert_strz(target.media_type, "a/b");
		assert_int_equal(target.size, 7);
		struct trust_verdict v = verify_as(&k, &s, 1, NOW + 1);
		assert_true(v.verified);
		assert_int_equal(v.valid_until, NOW + 3600);
		assert_strz(v.signatures[0].file, "x.jws.sig");
		write_blob(&k, HM_STR("Content"));
		v = verify_as(&k, &s, 1, NOW + 1);
		assert_no(&v, "it is a signature of something else");
		write_blob(&k, HM_STR("content "));
		v = verify_as(&k, &s, 1, NOW + 1);
		assert_no(&v, "it is a signature of something else");
	}
	close_kit(&k);
}

static const enum crypto_alg two_keys[] = { CRYPTO_ES256, CRYPTO_ES384 };

static void says_no(void **state)
{
	(void)state;
	struct kit k;
	open_kit(&k, two_keys, 2, DOCUMENT(TRUSTING("\"ca:k1\"", "")));
	struct trust_blob_signature good = sign_as(&k, "k1"), other = sign_as(&k, "k2");
	struct trust_verdict v = verify_as(&k, &good, 1, NOW + 1);
	assert_true(v.verified);
	/* whose, and when */
	v = verify_as(&k, &other, 1, NOW + 1);
	assert_no(&v, "does not lead to a trusted root in ca:k1");
	v = verify_as(&k, &good, 1, NOW + 3601);
	assert_no(&v, "the signature expired at");
	v = verify_as(&k, &good, 1, NOW + 2 * 86400);
	assert_false(v.verified);
	v = verify_as(&k, &good, 0, NOW + 1);
	assert_no(&v, "it has no signature");
	/* as what */
	k.blob.media_type = HM_STR("a/c");
	v = verify_as(&k, &good, 1, NOW + 1);
	assert_no(&v, "it is the signature of a blob of type \"a/b\", not \"a/c\"");
	k.blob.media_type = HM_STR("");
	v = verify_as(&k, &good, 1, NOW + 1);
	assert_true(v.verified);
	/* in which format: what the name says, or whatever it is */
	static const struct hm_str unnamed[] = { HM_STR_INIT("x"), HM_STR_INIT("x.sig"),
						 HM_STR_INIT("x.pgp.sig") };
	for (size_t i = 0; i < HM_LEN(unnamed); i++) {
		struct trust_blob_signature s = { unnamed[i], good.bytes };
		v = verify_as(&k, &s, 1, NOW + 1);
		assert_true(v.verified);
		s.bytes = hm_sub(good.bytes, 0, good.bytes.n - 1);
		v = verify_as(&k, &s, 1, NOW + 1);
		assert_no(&v, "it is not an envelope of any known format");
	}
	struct trust_blob_signature cut = { HM_STR("x.jws.sig"),
					    hm_sub(good.bytes, 0, good.bytes.n - 1) };
	v = verify_as(&k, &cut, 1, NOW + 1);
	assert_no(&v, "JSON");
	close_kit(&k);
}

/* Of several signatures one is enough, or as many as the policy asks for. */
static void several(void **state)
{
	(void)state;
	struct kit k;
	open_kit(&k, two_keys, 2, DOCUMENT(TRUSTING("\"ca:k1\"", "")));
	struct trust_blob_signature s[] = { sign_as(&k, "k2"), sign_as(&k, "k1") };
	struct trust_verdict v = verify_as(&k, s, 2, NOW + 1);
	assert_true(v.verified);
	assert_int_equal(v.signatures_n, 2);
	assert_false(v.signatures[0].good);
	close_kit(&k);
	open_kit(&k, two_keys, 2,
		 OTHER_DOCUMENT(TRUSTING("\"ca:k1\",\"ca:k2\"", ",\"signers\":2")));
	struct trust_blob_signature both[] = { sign_as(&k, "k1"), sign_as(&k, "k2"),
					       sign_as(&k, "k1") };
	v = verify_as(&k, both, 2, NOW + 1);
	assert_true(v.verified);
	v = verify_as(&k, both, 1, NOW + 1);
	assert_no(&v, "only 1 of the 2 signers that it needs have signed it");
	struct trust_blob_signature twice[] = { both[0], both[2] };
	v = verify_as(&k, twice, 2, NOW + 1);
	assert_no(&v, "only 1 of the 2 signers that it needs have signed it");
	close_kit(&k);
}

static void no_statement(void **state)
{
	(void)state;
	struct kit k;
	struct trust_verdict v;
	struct trust_verify_options o = { .now = NOW + 1 };
	open_kit(&k, two_keys, 1,
		 DOCUMENT(NAMED("a", STRICT
				",\"trustStores\":[\"ca:k1\"]," ANYONE) "," NAMED("s", SKIP)));
	struct trust_blob_signature s = sign_as(&k, "k1");
	struct trust_blob_question q = {
		.blob = &k.blob, .signatures = &s, .signatures_n = 1, .options = &o
	};
	assert_ok(trust_blob_verify(&k.cx, k.config, &q, &v));
	assert_no(&v, "the trust policy has no global statement, and none was named");
	q.policy_name = HM_STR("b");
	assert_ok(trust_blob_verify(&k.cx, k.config, &q, &v));
	assert_no(&v, "the trust policy has no statement \"b\"");
	q.policy_name = HM_STR("a");
	assert_ok(trust_blob_verify(&k.cx, k.config, &q, &v));
	assert_true(v.verified);
	q.policy_name = HM_STR("s");
	q.signatures_n = 0;
	assert_ok(trust_blob_verify(&k.cx, k.config, &q, &v));
	assert_true(v.verified && v.skipped);
	close_kit(&k);
}

/* A file that is not what the system said it was is neither signed nor verified. */
static void changing_file(void **state)
{
	(void)state;
	struct kit k;
	TRUST_AUTO_SIGNER signer = { 0 };
	struct trust_sign_options so = { .now = NOW };
	struct trust_verify_options o = { .now = NOW + 1 };
	struct trust_sealed made;
	struct trust_verdict v;
	open_kit(&k, two_keys, 1, DOCUMENT(TRUSTING("\"ca:k1\"", "")));
	struct trust_blob_signature s = sign_as(&k, "k1");
	struct trust_blob_question q = {
		.blob = &k.blob, .signatures = &s, .signatures_n = 1, .options = &o
	};
	assert_ok(trust_signer_open(&k.cx, k.dir, HM_STR("k1"), NULL, &signer));
	static const char *const contents[] = { "", "conten", "content!" };
	for (size_t i = 0; i < HM_LEN(contents); i++) {
		write_blob(&k, hm_cstr(contents[i]));
		k.blob.size = 7; /* as it was before */
		assert_fault(trust_blob_sign(&k.cx, &k.blob, &signer, &so, &made), HM_BUSY,
			     "was changed while it was read");
		assert_fault(trust_blob_verify(&k.cx, k.config, &q, &v), HM_BUSY,
			     "was changed while it was read");
	}
	/* what cannot be read at all */
	hm_close_fd(&k.blob.fd);
	assert_fault(trust_blob_sign(&k.cx, &k.blob, &signer, &so, &made), HM_SYSTEM,
		     "could not read");
	assert_fault(trust_blob_verify(&k.cx, k.config, &q, &v), HM_SYSTEM, "could not read");
	trust_signer_done(&signer); /* it lives in the kit's memory */
	signer = (struct trust_signer){ 0 };
	close_kit(&k);
}

/* Pieces end where they may: around a piece's size. */
static void pieces(void **state)
{
	(void)state;
	struct kit k;
	open_kit(&k, two_keys, 2, DOCUMENT(TRUSTING("\"ca:k1\",\"ca:k2\"", "")));
	static const size_t sizes[] = {
		0, 1, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 3 << 17
	};
	for (size_t i = 0; i < HM_LEN(sizes); i++) {
		struct hm_str bytes = { hm_alloc(&k.cx, 1, sizes[i] + 1, 1), sizes[i] };
		write_blob(&k, bytes);
		struct trust_blob_signature s = sign_as(&k, "k2");
		TRUST_AUTO_CLAIM claim = { 0 };
		struct hm_str type;
		struct oci_descriptor target;
		assert_ok(trust_blob_claim(&k.cx, &s, &type, &claim));
		assert_ok(trust_claim_target(&k.cx, &claim, &target));
		assert_str(target.digest, crypto_digest_text(&k.cx, CRYPTO_SHA384, bytes));
		struct trust_verdict v = verify_as(&k, &s, 1, NOW + 1);
		assert_true(v.verified);
	}
	close_kit(&k);
}

static const struct type_case {
	const char *type;
	bool good;
} types[] = {
	{ "application/octet-stream", true },
	{ "a/b", true },
	{ "application/vnd.x+json", true },
	{ "text/plain; charset=utf-8", true },
	{ "text/plain;charset=\"x y\"", true },
	{ "Text/Plain", true },
	{ "", false },
	{ "a", false },
	{ "/", false },
	{ "a/", false },
	{ "/b", false },
	{ "a/b/c", false },
	{ "a b/c", false },
	{ "a/b c", false },
	{ "a/b,c/d", false },
	{ "a/b\n", false },
	{ "a/b;\n", false },
	{ "a/b ", false },
	{ " a/b", false },
	{ "a/\"b\"", false },
	{ "ä/b", false },
	{ ";a/b", false },
};

static void media_types(void **state)
{
	(void)state;
	struct kit k;
	TRUST_AUTO_SIGNER signer = { 0 };
	struct trust_sign_options so = { .now = NOW };
	struct trust_sealed made;
	open_kit(&k, two_keys, 1, DOCUMENT(TRUSTING("\"ca:k1\"", "")));
	assert_ok(trust_signer_open(&k.cx, k.dir, HM_STR("k1"), NULL, &signer));
	for (size_t i = 0; i < HM_LEN(types); i++) {
		k.blob.media_type = hm_cstr(types[i].type);
		hm_err err = trust_blob_sign(&k.cx, &k.blob, &signer, &so, &made);
		if (types[i].good)
			assert_ok(err);
		else
			assert_fault(err, HM_USAGE, "is not a valid media type");
	}
	trust_signer_done(&signer); /* it lives in the kit's memory */
	signer = (struct trust_signer){ 0 };
	close_kit(&k);
}

int main(void)
{
	unit_workers();
	UNIT_TABLE(text, texts);
	UNIT(published);
	UNIT_TABLE(selects, selections);
	UNIT(policy_file);
	UNIT(names_say);
	UNIT(every_algorithm);
	UNIT(says_no);
	UNIT(several);
	UNIT(no_statement);
	UNIT(changing_file);
	UNIT(pieces);
	UNIT(media_types);
	return unit_run("trust/blob");
}
