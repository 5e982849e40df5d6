/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issued.h - certificates for keys that live for minutes: whom they name, who issued them, and that
 * a log has seen it.
 *
 * Sources: RFC 5280 (path, subjectAltName); RFC 6962, section 3 (signed certificate timestamps);
 * Fulcio's oid-info.md.
 */
#ifndef CRYPTO_ISSUED_H
#define CRYPTO_ISSUED_H

#include "base/base.h"

struct crypto_chain;
struct crypto_key;

/* A public key in PEM or DER (SubjectPublicKeyInfo), with the algorithm that Sigstore uses it for:
 * ECDSA in DER with the curve's own digest, Ed25519, RSA PKCS #1 with SHA-256, ML-DSA. HM_INPUT. */
HM_MUST hm_err crypto_public_key_any(struct hm_cx *cx, struct hm_str text, struct crypto_key *out);
/* The same of a certificate. */
HM_MUST hm_err crypto_certificate_key_any(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
					  struct crypto_key *out);
/* A public key with the algorithm that the key's kind and size fix in chains that sign content, as
 * crypto_key_parse() has it. */
HM_MUST hm_err crypto_public_key_own(struct hm_cx *cx, struct hm_str text, struct crypto_key *out);
/* crypto_sign() for whoever has only the digest of the content. HM_USAGE: not an ECDSA key, or a
 * digest of another size. */
HM_MUST hm_err crypto_sign_digest(struct hm_cx *cx, const struct crypto_key *k,
				  struct hm_str digest, struct hm_str *out);
/* What crypto_signature_from_der() does, the other way: r || s becomes DER; signatures of another
 * kind stay as they are. HM_TRUST. */
HM_MUST hm_err crypto_signature_to_der(struct hm_cx *cx, const struct crypto_key *k,
				       struct hm_str raw, struct hm_str *out);
/* crypto_verify() for whoever has only the digest of what was signed. HM_USAGE: the algorithm signs
 * the bytes themselves. */
HM_MUST hm_err crypto_verify_digest(struct hm_cx *cx, const struct crypto_key *k,
				    struct hm_str digest, struct hm_str signature);

enum crypto_name_kind { CRYPTO_NAME_EMAIL, CRYPTO_NAME_URI, CRYPTO_NAME_OTHER };
/* The only name of certificate `i` in subjectAltName: mail address, URI, or Fulcio's otherName (OID
 * 1.3.6.1.4.1.57264.1.7). HM_INPUT: none, several, or of another kind. */
HM_MUST hm_err crypto_certificate_name(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				       enum crypto_name_kind *out_kind, struct hm_str *out);
/* All that certificate `i` names its owner by: "subject:CN=a,O=b" (RFC 4514), and of subjectAltName
 * "dns:a.example" (in lower case), "uri:spiffe://a/b", "email:a@b.example". Names of other kinds,
 * and those with bytes that are no text, are left out. */
void crypto_certificate_names(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
			      struct hm_strs *out);
/* The value of an extension in DER; empty where there is none. HM_INPUT: it is there twice. */
HM_MUST hm_err crypto_certificate_extension(struct hm_cx *cx, const struct crypto_chain *c,
					    size_t i, const char *oid, struct hm_str *out);
/* The text of DER's UTF8String, and nothing behind it. HM_INPUT. */
HM_MUST hm_err crypto_der_text(struct hm_cx *cx, struct hm_str der, struct hm_str *out);

/*
 * Does `leaf` lead to the last certificate of `authority`, through the others of it, with all
 * valid at `when`, and is it for code signing? Of the leaf's own chain only the leaf is looked at.
 * HM_TRUST. *out is the path, leaf first, for the caller to free.
 */
HM_MUST hm_err crypto_chain_path(struct hm_cx *cx, const struct crypto_chain *leaf,
				 const struct crypto_chain *authority, int64_t when,
				 struct crypto_chain *out);

/*
 * The costly half of that, ahead of time and perhaps on another thread: is certificate i of
 * `subject` signed with the key of certificate `by` of `issuer`? What holds is remembered by this
 * process, and crypto_chain_path() does not compute it again; what does not hold it finds out
 * itself. Nothing else is decided here: neither names nor times nor purposes.
 */
bool crypto_link_proven(const struct crypto_chain *subject, size_t i,
			const struct crypto_chain *issuer, size_t by);
void crypto_link_prove(const struct crypto_chain *subject, size_t i,
		       const struct crypto_chain *issuer, size_t by);
/* Does certificate i of `subject` say that certificate `by` of `issuer` has issued it? */
bool crypto_link_named(const struct crypto_chain *subject, size_t i,
		       const struct crypto_chain *issuer, size_t by);

/* A log of certificates. */
struct crypto_ct_log {
	struct hm_str id; /* raw: SHA-256 of its key */
	const struct crypto_key *key;
	int64_t from, until; /* when its timestamps count, ends included */
};
/* Is one of the timestamps in the certificate of path[0] that of one of these logs, over this
 * certificate as path[1] issued it? HM_TRUST: none is. */
HM_MUST hm_err crypto_sct_verify(struct hm_cx *cx, const struct crypto_chain *path,
				 const struct crypto_ct_log *logs, size_t logs_n);

#endif
