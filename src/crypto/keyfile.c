/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in all the forms that files have. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "crypto/chain.h"
#include "crypto/key.h"

struct passphrase {
	const struct hm_secret *secret; /* NULL: there is none */
	bool asked;
};

static int give_passphrase(char *room, int n, int writing, void *arg)
{
	struct passphrase *p = arg;
	(void)writing;
	p->asked = true;
	struct hm_str text = p->secret ? hm_secret_str(p->secret) : HM_STR("");
	if (!p->secret || n < 0 || text.n > (size_t)n)
		return -1;
	if (text.n)
		memcpy(room, text.p, text.n);
	return (int)text.n;
}

static hm_err explain_failure(struct hm_cx *cx, const struct passphrase *p, const char *what)
{
	unsigned long error = ERR_peek_last_error();
	if (p->asked && !p->secret) {
		ERR_clear_error();
		return hm_fail(cx, HM_ABSENT, "the key is encrypted, and needs a passphrase");
	}
	if (p->asked && ERR_GET_REASON(error) != ERR_R_UNSUPPORTED) {
		ERR_clear_error();
		return hm_fail(cx, HM_DENIED, "the passphrase is not the right one");
	}
	return crypto_fail(cx, HM_INPUT, what);
}

/* PKCS#8 without encryption names the kind of key: decoders are set up for that one alone, which
 * takes half the time. NULL: it is something else. */
static EVP_PKEY *read_plain(struct hm_str bytes)
{
	if (!hm_starts(bytes, HM_STR("-----BEGIN PRIVATE KEY-----")))
		return NULL;
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	PKCS8_PRIV_KEY_INFO *info =
		bio ? PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, crypto_no_passphrase, NULL)
		    : NULL;
	EVP_PKEY *pkey = info ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	return pkey;
}

static hm_err read_pem(struct hm_cx *cx, struct hm_str bytes, const struct hm_secret *passphrase,
		       EVP_PKEY **out)
{
	struct passphrase p = { passphrase, false };
	bool few = crypto_has_few();
	*out = read_plain(bytes);
	if (!*out && few) {
		crypto_need_all();
		*out = read_plain(bytes);
	}
	if (*out)
		return NULL;
	ERR_clear_error();
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	*out = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &p) : NULL;
	return *out ? NULL : explain_failure(cx, &p, "not a private key in PEM");
}

static hm_err read_der(struct hm_cx *cx, struct hm_str bytes, const struct hm_secret *passphrase,
		       EVP_PKEY **out)
{
	struct passphrase p = { passphrase, false };
	const unsigned char *at = (const unsigned char *)bytes.p;
	*out = d2i_AutoPrivateKey(NULL, &at, (long)bytes.n);
	if (*out)
		return NULL;
	ERR_clear_error();
	CRYPTO_AUTO_BIO bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	*out = bio ? d2i_PKCS8PrivateKey_bio(bio, NULL, give_passphrase, &p) : NULL;
	return *out ? NULL : explain_failure(cx, &p, "not a private key in PEM, PKCS#8 or PKCS#12");
}

struct bundle {
	PKCS12 *p12;
	EVP_PKEY *pkey;
	X509 *leaf;
	STACK_OF(X509) * others;
};

static void bundle_done(struct bundle *b)
{
	PKCS12_free(b->p12);
	EVP_PKEY_free(b->pkey);
	X509_free(b->leaf);
	sk_X509_pop_free(b->others, X509_free);
}

static struct hm_str der_of(struct hm_cx *cx, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	struct hm_str s = n > 0 ? hm_dup(cx, hm_bytes(der, (size_t)n)) : HM_STR("");
	OPENSSL_free(der);
	return s;
}

static X509 *find_issuer(const struct bundle *b, X509 *of)
{
	for (int i = 0; i < sk_X509_num(b->others); i++) {
		X509 *x = sk_X509_value(b->others, i);
		if (X509_check_issued(x, of) == X509_V_OK)
			return x;
	}
	return NULL;
}

/* Leaf first: the file has them in any order. */
static hm_err order_chain(struct hm_cx *cx, const struct bundle *b, struct crypto_chain *out)
{
	struct hm_str *der = hm_new(cx, struct hm_str, HM_MAX_CERTIFICATES);
	size_t n = 0;
	for (X509 *x = b->leaf; x && n < HM_MAX_CERTIFICATES;) {
		der[n++] = der_of(cx, x);
		x = X509_check_issued(x, x) == X509_V_OK ? NULL : find_issuer(b, x);
	}
	return n ? crypto_chain_from_der(cx, der, n, out) : NULL;
}

/* A file without passphrase may have been sealed with the empty one, or with none. */
static hm_err unlock_bundle(struct hm_cx *cx, struct bundle *b, const struct hm_secret *passphrase,
			    const char **out)
{
	static const char empty[] = "";
	struct hm_str text = passphrase ? hm_secret_str(passphrase) : HM_STR("");
	if (!PKCS12_mac_present(b->p12))
		return hm_fail(cx, HM_INPUT, "the PKCS#12 file is not sealed");
	*out = text.p;
	if (passphrase && PKCS12_verify_mac(b->p12, text.p, (int)text.n))
		return NULL;
	*out = NULL;
	if (PKCS12_verify_mac(b->p12, NULL, 0))
		return NULL;
	*out = empty;
	if (PKCS12_verify_mac(b->p12, empty, 0))
		return NULL;
	ERR_clear_error();
	if (!passphrase)
		return hm_fail(cx, HM_ABSENT, "the key is encrypted, and needs a passphrase");
	return hm_fail(cx, HM_DENIED, "the passphrase is not the right one");
}

static hm_err read_bundle(struct hm_cx *cx, struct bundle *b, const struct hm_secret *passphrase,
			  EVP_PKEY **out, struct crypto_chain *out_chain)
{
	const char *text;
	HM_TRY(unlock_bundle(cx, b, passphrase, &text));
	if (!PKCS12_parse(b->p12, text, &b->pkey, &b->leaf, &b->others))
		return crypto_fail(cx, HM_INPUT, "the PKCS#12 file cannot be read");
	if (!b->pkey)
		return hm_fail(cx, HM_INPUT, "the PKCS#12 file has no private key");
	HM_TRY(order_chain(cx, b, out_chain));
	*out = b->pkey;
	b->pkey = NULL;
	return NULL;
}

static hm_err read_private_key(struct hm_cx *cx, struct hm_str bytes,
			       const struct hm_secret *passphrase, EVP_PKEY **out,
			       struct crypto_chain *out_chain)
{
	HM_CLEANUP(bundle_done) struct bundle b = { 0 };
	if (bytes.n > HM_MAX_CERTIFICATE_FILE)
		return hm_fail(cx, HM_LIMIT, "the key file is too large");
	if (!bytes.n || bytes.p[0] != 0x30) /* no DER */
		return read_pem(cx, bytes, passphrase, out);
	crypto_need_all();
	const unsigned char *at = (const unsigned char *)bytes.p;
	b.p12 = d2i_PKCS12(NULL, &at, (long)bytes.n);
	ERR_clear_error();
	return b.p12 ? read_bundle(cx, &b, passphrase, out, out_chain)
		     : read_der(cx, bytes, passphrase, out);
}

hm_err crypto_key_open(struct hm_cx *cx, struct hm_str bytes, const struct hm_secret *passphrase,
		       struct crypto_key *out, struct crypto_chain *out_chain)
{
	struct crypto_key k = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	crypto_need_secure_heap();
	HM_TRY(read_private_key(cx, bytes, passphrase, &k.pkey, &chain));
	hm_err err = crypto_key_alg(cx, k.pkey, &k.alg);
	if (err) {
		crypto_key_done(&k);
		return err;
	}
	*out = k;
	*out_chain = chain;
	chain = (struct crypto_chain){ 0 };
	return NULL;
}

/* RFC 5480, 2.1.1; RFC 8410, 3 and 4; RFC 9881, 3; RFC 9909, 4. False: a kind of key whose bits are
 * not what OpenSSL calls its public key. */
static bool describe_key(const struct crypto_key *k, X509_PUBKEY *out)
{
	const struct crypto_primitive *p = crypto_primitive(k->alg);
	bool ec = p->group != NULL;
	ASN1_OBJECT *curve = ec ? OBJ_nid2obj(EC_curve_nist2nid(p->group)) : NULL;
	int kind = ec ? NID_X9_62_id_ecPublicKey : OBJ_txt2nid(p->kind);
	size_t n = 0;
	if ((!ec && p->scheme != CRYPTO_PURE) || kind == NID_undef ||
	    !EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, NULL, 0, &n))
		return false;
	unsigned char *bits = OPENSSL_malloc(n);
	if (bits &&
	    EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, bits, n, &n) &&
	    X509_PUBKEY_set0_param(out, OBJ_nid2obj(kind), ec ? V_ASN1_OBJECT : V_ASN1_UNDEF, curve,
				   bits, (int)n))
		return true;
	OPENSSL_free(bits);
	return false;
}

/* What i2d_PUBKEY() writes, but it looks up everything that OpenSSL can write of any key first,
 * which takes a fourth of the time that a key's process has. */
static int write_public_key(const struct crypto_key *k, unsigned char **out)
{
	X509_PUBKEY *written = X509_PUBKEY_new();
	int n = written && describe_key(k, written) ? i2d_X509_PUBKEY(written, out)
						    : i2d_PUBKEY(k->pkey, out);
	X509_PUBKEY_free(written);
	return n;
}

hm_err crypto_public_key_der(struct hm_cx *cx, const struct crypto_key *k, struct hm_str *out)
{
	unsigned char *der = NULL;
	int n = write_public_key(k, &der);
	if (n <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not write the public key");
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return NULL;
}
