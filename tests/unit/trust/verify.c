/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "trust/trust.h"

#include "../crypto/pki.h"
#include "unit.h"

#define E2E   "signing/notation/e2e/"
#define TRUST "ca:t", E2E "config/localkeys/e2e.crt"

/* Published layouts, under a policy with one statement for r.test/app. */
static const struct layout_case {
	const char *label, *layout;
	const char *store, *certificate; /* TYPE:NAME, and what is in it */
	const char *verification, *tsa;  /* JSON; certificate of store tsa:t, or NULL */
	const char *identity, *scope;    /* NULL: "*", r.test/app */
	int64_t now;                     /* 0: the clock */
	const char *why;                 /* NULL: verified */
} layouts[] = {
	{ "a valid signature", "e2e-valid-signature", TRUST },
	{ "one of several", "e2e-valid-multiple-signatures", TRUST },
	{ "none at all", "e2e", TRUST, .why = "no signature" },
	{ "an expired signature", "e2e-expired-signature", TRUST, .why = "expired" },
	{ "an expired signature, before it expired", "e2e-expired-signature", TRUST,
	  .now = 1687842000 },
	{ "an expired signature under permissive", "e2e-expired-signature", TRUST,
	  .verification = "{\"level\":\"permissive\"}" },
	{ "an expired signature, expiry overridden", "e2e-expired-signature", TRUST,
	  .verification = "{\"level\":\"strict\",\"override\":{\"expiry\":\"log\"}}" },
	{ "an invalid signature", "e2e-invalid-signature", TRUST, .why = "" },
	{ "an invalid signature under audit", "e2e-invalid-signature", TRUST,
	  .verification = "{\"level\":\"audit\"}", .why = "" },
	{ "another root", "e2e-valid-signature", "ca:t", E2E "config/localkeys/new_e2e.crt",
	  .why = "does not lead to a trusted root" },
	{ "another root under audit", "e2e-valid-signature", "ca:t",
	  E2E "config/localkeys/new_e2e.crt", .verification = "{\"level\":\"audit\"}" },
	{ "another root, authenticity overridden", "e2e-valid-signature", "ca:t",
	  E2E "config/localkeys/new_e2e.crt",
	  .verification = "{\"level\":\"strict\",\"override\":{\"authenticity\":\"log\"}}" },
	{ "only a store for signing authorities", "e2e-valid-signature", "signingAuthority:t",
	  E2E "config/localkeys/e2e.crt", .why = "does not name a trust store of type \"ca\"" },
	{ "a store that is not there", "e2e-valid-signature", "ca:absent", NULL,
	  .why = "does not exist" },
	{ "the right identity", "e2e-valid-signature", TRUST,
	  .identity = "x509.subject: C=US, ST=WA, O=Notary, CN=e2e" },
	{ "another identity", "e2e-valid-signature", TRUST,
	  .identity = "x509.subject: C=US, ST=WA, O=Notary, CN=other",
	  .why = "trusted identities" },
	{ "an identity of a kind for plugins", "e2e-valid-signature", TRUST,
	  .identity = "plugin.id:x", .why = "trusted identities" },
	{ "another scope", "e2e-valid-signature", TRUST, .scope = "r.test/other",
	  .why = "no statement of the trust policy" },
	{ "no scope", "e2e-valid-signature", TRUST, .scope = "", .why = "no statement" },
	{ "an expired certificate", "e2e-with-expired-cert", "ca:t",
	  E2E "config/localkeys/expired_e2e.crt", .why = "expired" },
	{ "an expired certificate, while it was valid", "e2e-with-expired-cert", "ca:t",
	  E2E "config/localkeys/expired_e2e.crt", .now = 1687845600 },
	{ "an expired certificate under permissive", "e2e-with-expired-cert", "ca:t",
	  E2E "config/localkeys/expired_e2e.crt", .verification = "{\"level\":\"permissive\"}" },
	{ "level skip looks at nothing", "e2e-invalid-signature", NULL, NULL,
	  .verification = "{\"level\":\"skip\"}" },
	{ "no timestamp where one is wanted", "e2e-valid-signature", TRUST,
	  .tsa = E2E "config/timestamp/DigiCertTSARootSHA384.cer", .why = "no timestamp" },
	{ "no timestamp, wanted only once the certificate expired", "e2e-valid-signature", TRUST,
	  .verification = "{\"level\":\"strict\",\"verifyTimestamp\":\"afterCertExpiry\"}",
	  .tsa = E2E "config/timestamp/DigiCertTSARootSHA384.cer" },
};

static const char *make_config(struct hm_cx *cx, const struct layout_case *t)
{
	const char *dir = unit_temp_dir();
	struct hm_str bytes;
	bool skip = t->verification && strstr(t->verification, "skip\"}");
	struct hm_str rest =
		skip ? HM_STR("")
		     : hm_fmt(cx, ",\"trustStores\":[\"%s\"%s],\"trustedIdentities\":[\"%s\"]",
			      t->store, t->tsa ? ",\"tsa:t\"" : "",
			      t->identity ? t->identity : "*");
	struct hm_str text = hm_fmt(
		cx,
		"{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"app\",\"registryScopes\":"
		"[\"r.test/app\"],\"signatureVerification\":%s%s}]}",
		t->verification ? t->verification : "{\"level\":\"strict\"}", rest.p);
	assert_ok(trust_policy_import(cx, dir, text));
	if (t->certificate) {
		struct hm_str name = hm_cstr(t->store), type = hm_cut(&name, ':');
		assert_ok(hm_read_file(cx, unit_data(cx, t->certificate), HM_MIB, &bytes));
		assert_ok(
			trust_store_add(cx, dir, hm_dupz(cx, type), name, HM_STR("c.crt"), bytes));
	}
	if (t->tsa) {
		assert_ok(hm_read_file(cx, unit_data(cx, t->tsa), HM_MIB, &bytes));
		assert_ok(trust_store_add(cx, dir, "tsa", HM_STR("t"), HM_STR("c.crt"), bytes));
	}
	return dir;
}

static struct oci_place *open_layout(struct hm_cx *cx, const char *path, struct oci_descriptor *out)
{
	struct oci_target target;
	struct oci_place *p;
	static const struct oci_access access;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s:v1", path), &target));
	assert_ok(oci_open(cx, &access, &target, OCI_READ, &p));
	assert_ok(oci_resolve(cx, p, HM_STR(""), out));
	return p;
}

static void layout(void **state)
{
	const struct layout_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct oci_descriptor subject;
	struct trust_config *config;
	struct trust_verdict v;
	const char *path = unit_data(&cx, hm_fmt(&cx, E2E "registry/oci_layout/%s", t->layout).p);
	OCI_AUTO_PLACE p = open_layout(&cx, path, &subject);
	assert_ok(trust_config_open(&cx, make_config(&cx, t), &config));
	struct trust_verify_options o = { .scope = hm_cstr(t->scope ? t->scope : "r.test/app"),
					  .now = t->now };
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	if (t->why) {
		assert_false(v.verified);
		if (hm_find(v.why, hm_cstr(t->why)) == SIZE_MAX)
			print_error("%.*s\n", HM_FMT(v.why));
		assert_true(hm_find(v.why, hm_cstr(t->why)) != SIZE_MAX);
	} else {
		if (!v.verified)
			print_error("%.*s\n", HM_FMT(v.why));
		assert_true(v.verified);
		assert_strz(v.policy, "app");
	}
	/* A subject that differs in anything has no signature there. */
	struct oci_descriptor other = subject;
	other.media_type = HM_STR(OCI_INDEX);
	hm_err err = trust_verify(&cx, config, p, &other, &o, &v);
	assert_true(err || !v.verified || v.skipped);
	trust_config_close(config);
}

/* A key "k" made at `now`, good for a day, and a policy that believes its certificate everywhere.
 */
static void trust_key_k(struct hm_cx *cx, const char *config_dir, int64_t now)
{
	struct trust_key key;
	struct trust_test_certificate want = {
		.name = HM_STR("k"), .alg = CRYPTO_ES256, .now = now, .days = 1
	};
	assert_ok(trust_generate_test(cx, config_dir, &want, &key));
	assert_ok(trust_policy_import(
		cx, config_dir,
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
		       "\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"ca:k\"],"
		       "\"trustedIdentities\":[\"*\"]}]}")));
}

/* What was signed is found again, with its metadata; an end is the earliest of all ends. */
static void sign(void **state)
{
	(void)state;
	enum { NOW = 1700000000 };
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *config_dir = unit_temp_dir();
	char *layout = hm_path(&cx, dir, "layout");
	struct oci_target target;
	struct oci_place *place;
	static const struct oci_access access;
	struct oci_descriptor subject, signature;
	struct trust_config *config;
	struct trust_verdict v;
	TRUST_AUTO_SIGNER signer = { 0 };
	trust_key_k(&cx, config_dir, NOW);
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s:v1", layout), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	assert_ok(oci_attach(&cx, p, &a, &subject));
	assert_ok(trust_signer_open(&cx, config_dir, HM_STR("k"), NULL, &signer));
	struct trust_sign_options so = { .expiry_seconds = 3600, .now = NOW };
	*hm_push(&cx, &so.user_metadata) = (struct oci_annotation){ HM_STR("build"), HM_STR("42") };
	assert_ok(trust_sign(&cx, p, &subject, &signer, &so, &signature));
	assert_ok(trust_config_open(&cx, config_dir, &config));
	struct trust_verify_options o = { .scope = HM_STR("r.test/app"), .now = NOW + 1 };
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_true(v.verified);
	assert_int_equal(v.valid_until, NOW + 3600);
	assert_strz(trust_signature_signer(&v.signatures[0]).value,
		    "CN=k,O=Notary,L=Seattle,ST=WA,C=US");
	assert_str(v.signatures[0].descriptor.digest, signature.digest);
	o.user_metadata = so.user_metadata;
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_true(v.verified);
	o.user_metadata.p[0].value = HM_STR("43");
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_false(v.verified);
	o.user_metadata = (struct oci_annotations){ 0 };
	o.now = NOW + 3600;
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_false(v.verified);
	o.now = NOW - 1;
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_false(v.verified);
	/* Nobody signs with a certificate that is not valid, nor under reserved names. */
	so.now = NOW + 2 * 86400;
	assert_fault(trust_sign(&cx, p, &subject, &signer, &so, &signature), HM_TRUST, "expired");
	so.now = NOW;
	so.user_metadata.p[0].key = HM_STR("io.cncf.notary.x");
	assert_fault(trust_sign(&cx, p, &subject, &signer, &so, &signature), HM_USAGE,
		     "cannot have the key");
	trust_config_close(config);
}

/* One of the subject's signatures that is none: `bytes` instead of an envelope. */
static void attach_junk(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
			struct hm_str bytes)
{
	struct oci_descriptor layer = { .media_type = HM_STR(ENVELOPE_JWS_TYPE),
					.digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
					.size = bytes.n };
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .media_type = HM_STR(OCI_MANIFEST),
				  .config = { .media_type = HM_STR(TRUST_SIGNATURE_TYPE),
					      .digest = crypto_digest_text(cx, CRYPTO_SHA256,
									   HM_STR(OCI_EMPTY_BYTES)),
					      .size = 2 },
				  .layers = &layer,
				  .layers_n = 1,
				  .subject = *subject };
	struct hm_str text;
	struct oci_descriptor d;
	assert_ok(oci_push_bytes(cx, p, &layer, bytes));
	assert_ok(oci_manifest_format(cx, &m, &text));
	assert_ok(oci_push_manifest(cx, p, text, m.media_type, HM_STR(""), &d));
}

/* Whoever may push can attach what is no signature: it costs the good one neither memory nor its
 * turn. */
static void much_junk_does_not_hide_a_signature(void **state)
{
	(void)state;
	enum { JUNK = 40, EACH = 2 << 20 };
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *config_dir = unit_temp_dir();
	struct oci_target target;
	struct oci_place *place;
	static const struct oci_access access;
	struct oci_descriptor subject, signature;
	struct trust_config *config;
	struct trust_verdict v;
	TRUST_AUTO_SIGNER signer = { 0 };
	trust_key_k(&cx, config_dir, PKI_NOW);
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s/layout:v1", unit_temp_dir()), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	assert_ok(oci_attach(&cx, p, &a, &subject));
	assert_ok(trust_signer_open(&cx, config_dir, HM_STR("k"), NULL, &signer));
	struct trust_sign_options so = { .now = PKI_NOW };
	assert_ok(trust_sign(&cx, p, &subject, &signer, &so, &signature));
	char *bytes = hm_new(&cx, char, EACH);
	memset(bytes, ' ', EACH);
	for (int i = 0; i < JUNK; i++) {
		bytes[i] = '{';
		attach_junk(&cx, p, &subject, hm_bytes(bytes, EACH));
	}
	assert_ok(trust_config_open(&cx, config_dir, &config));
	struct trust_verify_options o = { .scope = HM_STR("r.test/app"), .now = PKI_NOW };
	HM_AUTO_CX small = HM_CX(JUNK / 4 * EACH);
	assert_ok(trust_verify(&small, config, p, &subject, &o, &v));
	assert_true(v.verified);
	trust_config_close(config);
}

/* The certificates of a signature say whom to ask about them; whom strangers name is not asked. */
static void strangers_are_asked_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *config_dir = unit_temp_dir();
	struct oci_target target;
	struct oci_place *place;
	static const struct oci_access access;
	struct oci_descriptor subject, signature;
	struct trust_config *config;
	struct trust_verdict v;
	struct http_client *http;
	struct crypto_chain known;
	struct trust_signer signer = { 0 };
	struct pki_cert root = pki_make(&(struct pki_want){ "root", PKI_CA }, NULL);
	struct pki_cert leaf =
		pki_make(&(struct pki_want){ "leaf", PKI_LEAF,
					     .ocsp = "OCSP;URI:http://127.0.0.1:1/" },
			 &root);
	struct hm_str der[] = { pki_der(&cx, leaf.x), pki_der(&cx, root.x) };
	assert_ok(crypto_chain_from_der(&cx, der, 2, &signer.chain));
	struct crypto_key key = { leaf.key, CRYPTO_ES256 };
	struct crypto_key_signer operations = crypto_key_signer(&key);
	signer.signer = &operations.signer;
	struct pki_cert other = pki_make(&(struct pki_want){ "other", PKI_CA }, NULL);
	struct hm_str other_der = pki_der(&cx, other.x);
	assert_ok(crypto_chain_from_der(&cx, &other_der, 1, &known));
	assert_ok(trust_store_add(&cx, config_dir, "ca", HM_STR("k"), HM_STR("k.crt"),
				  crypto_chain_pem(&cx, &known)));
	assert_ok(trust_policy_import(
		&cx, config_dir,
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
		       "\"signatureVerification\":{\"level\":\"audit\"},\"trustStores\":[\"ca:k\"],"
		       "\"trustedIdentities\":[\"*\"]}]}")));
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "oci:%s/layout:v1", dir), &target));
	assert_ok(oci_open(&cx, &access, &target, OCI_WRITE, &place));
	OCI_AUTO_PLACE p = place;
	struct oci_artifact a = { .artifact_type = HM_STR("application/x-test"),
				  .blob_type = HM_STR("text/plain"),
				  .bytes = HM_STR("content") };
	assert_ok(oci_attach(&cx, p, &a, &subject));
	struct trust_sign_options so = { .now = PKI_NOW };
	assert_ok(trust_sign(&cx, p, &subject, &signer, &so, &signature));
	assert_ok(trust_config_open(&cx, config_dir, &config));
	/* a client that says when it is used */
	assert_ok(http_client_open(&cx, &(struct http_config){ .offline = true }, &http));
	struct trust_verify_options o = { .scope = HM_STR("r.test/app"),
					  .now = PKI_NOW,
					  .http = http };
	assert_ok(trust_verify(&cx, config, p, &subject, &o, &v));
	assert_true(v.verified);
	assert_false(v.signatures[0].results[TRUST_AUTHENTICITY].good);
	struct hm_str why = v.signatures[0].results[TRUST_REVOCATION].why;
	assert_true(hm_find(why, HM_STR("revocation cannot be checked")) != SIZE_MAX);
	trust_config_close(config);
	http_client_close(http);
	crypto_chain_done(&known);
	crypto_chain_done(&signer.chain);
	pki_free(&leaf);
	pki_free(&root);
	pki_free(&other);
}

int main(void)
{
	unit_workers();
	UNIT_TABLE(layout, layouts);
	UNIT(sign);
	UNIT(much_junk_does_not_hide_a_signature);
	UNIT(strangers_are_asked_nothing);
	return unit_run("trust/verify");
}
