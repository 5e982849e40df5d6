/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain.h"
#include "base/pool.h"
#include "pki.h"

/* A chain to be judged: leaf, authority and root, unless it is a lone certificate. */
/* NameConstraints (RFC 5280, 4.2.1.10) of the name CN=l: permitted (A0) or excluded (A1). */
#define CN_L(kind) "3014" kind "123010A40E300C310A300806035504030C016C"

static const struct rule_case {
	const char *label;
	struct pki_want leaf, ca, root;
	bool alone;
	const char *why; /* NULL: it keeps the rules */
} rules[] = {
	{ "a lone self-signed leaf", { "l", PKI_LEAF }, { 0 }, { 0 }, true, NULL },
	{ "a lone leaf that says it is no CA",
	  { "l", PKI_LEAF, .constraints = "CA:FALSE" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a leaf for code signing",
	  { "l", PKI_LEAF, .extended = "codeSigning" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a chain of three", { "l", PKI_LEAF }, { "c", PKI_CA }, { "r", PKI_CA }, false, NULL },
	{ "a lone CA", { "l", PKI_CA }, { 0 }, { 0 }, true, "certificate authority" },
	{ "no key usage", { "l" }, { 0 }, { 0 }, true, "no key usage" },
	{ "a key usage that is not critical",
	  { "l", .usage = "digitalSignature" },
	  { 0 },
	  { 0 },
	  true,
	  "critical" },
	{ "a leaf that is not for signatures",
	  { "l", .usage = "critical,keyEncipherment" },
	  { 0 },
	  { 0 },
	  true,
	  "digital signatures" },
	{ "a leaf for more than signatures",
	  { "l", .usage = "critical,digitalSignature,keyAgreement" },
	  { 0 },
	  { 0 },
	  true,
	  "besides" },
	{ "a leaf for servers",
	  { "l", PKI_LEAF, .extended = "serverAuth" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf for clients",
	  { "l", PKI_LEAF, .extended = "codeSigning,clientAuth" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf for mail",
	  { "l", PKI_LEAF, .extended = "emailProtection" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf for timestamps",
	  { "l", PKI_LEAF, .extended = "timeStamping" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf for anything",
	  { "l", PKI_LEAF, .extended = "anyExtendedKeyUsage" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf on another curve",
	  { "l", PKI_LEAF, .group = "secp256k1" },
	  { 0 },
	  { 0 },
	  true,
	  "not supported" },
	{ "a leaf signed with SHA-1",
	  { "l", PKI_LEAF, .serial = 1 /* see sha1() */ },
	  { 0 },
	  { 0 },
	  true,
	  "not self-signed" },
	{ "a CA without basic constraints",
	  { "l", PKI_LEAF },
	  { "c", .usage = "critical,keyCertSign" },
	  { "r", PKI_CA },
	  false,
	  "not issued" },
	{ "a CA whose constraints are not critical",
	  { "l", PKI_LEAF },
	  { "c", .usage = "critical,keyCertSign", .constraints = "CA:TRUE" },
	  { "r", PKI_CA },
	  false,
	  "basic constraints" },
	{ "a CA that may not sign certificates",
	  { "l", PKI_LEAF },
	  { "c", .usage = "critical,cRLSign", .constraints = "critical,CA:TRUE" },
	  { "r", PKI_CA },
	  false,
	  "not issued" },
	{ "a root that allows no CA below it",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA },
	  { "r", .usage = "critical,keyCertSign", .constraints = "critical,CA:TRUE,pathlen:0" },
	  false,
	  "path" },
	{ "an extension that nobody knows",
	  { "l", PKI_LEAF, .unknown = "DER:0500" },
	  { "c", PKI_CA, .unknown = "DER:0500" },
	  { "r", PKI_CA },
	  false,
	  NULL },
	{ "a critical extension that nobody knows, of the leaf",
	  { "l", PKI_LEAF, .unknown = "critical,DER:0500" },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  false,
	  "critical extension" },
	{ "and of a CA",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA, .unknown = "critical,DER:0500" },
	  { "r", PKI_CA },
	  false,
	  "critical extension" },
	{ "and of a leaf that stands alone",
	  { "l", PKI_LEAF, .unknown = "critical,DER:0500" },
	  { 0 },
	  { 0 },
	  true,
	  "critical extension" },
	{ "constraints on policies",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA, .policy = "critical,requireExplicitPolicy:0" },
	  { "r", PKI_CA },
	  false,
	  "critical extension" },
	{ "a name that the CA is for",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA, .names = "critical,DER:" CN_L("A0") },
	  { "r", PKI_CA },
	  false,
	  NULL },
	{ "a name that the CA is not for",
	  { "x", PKI_LEAF },
	  { "c", PKI_CA, .names = "critical,DER:" CN_L("A0") },
	  { "r", PKI_CA },
	  false,
	  "name" },
	{ "a name that the root is not for",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_CA, .names = "DER:" CN_L("A1") },
	  false,
	  "name" },
	{ "a root that is none",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA },
	  { "r", PKI_LEAF },
	  false,
	  "issued" },
	{ "a lone leaf of ML-DSA-44",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a lone leaf of ML-DSA-65",
	  { "l", PKI_LEAF, .kind = "ML-DSA-65" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a lone leaf of ML-DSA-87",
	  { "l", PKI_LEAF, .kind = "ML-DSA-87" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a lone leaf of SLH-DSA-SHA2-128f",
	  { "l", PKI_LEAF, .kind = "SLH-DSA-SHA2-128f" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a lone leaf of SLH-DSA-SHAKE-128f",
	  { "l", PKI_LEAF, .kind = "SLH-DSA-SHAKE-128f" },
	  { 0 },
	  { 0 },
	  true,
	  NULL },
	{ "a chain of ML-DSA",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA, .kind = "ML-DSA-87" },
	  false,
	  NULL },
	{ "a leaf of ML-DSA below a root of ECDSA",
	  { "l", PKI_LEAF, .kind = "ML-DSA-65" },
	  { "c", PKI_CA },
	  { "r", PKI_CA },
	  false,
	  NULL },
	{ "a leaf of ECDSA below an authority of ML-DSA",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA },
	  false,
	  NULL },
	{ "a leaf of ML-DSA below a root of SLH-DSA",
	  { "l", PKI_LEAF, .kind = "ML-DSA-65" },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA, .kind = "SLH-DSA-SHA2-128f" },
	  false,
	  NULL },
	{ "an authority of ML-DSA that may do more than sign certificates",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,digitalSignature",
	    .constraints = "critical,CA:TRUE", .kind = "ML-DSA-44" },
	  { "r", PKI_CA, .kind = "ML-DSA-44" },
	  false,
	  NULL },
	{ "an authority of ML-DSA for keyEncipherment",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,keyEncipherment", .constraints = "critical,CA:TRUE",
	    .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "an authority of ML-DSA for dataEncipherment",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,dataEncipherment",
	    .constraints = "critical,CA:TRUE", .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "an authority of ML-DSA for keyAgreement",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,keyAgreement", .constraints = "critical,CA:TRUE",
	    .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "an authority of ML-DSA for keyAgreement,encipherOnly",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,keyAgreement,encipherOnly",
	    .constraints = "critical,CA:TRUE", .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "an authority of ML-DSA for keyAgreement,decipherOnly",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign,keyAgreement,decipherOnly",
	    .constraints = "critical,CA:TRUE", .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "a root of SLH-DSA for keyAgreement",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA },
	  { "r", .usage = "critical,keyCertSign,keyAgreement", .constraints = "critical,CA:TRUE",
	    .kind = "SLH-DSA-SHA2-128f" },
	  false,
	  "key usage that its kind of key cannot have" },
	{ "a root of ECDSA for keyAgreement",
	  { "l", PKI_LEAF },
	  { "c", PKI_CA },
	  { "r", .usage = "critical,keyCertSign,keyAgreement", .constraints = "critical,CA:TRUE" },
	  false,
	  NULL },
	{ "a leaf of ML-DSA for keyEncipherment",
	  { "l", .usage = "critical,keyEncipherment", .kind = "ML-DSA-44" },
	  { 0 },
	  { 0 },
	  true,
	  "digital signatures" },
	{ "a leaf of ML-DSA for digitalSignature,keyAgreement",
	  { "l", .usage = "critical,digitalSignature,keyAgreement", .kind = "ML-DSA-44" },
	  { 0 },
	  { 0 },
	  true,
	  "besides" },
	{ "a leaf of ML-DSA for digitalSignature,keyCertSign",
	  { "l", .usage = "critical,digitalSignature,keyCertSign", .kind = "ML-DSA-44" },
	  { 0 },
	  { 0 },
	  true,
	  "besides" },
	{ "a leaf of ML-DSA for servers",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44", .extended = "serverAuth" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a leaf of ML-DSA for timestamps",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44", .extended = "timeStamping" },
	  { 0 },
	  { 0 },
	  true,
	  "extended key usage" },
	{ "a lone leaf of Ed25519",
	  { "l", PKI_LEAF, .kind = "ED25519" },
	  { 0 },
	  { 0 },
	  true,
	  "not self-signed" },
	{ "a leaf of Ed25519 below authorities of ML-DSA",
	  { "l", PKI_LEAF, .kind = "ED25519" },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA, .kind = "ML-DSA-65" },
	  false,
	  "ED25519 are not supported" },
	{ "a leaf that can only agree on keys",
	  { "l", PKI_LEAF, .kind = "X25519" },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA, .kind = "ML-DSA-65" },
	  false,
	  "X25519 are not supported" },
	{ "a leaf of ML-KEM",
	  { "l", PKI_LEAF, .kind = "ML-KEM-768" },
	  { "c", PKI_CA, .kind = "ML-DSA-65" },
	  { "r", PKI_CA, .kind = "ML-DSA-65" },
	  false,
	  "ML-KEM-768 are not supported" },
	{ "an authority of Ed25519",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", PKI_CA, .kind = "ED25519" },
	  { "r", PKI_CA },
	  false,
	  "not issued" },
	{ "an authority of ML-DSA without basic constraints",
	  { "l", PKI_LEAF, .kind = "ML-DSA-44" },
	  { "c", .usage = "critical,keyCertSign", .kind = "ML-DSA-44" },
	  { "r", PKI_CA },
	  false,
	  "not issued" },
};

static void rule(void **state)
{
	const struct rule_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pki_want leaf_want = t->leaf;
	if (leaf_want.serial)
		leaf_want.md = EVP_sha1();
	struct pki_cert root = { 0 }, ca = { 0 };
	if (!t->alone) {
		root = pki_make(&t->root, NULL);
		ca = pki_make(&t->ca, &root);
	}
	struct pki_cert leaf = pki_make(&leaf_want, t->alone ? NULL : &ca);
	struct hm_str der[] = { pki_der(&cx, leaf.x), t->alone ? HM_STR("") : pki_der(&cx, ca.x),
				t->alone ? HM_STR("") : pki_der(&cx, root.x) };
	CRYPTO_AUTO_CHAIN c = { 0 };
	assert_ok(crypto_chain_from_der(&cx, der, t->alone ? 1 : 3, &c));
	if (t->why)
		assert_fault(crypto_chain_check(&cx, &c), HM_TRUST, t->why);
	else
		assert_ok(crypto_chain_check(&cx, &c));
	pki_free(&leaf);
	pki_free(&ca);
	pki_free(&root);
}

static void take_chain(struct hm_cx *cx, X509 *const *x, size_t n, struct crypto_chain *out)
{
	struct hm_str der[3];
	for (size_t i = 0; i < n; i++)
		der[i] = pki_der(cx, x[i]);
	assert_ok(crypto_chain_from_der(cx, der, n, out));
}

/* What is remembered of a chain that keeps the rules holds for its bytes, its order and its purpose
 * alone. */
static void remembers_that_chain_alone(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pki_cert root = pki_make(&(struct pki_want){ "r", PKI_CA }, NULL),
			other = pki_make(&(struct pki_want){ "r", PKI_CA }, NULL),
			leaf = pki_make(&(struct pki_want){ "l", PKI_LEAF }, &root);
	CRYPTO_AUTO_CHAIN good = { 0 }, swapped = { 0 }, foreign = { 0 }, bent = { 0 }, one = { 0 };
	take_chain(&cx, (X509 *[]){ leaf.x, root.x }, 2, &good);
	take_chain(&cx, (X509 *[]){ root.x, leaf.x }, 2, &swapped);
	take_chain(&cx, (X509 *[]){ leaf.x, other.x }, 2, &foreign);
	take_chain(&cx, (X509 *[]){ leaf.x }, 1, &one);
	struct hm_str der[2] = { hm_dup(&cx, good.der[0]), good.der[1] };
	((char *)(uintptr_t)der[0].p)[der[0].n - 1] ^= 1; /* the end of its signature */
	assert_ok(crypto_chain_from_der(&cx, der, 2, &bent));
	for (int i = 0; i < 3; i++) {
		assert_ok(crypto_chain_check(&cx, &good));
		assert_fault(crypto_chain_check(&cx, &swapped), HM_TRUST, "does not end the chain");
		assert_fault(crypto_chain_check(&cx, &foreign), HM_TRUST, "not issued");
		assert_fault(crypto_chain_check(&cx, &bent), HM_TRUST, "not issued");
		assert_fault(crypto_chain_check(&cx, &one), HM_TRUST, "not self-signed");
		assert_fault(crypto_chain_check_for(&cx, &good, CRYPTO_TIMESTAMPING), HM_TRUST,
			     "timestamping");
		assert_true(crypto_chain_is_self_signed(&good, 1));
		assert_false(crypto_chain_is_self_signed(&good, 0));
	}
	pki_free(&leaf);
	pki_free(&other);
	pki_free(&root);
}

/* Threads that get the same certificate may have the same X509. */
static hm_err use_certificate(struct hm_cx *cx, void *arg, size_t i)
{
	const struct crypto_chain *given = arg;
	CRYPTO_AUTO_CHAIN c = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct crypto_certificate_info info;
	struct crypto_attribute *a;
	size_t n;
	(void)i;
	HM_TRY(crypto_chain_from_der(cx, given->der, given->n, &c));
	HM_TRY(crypto_chain_check(cx, &c));
	HM_TRY(crypto_chain_key(cx, &c, &key));
	HM_TRY(crypto_certificate_info(cx, &c, 0, &info));
	HM_TRY(crypto_certificate_subject(cx, &c, 0, &a, &n));
	if (!hm_eqz(info.subject, "CN=shared,O=Notary,L=Seattle,ST=WA,C=US") || n != 5)
		return hm_fail(cx, HM_INPUT, "another certificate");
	return crypto_chain_valid_at(cx, &c, PKI_NOW + 1);
}

static void is_shared_by_threads(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN c = { 0 }, joined = { 0 }, more = { 0 };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &key));
	assert_ok(crypto_self_signed(&cx, &key, HM_STR("shared"), PKI_NOW, 2, &c));
	assert_ok(hm_parallel(&cx, 200, 4, HM_MIB, use_certificate, &c));
	/* known bytes with something behind them are as they always were */
	struct hm_str twice = hm_fmt(&cx, "%.*s%.*s", HM_FMT(c.der[0]), HM_FMT(c.der[0]));
	assert_ok(crypto_chain_parse(&cx, twice, &joined));
	assert_int_equal(joined.n, 2);
	assert_str(joined.der[1], c.der[0]);
	assert_fault(crypto_chain_from_der(&cx, &twice, 1, &more), HM_INPUT, "bytes follow");
	/* and what is kept goes for others, not for those who have it */
	for (int i = 0; i < 100; i++) {
		CRYPTO_AUTO_CHAIN other = { 0 };
		struct hm_str name = hm_fmt(&cx, "%d", i);
		assert_ok(crypto_self_signed(&cx, &key, name, PKI_NOW, 2, &other));
	}
	assert_ok(use_certificate(&cx, &c, 0));
	assert_fault(crypto_chain_check(&cx, &joined), HM_TRUST, "not issued");
}

/* More than there is room for, from several threads: whatever was pushed out is
 * only asked for again. */
static hm_err remember_and_ask(struct hm_cx *cx, void *arg, size_t i)
{
	struct hm_str text[] = { hm_fmt(cx, "%zu", i), HM_STR("x") }, back[] = { text[1], text[0] };
	struct crypto_statement s = crypto_statement(CRYPTO_IS_SIGNED_BY, text, 2),
				turned = crypto_statement(CRYPTO_IS_SIGNED_BY, back, 2),
				kind = crypto_statement(CRYPTO_KEEPS_CODE_SIGNING_RULES, text, 2),
				glued = crypto_statement(CRYPTO_IS_SIGNED_BY, text, 1);
	(void)arg;
	if (crypto_is_proven(&s))
		return hm_fail(cx, HM_INPUT, "remembered what nobody has proven");
	crypto_keep_proven(&s);
	if (crypto_is_proven(&turned) || crypto_is_proven(&kind) || crypto_is_proven(&glued))
		return hm_fail(cx, HM_INPUT, "took one statement for another");
	return NULL;
}

static void remembers_so_many(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct hm_str last = HM_STR("last");
	struct crypto_statement s = crypto_statement(CRYPTO_IS_SIGNED_BY, &last, 1);
	assert_ok(hm_parallel(&cx, 3000, 4, HM_MIB, remember_and_ask, NULL));
	assert_false(crypto_is_proven(&s));
	crypto_keep_proven(&s);
	assert_true(crypto_is_proven(&s));
}

/* Sign it again, after something in it was changed. */
static void sign_anew(X509 *x, EVP_PKEY *key)
{
	const ASN1_BIT_STRING *old;
	unsigned char *tbs = NULL, *sig;
	size_t n = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int tbs_n = i2d_re_X509_tbs(x, &tbs);
	assert_true(tbs_n > 0);
	assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL), 1);
	assert_int_equal(EVP_DigestSign(ctx, NULL, &n, tbs, (size_t)tbs_n), 1);
	sig = OPENSSL_malloc(n);
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, tbs, (size_t)tbs_n), 1);
	X509_get0_signature(&old, NULL, x);
	ASN1_STRING_set0((ASN1_STRING *)(uintptr_t)old, sig, (int)n);
	OPENSSL_free(tbs);
	EVP_MD_CTX_free(ctx);
}

static void set_algorithm(const X509_ALGOR *alg, const char *name, int type)
{
	assert_int_equal(X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)alg, OBJ_txt2obj(name, 0), type,
					 NULL),
			 1);
}

/* RFC 9881 and RFC 9909: with such keys and signatures stand no parameters, not even NULL; and the
 * algorithm is the key's, whatever else OpenSSL would verify. */
static const struct algorithm_case {
	const char *label, *inner, *outer; /* NULL: as it was */
	int type;
	bool key; /* not the signature's, but the key's */
} algorithms[] = {
	{ "NULL with both", "ML-DSA-44", "ML-DSA-44", V_ASN1_NULL, false },
	{ "NULL with that inside", "ML-DSA-44", NULL, V_ASN1_NULL, false },
	{ "NULL with that outside", NULL, "ML-DSA-44", V_ASN1_NULL, false },
	{ "NULL with the key", "ML-DSA-44", NULL, V_ASN1_NULL, true },
	{ "another set", "ML-DSA-65", "ML-DSA-65", V_ASN1_UNDEF, false },
	{ "another set outside", NULL, "ML-DSA-65", V_ASN1_UNDEF, false },
	{ "another set's key", "ML-DSA-65", NULL, V_ASN1_UNDEF, true },
	{ "with a hash before it", "id-hash-ml-dsa-44-with-sha512", "id-hash-ml-dsa-44-with-sha512",
	  V_ASN1_UNDEF, false },
	{ "a hybrid", "2.16.840.1.114027.80.9.1.0", "2.16.840.1.114027.80.9.1.0", V_ASN1_UNDEF,
	  false },
	{ "a hybrid's key", "2.16.840.1.114027.80.9.1.0", NULL, V_ASN1_UNDEF, true },
	{ "ECDSA", "ecdsa-with-SHA256", "ecdsa-with-SHA256", V_ASN1_UNDEF, false },
	{ "RSA", "sha256WithRSAEncryption", "sha256WithRSAEncryption", V_ASN1_NULL, false },
};

static void algorithm(void **state)
{
	const struct algorithm_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pki_want want = { "l", PKI_LEAF, .kind = "ML-DSA-44" };
	struct pki_cert leaf = pki_make(&want, NULL);
	X509_ALGOR *alg = NULL;
	const X509_ALGOR *outer;
	if (t->key) {
		assert_true(X509_PUBKEY_get0_param(NULL, NULL, NULL, &alg,
						   X509_get_X509_PUBKEY(leaf.x)));
		set_algorithm(alg, t->inner, t->type);
	} else if (t->inner) {
		set_algorithm(X509_get0_tbs_sigalg(leaf.x), t->inner, t->type);
	}
	X509_get0_signature(NULL, &outer, leaf.x);
	if (t->outer)
		set_algorithm(outer, t->outer, t->type);
	sign_anew(leaf.x, leaf.key);
	struct hm_str der = pki_der(&cx, leaf.x);
	CRYPTO_AUTO_CHAIN c = { 0 };
	hm_err err = crypto_chain_from_der(&cx, &der, 1, &c);
	if (!err)
		err = crypto_chain_check(&cx, &c);
	assert_fault(err, HM_TRUST, "not self-signed");
	/* and what is changed back is good again */
	if (t->key)
		set_algorithm(alg, "ML-DSA-44", V_ASN1_UNDEF);
	else
		set_algorithm(X509_get0_tbs_sigalg(leaf.x), "ML-DSA-44", V_ASN1_UNDEF);
	set_algorithm(outer, "ML-DSA-44", V_ASN1_UNDEF);
	sign_anew(leaf.x, leaf.key);
	CRYPTO_AUTO_CHAIN good = { 0 };
	der = pki_der(&cx, leaf.x);
	assert_ok(crypto_chain_from_der(&cx, &der, 1, &good));
	assert_ok(crypto_chain_check(&cx, &good));
	pki_free(&leaf);
}

/* The right certificates in the wrong order, too few, too many. */
static void order(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pki_cert root = pki_make(&(struct pki_want){ "r", PKI_CA }, NULL);
	struct pki_cert ca = pki_make(&(struct pki_want){ "c", PKI_CA }, &root);
	struct pki_cert leaf = pki_make(&(struct pki_want){ "l", PKI_LEAF }, &ca);
	struct hm_str l = pki_der(&cx, leaf.x), c = pki_der(&cx, ca.x), r = pki_der(&cx, root.x);
	const struct {
		struct hm_str der[4];
		size_t n;
		const char *why;
	} cases[] = {
		{ { l, c, r }, 3, NULL },
		{ { l, r, c }, 3, "not issued" },
		{ { c, l, r }, 3, "not issued" },
		{ { l, c }, 2, "is not a root certificate" },
		{ { l }, 1, "not self-signed" },
		{ { l, c, r, r }, 4, "self-signed, but" },
		{ { l, c, c, r }, 4, "not issued" },
		{ { l, r }, 2, "not issued" },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		CRYPTO_AUTO_CHAIN chain = { 0 };
		assert_ok(crypto_chain_from_der(&cx, cases[i].der, cases[i].n, &chain));
		if (cases[i].why)
			assert_fault(crypto_chain_check(&cx, &chain), HM_TRUST, cases[i].why);
		else
			assert_ok(crypto_chain_check(&cx, &chain));
	}
	pki_free(&leaf);
	pki_free(&ca);
	pki_free(&root);
}

static void validity(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct pki_cert leaf = pki_make(&(struct pki_want){ "l", PKI_LEAF }, NULL);
	struct hm_str der = pki_der(&cx, leaf.x);
	CRYPTO_AUTO_CHAIN c = { 0 };
	assert_ok(crypto_chain_from_der(&cx, &der, 1, &c));
	assert_ok(crypto_chain_valid_at(&cx, &c, PKI_NOW));
	assert_ok(crypto_chain_valid_at(&cx, &c, PKI_NOW - 86400));
	assert_ok(crypto_chain_valid_at(&cx, &c, PKI_NOW + 86400));
	assert_fault(crypto_chain_valid_at(&cx, &c, PKI_NOW - 86401), HM_TRUST, "not valid before");
	assert_fault(crypto_chain_valid_at(&cx, &c, PKI_NOW + 86401), HM_TRUST, "expired");
	pki_free(&leaf);
}

static const struct file_case {
	const char *label, *path;
	size_t n; /* 0: refused */
	const char *why;
} files[] = {
	{ "PEM", "signing/notation/notation-core-go/x509/testdata/pem.crt", 1, NULL },
	{ "several in PEM", "signing/notation/notation-core-go/x509/testdata/multi-pem.crt", 2,
	  NULL },
	{ "DER", "signing/notation/notation-core-go/x509/testdata/der.der", 1, NULL },
	{ "several in DER", "signing/notation/notation-core-go/x509/testdata/multi-der.der", 2,
	  NULL },
	{ "neither", "signing/notation/notation-core-go/x509/testdata/invalid", 0,
	  "certificate is malformed" },
	{ "an empty file", "signing/notation/e2e/config/timestamp/Empty.txt", 0,
	  "there is no certificate" },
	{ "a private key", "signing/notation/e2e/config/localkeys/e2e.key", 0,
	  "a PEM block is not a certificate" },
};

static void file(void **state)
{
	const struct file_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str bytes;
	CRYPTO_AUTO_CHAIN c = { 0 };
	assert_ok(hm_read_file(&cx, unit_data(&cx, t->path), HM_MIB, &bytes));
	hm_err err = crypto_chain_parse(&cx, bytes, &c);
	if (!t->n) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(c.n, t->n);
	CRYPTO_AUTO_CHAIN again = { 0 };
	assert_ok(crypto_chain_parse(&cx, crypto_chain_pem(&cx, &c), &again));
	assert_true(crypto_chain_has_root(&again, &c));
}

static void info(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN c = { 0 };
	struct crypto_certificate_info i;
	struct crypto_attribute *a, *dn;
	size_t n, dn_n;
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES384, &key));
	assert_ok(crypto_self_signed(&cx, &key, HM_STR("a,b"), PKI_NOW, 2, &c));
	assert_ok(crypto_chain_check(&cx, &c));
	assert_ok(crypto_certificate_info(&cx, &c, 0, &i));
	assert_strz(i.subject, "CN=a\\,b,O=Notary,L=Seattle,ST=WA,C=US");
	assert_strz(i.issuer, "CN=a\\,b,O=Notary,L=Seattle,ST=WA,C=US");
	assert_int_equal(i.not_before, PKI_NOW);
	assert_int_equal(i.not_after, PKI_NOW + 2 * 86400);
	assert_int_equal(i.sha256.n, 64);
	assert_false(i.is_ca);
	/* what is kept with the certificate is given out as a copy, which outlives it */
	HM_AUTO_CX short_lived = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN twin = { 0 };
	assert_ok(crypto_chain_from_der(&short_lived, c.der, c.n, &twin));
	struct crypto_certificate_info copy;
	assert_ok(crypto_certificate_info(&cx, &twin, 0, &copy));
	crypto_chain_done(&twin);
	hm_cx_done(&short_lived);
	assert_str(copy.subject, i.subject);
	assert_str(copy.serial, i.serial);
	assert_str(copy.sha256, i.sha256);
	assert_true(copy.not_after == i.not_after && copy.subject.p != i.subject.p);
	assert_int_equal(crypto_certificate_algs(&cx, &c, 0).key, CRYPTO_ES384);
	assert_ok(crypto_certificate_subject(&cx, &c, 0, &a, &n));
	assert_ok(crypto_dn_parse(&cx, i.subject, &dn, &dn_n));
	assert_int_equal(n, 5);
	assert_true(crypto_dn_within(dn, dn_n, a, n) && crypto_dn_within(a, n, dn, dn_n));
	struct hm_str junk = hm_fmt(&cx, "%.*s", HM_FMT(c.der[0]));
	junk.n = c.der[0].n - 1;
	CRYPTO_AUTO_CHAIN bad = { 0 };
	assert_fault(crypto_chain_from_der(&cx, &junk, 1, &bad), HM_INPUT,
		     "certificate is malformed");
	assert_fault(crypto_self_signed(&cx, &key, HM_STR(""), PKI_NOW, 2, &bad), HM_USAGE,
		     "a common name has 1 to 64 characters");
}

int main(void)
{
	UNIT_TABLE(rule, rules);
	UNIT(remembers_that_chain_alone);
	UNIT(remembers_so_many);
	UNIT(is_shared_by_threads);
	UNIT_TABLE(algorithm, algorithms);
	UNIT(order);
	UNIT(validity);
	UNIT_TABLE(file, files);
	UNIT(info);
	return unit_run("crypto/chain");
}
