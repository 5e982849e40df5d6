/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h - digests, keys, signatures and certificate chains. Every primitive is OpenSSL's.
 *
 * The law of the room: it decides nothing about whom to believe (that is trust/), and what must be
 * fetched (CRL, OCSP) it asks for through a callback.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/base.h"

/* OpenSSL's own, so that who includes this need not include that. */
struct evp_pkey_st;   /* EVP_PKEY */
struct x509_st;       /* X509 */
struct evp_md_ctx_st; /* EVP_MD_CTX */

/* --- digests (FIPS 180-4) --- */

enum crypto_digest {
	CRYPTO_SHA256,
	CRYPTO_SHA384,
	CRYPTO_SHA512,
	CRYPTO_SHA1 /* reading only */,
	CRYPTO_DIGESTS
};
enum { CRYPTO_DIGEST_MAX = 64 };

struct crypto_digest_row {
	const char *name; /* as in "sha256:..." */
	size_t size;      /* bytes */
};
extern const struct crypto_digest_row crypto_digest_rows[CRYPTO_DIGESTS];

/* A running digest; add from one thread at a time. */
struct crypto_hash {
	struct evp_md_ctx_st *state;
	enum crypto_digest alg;
};
void crypto_hash_start(struct crypto_hash *h, enum crypto_digest alg); /* aborts without memory */
void crypto_hash_add(struct crypto_hash *h, struct hm_str bytes);
/* One of several parts, behind its length: two lists of parts never give the same digest. */
void crypto_hash_add_part(struct crypto_hash *h, struct hm_str part);
/* out has room for CRYPTO_DIGEST_MAX; returns the size. The state starts anew. */
size_t crypto_hash_end(struct crypto_hash *h, uint8_t *out);
void crypto_hash_done(struct crypto_hash *h);
#define CRYPTO_AUTO_HASH HM_CLEANUP(crypto_hash_done) struct crypto_hash

/* "sha256:<hex>" of the bytes, in the arena. */
struct hm_str crypto_digest_text(struct hm_cx *cx, enum crypto_digest alg, struct hm_str bytes);
struct hm_str crypto_hash_text(struct hm_cx *cx, struct crypto_hash *h); /* ends it */
/* Raw digest bytes in the arena. */
struct hm_str crypto_digest_raw(struct hm_cx *cx, enum crypto_digest alg, struct hm_str bytes);

/* MD5 (RFC 1321), hex: what package managers note of files, to see whether somebody changed them.
 * It proves nothing. HM_SYSTEM: this OpenSSL has none. */
HM_MUST hm_err crypto_md5_hex(struct hm_cx *cx, struct hm_str bytes, struct hm_str *out);

/* HMAC (RFC 2104), raw. */
struct hm_str crypto_hmac(struct hm_cx *cx, enum crypto_digest alg, struct hm_str key,
			  struct hm_str bytes);

/* --- keys and signatures --- */

/* Signature algorithms. A format takes those that its specification names, and says so itself. */
enum crypto_alg {
	/* Those that the Notary Project fixes for a key by its kind and size. With them stand
	 * ML-DSA and SLH-DSA, whose keys are for one algorithm anyway: see crypto_alg_row.cli. */
	CRYPTO_PS256 = 1,
	CRYPTO_PS384,
	CRYPTO_PS512, /* RSA-PSS, 2048 / 3072 / 4096 bits */
	CRYPTO_ES256,
	CRYPTO_ES384,
	CRYPTO_ES512, /* ECDSA on P-256 / P-384 / P-521, as r || s */
	/* The same curves, with r and s in DER (RFC 3279, 2.2.3). */
	CRYPTO_ES256_DER,
	CRYPTO_ES384_DER,
	CRYPTO_ES512_DER,
	CRYPTO_ED25519, /* RFC 8032 */
	CRYPTO_RS256,
	CRYPTO_RS384,
	CRYPTO_RS512, /* RSA PKCS #1 v1.5 (RFC 8017, 8.2), 2048 bits at the least */
	CRYPTO_RS1,   /* the same with SHA-1 */
	CRYPTO_MLDSA44,
	CRYPTO_MLDSA65,
	CRYPTO_MLDSA87, /* FIPS 204, the empty context */
	/* FIPS 205, the empty context. SHA2 or SHAKE; small signatures or fast ones. */
	CRYPTO_SLHDSA_SHA2_128S,
	CRYPTO_SLHDSA_SHA2_128F,
	CRYPTO_SLHDSA_SHA2_192S,
	CRYPTO_SLHDSA_SHA2_192F,
	CRYPTO_SLHDSA_SHA2_256S,
	CRYPTO_SLHDSA_SHA2_256F,
	CRYPTO_SLHDSA_SHAKE_128S,
	CRYPTO_SLHDSA_SHAKE_128F,
	CRYPTO_SLHDSA_SHAKE_192S,
	CRYPTO_SLHDSA_SHAKE_192F,
	CRYPTO_SLHDSA_SHAKE_256S,
	CRYPTO_SLHDSA_SHAKE_256F,
	CRYPTO_ALGS
};
/* What a signature of that algorithm is worth: made and believed, only believed, neither. */
enum crypto_status { CRYPTO_ALLOWED, CRYPTO_VERIFY_ONLY, CRYPTO_FORBIDDEN };

struct crypto_alg_row {
	const char *name; /* "PS256": JOSE's where it has one (RFC 7518, RFC 9864, RFC 9964) */
	int cose; /* -37 (IANA's registry of COSE algorithms, or private); 0: COSE has none */
	enum crypto_digest digest; /* CRYPTO_DIGESTS: it takes the bytes as they are */
	const char *key_spec;      /* "RSA-2048", "EC-256": Notation's words where it has one */
	/* "rsa-2048", as in cert generate-test --algorithm: a key of that kind and size in a chain
	 * that signs content is for this algorithm. NULL: no such chain has one. */
	const char *cli;
	enum crypto_status status;
};
extern const struct crypto_alg_row crypto_alg_rows[CRYPTO_ALGS];
/* Of those that chains have, by JOSE's name and by COSE's number. 0: none. */
enum crypto_alg crypto_alg_by_name(struct hm_str name);
enum crypto_alg crypto_alg_by_cose(int64_t number);

/*
 * What OpenSSL gives back of its memory is wiped from now on. Once, before OpenSSL is used at all;
 * false: it was. Its configuration file is read where OPENSSL_CONF names one, and the system's is
 * not: what is allowed here is said here, on every machine the same. At the end of the process its
 * memory goes at once: emptying its tables one by one would take longer than many a command.
 */
bool crypto_start(void);
/* In a process that signs a few times and ends: its random numbers are Hash_DRBG's (SP 800-90A). */
void crypto_start_signing(void);
/* In a process that will read no encrypted key: OpenSSL's table of ciphers by their old names stays
 * empty (TLS does not need it). Filling it takes a tenth of the time of a signature. */
void crypto_start_without_ciphers(void);
/* In a process that may be over before it has met more than the usual: of OpenSSL's digests and
 * kinds of keys it looks up SHA-1, SHA-2, RSA, ECDSA and Ed25519 alone, until something else is
 * met. After crypto_start(). */
void crypto_start_with_few(void);
/* Before TLS, which negotiates whatever there is: everything is looked up again from now on. */
void crypto_need_all(void);
/* May a copy of this process open a private key? Only while OpenSSL is here as in a process that
 * was just started: it has not read the user's configuration, nor made its heap for private keys,
 * whose pages would not be locked in the copy. */
bool crypto_is_fresh(void);

struct crypto_key {
	struct evp_pkey_st *pkey;
	enum crypto_alg alg;
	bool is_public; /* it was read as one: what is made ready for it may be kept */
};
void crypto_key_done(struct crypto_key *k);
#define CRYPTO_AUTO_KEY HM_CLEANUP(crypto_key_done) struct crypto_key

struct crypto_chain;

/* Private keys to sign with. Their numbers lie in OpenSSL's secure heap: locked in memory where the
 * machine lets us, left out of core dumps, wiped when they are done. */

/* A private key in PEM (PKCS#8, PKCS#1, SEC 1) with the algorithm that its kind and size fix.
 * HM_INPUT: no key, encrypted, or a kind or size that there is none for. */
HM_MUST hm_err crypto_key_parse(struct hm_cx *cx, struct hm_str pem, struct crypto_key *out);
/* HM_USAGE: nobody signs with that algorithm. HM_SYSTEM: OpenSSL could not. */
HM_MUST hm_err crypto_key_generate(struct hm_cx *cx, enum crypto_alg alg, struct crypto_key *out);
/*
 * The same, and more: encrypted too (PKCS#8, and PEM's own old way), PKCS#8 in DER, and PKCS#12,
 * whose certificates go to *out_chain, leaf first, as far as they lead. `passphrase` may be NULL.
 * HM_ABSENT: it is needed, and there is none. HM_DENIED: it is not the right one.
 */
HM_MUST hm_err crypto_key_open(struct hm_cx *cx, struct hm_str bytes,
			       const struct hm_secret *passphrase, struct crypto_key *out,
			       struct crypto_chain *out_chain);
/* Another reference to the same key. */
HM_MUST hm_err crypto_key_share(struct hm_cx *cx, const struct crypto_key *k,
				struct crypto_key *out);
/* Its public half: SubjectPublicKeyInfo in DER. */
HM_MUST hm_err crypto_public_key_der(struct hm_cx *cx, const struct crypto_key *k,
				     struct hm_str *out);
/* PKCS#8 in PEM. */
HM_MUST hm_err crypto_key_pem(struct hm_cx *cx, const struct crypto_key *k, struct hm_secret *out);
/* A private key of any kind that OpenSSL knows, which the caller frees (EVP_PKEY_free): for TLS. In
 * ordinary memory: a server's handshakes would fill the secure heap. HM_INPUT: none, or
 * encrypted. */
HM_MUST hm_err crypto_private_key_parse(struct hm_cx *cx, struct hm_str pem,
					struct evp_pkey_st **out);
/* A public key (SubjectPublicKeyInfo, in PEM or DER) for signatures of that algorithm: what a key
 * is used for, its owner says. HM_INPUT: no public key, or not of the algorithm's kind and size. */
HM_MUST hm_err crypto_public_key_parse(struct hm_cx *cx, struct hm_str text, enum crypto_alg alg,
				       struct crypto_key *out);
/* The same of its numbers, big-endian, as JOSE has them (RFC 7518, 6; RFC 8037): n and e of RSA, x
 * and y of a point on the algorithm's curve, x alone of Ed25519. HM_INPUT: they are not those of a
 * key for the algorithm. */
struct crypto_key_parts {
	struct hm_str n, e, x, y;
};
HM_MUST hm_err crypto_public_key_join(struct hm_cx *cx, const struct crypto_key_parts *parts,
				      enum crypto_alg alg, struct crypto_key *out);
/* The primitive signature: PSS with salt as long as the digest; ECDSA as r || s (RFC 7518, 3.4) or
 * in DER, as the key's algorithm says. HM_USAGE: nobody signs with that algorithm. */
HM_MUST hm_err crypto_sign(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
			   struct hm_str *out);
/* RS256 of an RSA key, for logins at services that want it (RFC 7523): what is signed so says who
 * we are for some minutes. Content is never signed by it. HM_INPUT: another kind of key. */
HM_MUST hm_err crypto_sign_login(struct hm_cx *cx, const struct crypto_key *k, struct hm_str bytes,
				 struct hm_str *out);
/* HM_TRUST: the signature does not match, or its algorithm is forbidden. */
HM_MUST hm_err crypto_verify(struct hm_cx *cx, const struct crypto_key *k, enum crypto_alg alg,
			     struct hm_str bytes, struct hm_str signature);

/* A repository's RSA signature by an algorithm that its package manager still has, RS1 among them:
 * what such signatures are worth beside others, their reader knows and says. Nothing but indexes
 * of packages is believed so. HM_TRUST: it does not match, or the key is for another algorithm. */
HM_MUST hm_err crypto_verify_repository(struct hm_cx *cx, const struct crypto_key *k,
					struct hm_str bytes, struct hm_str signature);

/* Converts a signature from the form that key services return to that of crypto_sign(): r and s in
 * DER become r || s. HM_TRUST: it does not have that form. */
HM_MUST hm_err crypto_signature_from_der(struct hm_cx *cx, enum crypto_alg alg, struct hm_str der,
					 struct hm_str *out);

/* Whoever signs, as operations: the key may be in memory, in a token or behind a service, and
 * nobody who wants a signature sees it. */
struct crypto_signer {
	enum crypto_alg alg;
	/* The primitive signature over the bytes, as crypto_sign() makes it. HM_SYSTEM, HM_BUSY. */
	HM_MUST hm_err (*sign)(struct hm_cx *cx, const struct crypto_signer *self,
			       struct hm_str bytes, struct hm_str *out);
	/* The public key, to be freed by the caller. */
	HM_MUST hm_err (*public)(struct hm_cx *cx, const struct crypto_signer *self,
				 struct crypto_key *out);
	/* Where certificates come with each signature, those of the last one: always the same;
	 * empty before the first. NULL: whoever has the signer has them. */
	const struct crypto_chain *(*chain)(const struct crypto_signer *self);
	/* sign() by the digest; NULL: bytes alone */
	hm_err (*sign_digest)(struct hm_cx *cx, const struct crypto_signer *self,
			      struct hm_str digest, struct hm_str *out);
};
/* A private key in memory that signs; the key stays the caller's. */
struct crypto_key_signer {
	struct crypto_signer signer; /* what is handed on */
	const struct crypto_key *key;
};
struct crypto_key_signer crypto_key_signer(const struct crypto_key *k);

/* --- certificates --- */

/* A chain, leaf first; each certificate kept as the DER it came in. */
struct crypto_chain {
	struct hm_str *der;    /* in the arena */
	struct x509_st **x509; /* freed by crypto_chain_done() while the arena is there */
	size_t n;
};
void crypto_chain_done(struct crypto_chain *c);
#define CRYPTO_AUTO_CHAIN HM_CLEANUP(crypto_chain_done) struct crypto_chain

/* All certificates of PEM text, or of DER ones in a row, in their order. HM_INPUT: none, or a block
 * that is something else. HM_LIMIT: HM_MAX_CERTIFICATE_FILE bytes, HM_MAX_CERTIFICATES. */
HM_MUST hm_err crypto_chain_parse(struct hm_cx *cx, struct hm_str text, struct crypto_chain *out);
/* The same of slices that hold one certificate each, with nothing behind it. */
HM_MUST hm_err crypto_chain_from_der(struct hm_cx *cx, const struct hm_str *der, size_t n,
				     struct crypto_chain *out);
/* The number by which OpenSSL finds it in a folder (X509_NAME_hash_ex(3)). */
bool crypto_subject_hash(const struct crypto_chain *c, size_t i, uint32_t *out);
struct hm_str crypto_chain_pem(struct hm_cx *cx, const struct crypto_chain *c);
/* The leaf's public key and its algorithm. */
HM_MUST hm_err crypto_chain_key(struct hm_cx *cx, const struct crypto_chain *c,
				struct crypto_key *out);
/* HM_INPUT: the key, private or public, is not that of the leaf. */
HM_MUST hm_err crypto_key_match(struct hm_cx *cx, const struct crypto_key *k,
				const struct crypto_chain *c);
/* A self-signed certificate that meets the leaf rules, for tests: notation's cert generate-test. */
HM_MUST hm_err crypto_self_signed(struct hm_cx *cx, const struct crypto_key *k, struct hm_str cn,
				  int64_t now, int64_t days, struct crypto_chain *out);

/*
 * The Notary Project's certificate requirements (signature-specification, "Certificate
 * Requirements") for a code-signing chain: order and signatures up to the root, key usages, basic
 * constraints, extended usages, path length, key sizes, no SHA-1. Says nothing about time or trust.
 * For ML-DSA and SLH-DSA those of RFC 9881 and RFC 9909 besides: no parameters, no usages that such
 * a key cannot have. Certificates of one chain may have keys of different kinds.
 */
HM_MUST hm_err crypto_chain_check(struct hm_cx *cx, const struct crypto_chain *c);
/* Is certificate i a CA, or signed with its own key? What a trust store may hold. */
bool crypto_chain_is_ca(const struct crypto_chain *c, size_t i);
bool crypto_chain_is_self_signed(const struct crypto_chain *c, size_t i); /* and issued by itself */
/* Every certificate is valid at `when`. HM_TRUST names the first that is not. */
HM_MUST hm_err crypto_chain_valid_at(struct hm_cx *cx, const struct crypto_chain *c, int64_t when);
/* Does any certificate of the chain equal a certificate of `roots` (by its bytes)? */
bool crypto_chain_has_root(const struct crypto_chain *c, const struct crypto_chain *roots);

struct crypto_certificate_info {
	struct hm_str subject, issuer; /* RFC 4514, most specific first: "CN=a,O=b,L=c,ST=d,C=US" */
	struct hm_str serial;          /* lower-case hex */
	struct hm_str sha256;          /* lower-case hex of the DER */
	int64_t not_before, not_after;
	bool is_ca;
};
/* HM_INPUT: a time that is none. */
HM_MUST hm_err crypto_certificate_info(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				       struct crypto_certificate_info *out);
/* What certificate i is called in revocation lists. */
struct crypto_issued {
	struct hm_str issuer, serial; /* as in its info */
	struct hm_str key; /* lower-case hex of the SHA-256 of the issuer's SubjectPublicKeyInfo;
			      empty: certificate i + 1 is not there, or has not issued it */
};
HM_MUST hm_err crypto_certificate_issued(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
					 struct crypto_issued *out);
/* What certificate i rests on: the algorithm that its key is for, and the one that it is signed
 * with. ECDSA is named after the curve of the key that signs, RSA after padding and digest. 0: one
 * that has no row, as RSA with keys of another size. */
struct crypto_certificate_algs {
	enum crypto_alg key, signature;
};
struct crypto_certificate_algs crypto_certificate_algs(struct hm_cx *cx,
						       const struct crypto_chain *c, size_t i);
/* The subject's attributes as pairs, in the certificate's order, for trusted identities: "C", "ST",
 * "O", "CN", ...; an attribute without a name in RFC 4514 has its object identifier. HM_INPUT: an
 * attribute twice, several in one RDN, or one that is no text: such a subject names nobody. */
struct crypto_attribute {
	struct hm_str name, value;
};
HM_MUST hm_err crypto_certificate_subject(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
					  struct crypto_attribute **out, size_t *out_n);

/*
 * A distinguished name as text (RFC 4514), "C=US,ST=WA,O=Acme\\, Inc.", as pairs in the text's
 * order; "S" is read as "ST". HM_INPUT: malformed, an attribute twice, several in one RDN, no
 * value, or a value in hexadecimal ("#...").
 */
HM_MUST hm_err crypto_dn_parse(struct hm_cx *cx, struct hm_str text, struct crypto_attribute **out,
			       size_t *out_n);
/* Is every pair of `some` among `all`? Names and values compare by bytes. */
bool crypto_dn_within(const struct crypto_attribute *some, size_t some_n,
		      const struct crypto_attribute *all, size_t all_n);

/* Seconds by which the clocks of two machines may differ. */
enum { CRYPTO_CLOCK_SKEW = 300 };

/* --- revocation (RFC 5280, RFC 6960) --- */

/* What is asked for at a URL: POST where body.n, else GET; an answer of `max` bytes at the most. */
struct crypto_question {
	struct hm_str url, content_type, body;
	size_t max;
};
/* Revocation lists in DER; delta: empty where there is none. */
struct crypto_lists {
	struct hm_str base, delta;
};
/* Who asks. Supplied by trust/; HM_BUSY where nothing answers. */
struct crypto_fetch {
	hm_err (*run)(struct hm_cx *cx, void *arg, const struct crypto_question *q,
		      struct hm_str *out);
	void *arg;
	/* The answer to the same question that was kept, unchecked; empty: there is none. With
	 * `old` also one that is due to be asked for again. NULL: nothing is kept. */
	void (*recall)(struct hm_cx *cx, void *arg, const struct crypto_question *q, bool old,
		       struct hm_str *out);
	/* Keep an answer, whose signature and validity have been checked. */
	void (*keep)(struct hm_cx *cx, void *arg, const struct crypto_question *q,
		     struct hm_str answer);
	/* The same for lists that are shared with another program: a base with its delta, by the
	 * base's URL. False: there are none. NULL: none are shared. */
	bool (*recall_lists)(struct hm_cx *cx, void *arg, struct hm_str url, bool old,
			     struct crypto_lists *out);
	void (*keep_lists)(struct hm_cx *cx, void *arg, struct hm_str url,
			   const struct crypto_lists *lists);
};
enum crypto_revocation { CRYPTO_NOT_REVOCABLE, CRYPTO_GOOD, CRYPTO_REVOKED, CRYPTO_UNKNOWN };
struct crypto_revocation_terms {
	struct crypto_fetch fetch;
	int64_t now, signing_time; /* signing_time 0: not known */
};
/*
 * OCSP first, then CRL, for each certificate but the root. *out is the worst of all; *out_why says
 * which certificate and why where it is REVOKED or UNKNOWN. A certificate revoked after
 * `signing_time` with an invalidity date later than that counts as good.
 * NOT_REVOCABLE is a certificate that names no way to ask. One whose way cannot be used (another
 * scheme than http, a relative or a directory's name, another issuer's list, a list of some reasons
 * only, an extension that cannot be read) is UNKNOWN, unless the other way or another name of the
 * same distribution point answers. Every point is asked.
 * An answer that was kept is looked at as one that comes: it counts while it is current. It is
 * asked for again where it is old, does not fit, or gives the certificate no state; an old one
 * counts where nobody answers.
 */
HM_MUST hm_err crypto_revocation_check(struct hm_cx *cx, const struct crypto_chain *c,
				       const struct crypto_revocation_terms *terms,
				       enum crypto_revocation *out, struct hm_str *out_why);

/* A certificate that a list names, and is not taken off it again. */
struct crypto_revoked {
	struct hm_str serial; /* lower-case hex, as in crypto_certificate_info */
	int64_t since;
	const char *reason; /* "key compromise"; or "" */
};
/* A revocation list by itself (RFC 5280, 5). */
struct crypto_revocation_list {
	struct hm_str issuer; /* RFC 4514 */
	struct hm_str key;    /* lower-case hex of the SHA-256 of its SubjectPublicKeyInfo */
	int64_t begins, ends; /* thisUpdate; nextUpdate, or 0. `ends` may have passed */
	bool is_delta;        /* it has what is new since another one */
	bool is_partial;      /* it speaks of some certificates or reasons only */
	struct crypto_revoked *p;
	size_t n, cap;
};
/* PEM or DER, which one of `issuers` has issued. HM_INPUT: malformed, several, of the future, of
 * several issuers, or with a critical extension that is not known, also of one entry; HM_LIMIT:
 * HM_MAX_CRL; HM_TRUST: none of them has issued it. */
HM_MUST hm_err crypto_revocation_list(struct hm_cx *cx, struct hm_str bytes,
				      const struct crypto_chain *issuers, int64_t now,
				      struct crypto_revocation_list *out);

/* --- timestamps (RFC 3161) --- */

/* What a TimeStampToken says. */
struct crypto_timestamp {
	int64_t time; /* genTime; fractions of a second are cut off */
	/* The first and the last instant that genTime and its accuracy allow, outwards to whole
	 * seconds: a certificate that is valid at both was valid when the token was made. */
	int64_t earliest, latest;
	enum crypto_digest digest; /* of the imprint */
	struct hm_str nonce;       /* of the request, big-endian; empty: there was none */
	/* Of the timestamping authority: up to the root where the token was verified, else the
	 * certificates that it brings along, the signer's first. */
	struct crypto_chain chain;
};
void crypto_timestamp_done(struct crypto_timestamp *t);
#define CRYPTO_AUTO_TIMESTAMP HM_CLEANUP(crypto_timestamp_done) struct crypto_timestamp

/*
 * Verify a TimeStampToken over `signature`: CMS signature, imprint, signing-certificate-v2, chain
 * to one of `roots` at genTime under the Notary Project's rules for timestamping certificates. The
 * revocation of *out's chain is the caller's to check. HM_INPUT: no token. HM_TRUST: not to be
 * believed.
 */
HM_MUST hm_err crypto_timestamp_verify(struct hm_cx *cx, struct hm_str token,
				       struct hm_str signature, const struct crypto_chain *roots,
				       struct crypto_timestamp *out);
/* The same by one authority, whose certificates (the root last) are all that counts: those of the
 * token need not be there. The rules are those of RFC 3161 and RFC 5280 alone. */
HM_MUST hm_err crypto_timestamp_verify_by(struct hm_cx *cx, struct hm_str token,
					  struct hm_str signature,
					  const struct crypto_chain *authority,
					  struct crypto_timestamp *out);
/* What a token says of itself, for display: only that it is about `signature` is checked, not who
 * signed it. HM_INPUT: it is not a token. HM_TRUST: it is about something else. */
HM_MUST hm_err crypto_timestamp_read(struct hm_cx *cx, struct hm_str token, struct hm_str signature,
				     struct crypto_timestamp *out);

/* A question to a timestamping authority (TimeStampReq, RFC 3161, 2.4.1), with a nonce, which asks
 * for the authority's certificate. */
struct crypto_timestamp_request {
	struct hm_str der;
	enum crypto_digest digest; /* this and what follows the answer must have, too */
	struct hm_str signature, nonce;
};
HM_MUST hm_err crypto_timestamp_ask(struct hm_cx *cx, enum crypto_digest digest,
				    struct hm_str signature, struct crypto_timestamp_request *out);
/* The token of an answer (TimeStampResp, RFC 3161, 2.4.2) that grants one, not looked at. Faults as
 * crypto_timestamp_answer(). It points into `der`. */
HM_MUST hm_err crypto_timestamp_token(struct hm_cx *cx, struct hm_str der, struct hm_str *out);
/*
 * The token of the answer (TimeStampResp, 2.4.2), as it came, after it was verified as
 * crypto_timestamp_verify() does it and held against the request. HM_INPUT: no answer. HM_TRUST:
 * the authority refuses, in its own words, or its token is not to be believed. HM_BUSY: the
 * authority cannot answer now.
 */
HM_MUST hm_err crypto_timestamp_answer(struct hm_cx *cx, const struct crypto_timestamp_request *q,
				       struct hm_str der, const struct crypto_chain *roots,
				       struct crypto_timestamp *out, struct hm_str *out_token);

/* --- certificates that public authorities issue --- */
#include "crypto/issued.h"

#endif
