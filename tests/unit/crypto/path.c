/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, held against OpenSSL's own verification of the same: same verdict, same reason. */
#include "crypto/issued.h"
#include "pki.h"

#define LEAF PKI_LEAF, .extended = "codeSigning", .constraints = "critical,CA:FALSE"

static const struct path_case {
	const char *label;
	struct pki_want leaf, ca, root;
	int64_t when;
	bool broken_leaf, broken_ca; /* signed, then a bit of the signature is turned */
	bool other_root;             /* the authority ends in another root of that name */
	const char *why;             /* NULL: it is a path */
} cases[] = {
	{ "a path", { "l", LEAF }, { "c", PKI_CA }, { "r", PKI_CA }, .why = NULL },
	{ "of P-384",
	  { "l", LEAF, .group = "P-384", .md = NULL },
	  { "c", PKI_CA, .group = "P-384" },
	  { "r", PKI_CA, .group = "P-384" },
	  .why = NULL },
	{ "a leaf that was changed",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .broken_leaf = true,
	  .why = "signature" },
	{ "an authority that was changed",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .broken_ca = true,
	  .why = "signature" },
	{ "another root of that name",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .other_root = true,
	  .why = "local issuer" },
	{ "the leaf's first second",
	  { "l", LEAF, .from = PKI_NOW },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = NULL },
	{ "before the leaf's first second",
	  { "l", LEAF, .from = PKI_NOW + 1 },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = "not yet valid" },
	{ "the leaf's last second",
	  { "l", LEAF, .to = PKI_NOW },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = NULL },
	{ "past the leaf's last second",
	  { "l", LEAF, .to = PKI_NOW - 1 },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = "expired" },
	{ "past the authority's last second",
	  { "l", LEAF },
	  { "c", PKI_CA, .to = PKI_NOW - 1 },
	  { "r", PKI_CA },
	  .why = "expired" },
	{ "before the authority's first second",
	  { "l", LEAF },
	  { "c", PKI_CA, .from = PKI_NOW + 1 },
	  { "r", PKI_CA },
	  .why = "not yet valid" },
	{ "past the root's last second",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA, .to = PKI_NOW - 1 },
	  .why = "expired" },
	{ "the root's last second",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA, .to = PKI_NOW },
	  .why = NULL },
	{ "an authority that may not sign certificates",
	  { "l", LEAF },
	  { "c", .usage = "critical,cRLSign", .constraints = "critical,CA:TRUE" },
	  { "r", PKI_CA },
	  .why = "invalid CA" },
	{ "a root that may not sign certificates",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", .usage = "critical,cRLSign", .constraints = "critical,CA:TRUE" },
	  .why = "invalid CA" },
	{ "an authority that is none",
	  { "l", LEAF },
	  { "c", .usage = "critical,keyCertSign", .constraints = "critical,CA:FALSE" },
	  { "r", PKI_CA },
	  .why = "invalid CA" },
	{ "a root that allows no authority below it",
	  { "l", LEAF },
	  { "c", PKI_CA },
	  { "r", .usage = "critical,keyCertSign", .constraints = "critical,CA:TRUE,pathlen:0" },
	  .why = "path length" },
	{ "a leaf for servers",
	  { "l", PKI_LEAF, .extended = "serverAuth", .constraints = "critical,CA:FALSE" },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = "purpose" },
	{ "an extension that nobody knows",
	  { "l", LEAF, .unknown = "critical,DER:0500" },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  .why = "critical extension" },
};

/* RFC 5280, 4.2.1.1 and 4.2.1.2, which strict verification asks for. */
static void name_keys(struct pki_cert *c, const struct pki_cert *by)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	X509V3_set_ctx(&ctx, by->x, c->x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash");
	assert_true(X509_add_ext(c->x, e, -1));
	X509_EXTENSION_free(e);
	e = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	assert_true(X509_add_ext(c->x, e, -1));
	X509_EXTENSION_free(e);
	assert_true(X509_sign(c->x, by->key, EVP_sha256()));
}

static void turn_bit(X509 *x)
{
	const ASN1_BIT_STRING *signature;
	X509_get0_signature(&signature, NULL, x);
	/* the last byte of s: it stays well-formed */
	((unsigned char *)(uintptr_t)ASN1_STRING_get0_data(
		signature))[ASN1_STRING_length(signature) - 1] ^= 1;
}

static int allow_last_second(int ok, X509_STORE_CTX *ctx)
{
	const ASN1_TIME *end = X509_get0_notAfter(X509_STORE_CTX_get_current_cert(ctx));
	if (ok || X509_STORE_CTX_get_error(ctx) != X509_V_ERR_CERT_HAS_EXPIRED ||
	    ASN1_TIME_cmp_time_t(end, PKI_NOW) != 0)
		return ok;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

/* X509_V_OK, or why not. */
static int ask_openssl(const struct crypto_chain *leaf, const struct crypto_chain *authority,
		       int64_t when)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	X509_STORE_add_cert(store, authority->x509[1]);
	sk_X509_push(others, authority->x509[0]);
	assert_true(X509_STORE_CTX_init(ctx, store, leaf->x509[0], others));
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, when);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_CODE_SIGN);
	X509_STORE_CTX_set_verify_cb(ctx, allow_last_second);
	int good = X509_verify_cert(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	assert_int_equal(good == 1, error == X509_V_OK);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_free(others);
	return error;
}

static void check_path(struct hm_cx *cx, const struct path_case *c, const struct crypto_chain *leaf,
		       const struct crypto_chain *authority)
{
	CRYPTO_AUTO_CHAIN found = { 0 };
	int64_t when = c->when ? c->when : PKI_NOW;
	int want = ask_openssl(leaf, authority, when);
	assert_int_equal(want == X509_V_OK, !c->why);
	hm_err err = crypto_chain_path(cx, leaf, authority, when, &found);
	if (!c->why) {
		assert_ok(err);
		assert_int_equal(found.n, 3);
		return;
	}
	assert_fault(err, HM_TRUST, X509_verify_cert_error_string(want));
	assert_fault(err, HM_TRUST, c->why);
}

/* Three times: as it is, with what was proven before, and after all that can be was proven ahead.
 */
static void path(void **state)
{
	const struct path_case *c = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	CRYPTO_AUTO_CHAIN leaf = { 0 }, authority = { 0 };
	struct pki_cert root = pki_make(&c->root, NULL), other = pki_make(&c->root, NULL);
	struct pki_cert ca = pki_make(&c->ca, &root), end = pki_make(&c->leaf, &ca);
	name_keys(&root, &root);
	name_keys(&other, &other);
	name_keys(&ca, &root);
	name_keys(&end, &ca);
	if (c->broken_leaf)
		turn_bit(end.x);
	if (c->broken_ca)
		turn_bit(ca.x);
	struct hm_str der[] = { pki_der(&cx, end.x), pki_der(&cx, ca.x),
				pki_der(&cx, c->other_root ? other.x : root.x) };
	assert_ok(crypto_chain_from_der(&cx, der, 1, &leaf));
	assert_ok(crypto_chain_from_der(&cx, der + 1, 2, &authority));
	check_path(&cx, c, &leaf, &authority);
	check_path(&cx, c, &leaf, &authority);
	crypto_link_prove(&leaf, 0, &authority, 0);
	crypto_link_prove(&authority, 0, &authority, 1);
	assert_int_equal(crypto_link_proven(&leaf, 0, &authority, 0), !c->broken_leaf);
	assert_int_equal(crypto_link_proven(&authority, 0, &authority, 1),
			 !c->broken_ca && !c->other_root);
	check_path(&cx, c, &leaf, &authority);
	pki_free(&root);
	pki_free(&other);
	pki_free(&ca);
	pki_free(&end);
}

int main(void)
{
	UNIT_TABLE(path, cases);
	return unit_run("crypto/path");
}
