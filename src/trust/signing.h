/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signing.h - signing keys (signingkeys.json), those who sign with them, and their signatures.
 */
#ifndef TRUST_SIGNING_H
#define TRUST_SIGNING_H

#include "base/base.h"
#include "envelope/envelope.h"
#include "oci/oci.h"

struct trust_key {
	struct hm_str name, key_path, cert_path;
	struct hm_str uri; /* of a key in a token, a service, or a file of another form; then
			      key_path is empty */
	bool is_default;
	struct hm_str plugin, id; /* of a key that a plugin holds, and the key's id there */
	struct oci_annotations plugin_config;
	const char *config_dir; /* in which plugins are found */
	struct hm_str json;     /* as it stands in the file; empty: not from there */
};
/* HM_INPUT: no list of keys, a name twice, a default that is not among them. */
HM_MUST hm_err trust_keys_parse(struct hm_cx *cx, struct hm_str text, struct trust_key **out,
				size_t *out_n);
/* None where there is no file. */
HM_MUST hm_err trust_keys_list(struct hm_cx *cx, const char *config_dir, struct trust_key **out,
			       size_t *out_n);
struct trust_signer_terms;
/* Its paths are written as absolute ones; where it is the default, no other is any more. A key of a
 * token, a service or a PKCS#12 file may do without certificates: those that are there with it are
 * written to localkeys/NAME.crt. One signature is made, and held against the certificate. HM_USAGE:
 * no name, or one that is taken. HM_INPUT: no usable key, not the certificate's, or a certificate
 * that nothing can be signed with at `now` (0: the clock); its hint makes a right one. */
HM_MUST hm_err trust_key_add(struct hm_cx *cx, const char *config_dir, const struct trust_key *k,
			     const struct trust_signer_terms *terms, int64_t now);
/* Sign with this key when none is named. HM_ABSENT. */
HM_MUST hm_err trust_key_set_default(struct hm_cx *cx, const char *config_dir, struct hm_str name);
/* Forget it; its files stay. HM_ABSENT: no such name. */
HM_MUST hm_err trust_key_delete(struct hm_cx *cx, const char *config_dir, struct hm_str name);

/* Somebody who signs, with a key of the list or of the caller's. Where the key is and how it signs
 * is its kind's part: a row of trust_signer_kinds[] ("file", "plugin"). */
struct trust_signer {
	struct hm_str name;
	struct crypto_chain chain; /* leaf first; empty where it comes with each signature */
	struct hm_str cert_path;   /* of the file that `chain` is read from; or empty */
	const struct crypto_signer *signer;
	const struct trust_signer_kind *kind; /* NULL: the caller's */
	struct hm_str uri;                    /* of the key, as it is to be kept; or empty */
	struct hm_str agent;                  /* plugin that signs, "NAME/VERSION"; or empty */
	bool later;                           /* its key has not been waited for yet */
};
/* What a signer may use, as decided by whoever opens it. */
struct trust_signer_terms {
	const struct http_config *http; /* for keys that a service has; NULL: those are refused */
	bool may_ask;                   /* for PINs and passphrases, at the terminal */
	/* Where a key has a process of its own, and certificates beside it, it is not waited for:
	 * trust_signers_ready() does, and whatever needs the key. */
	bool later;
	bool bare; /* the key may be without certificates: then s->chain is empty */
	/* This process has read nothing yet but what its user wrote: the process of a key may begin
	 * as a copy of it (base/worker.h). */
	bool fresh;
};
/* A signer whose key (P-256) is made in a process of its own, and is gone with it. */
HM_MUST hm_err trust_signer_new_key(struct hm_cx *cx, struct trust_signer *out);
/*
 * Cosign's key files (cosign.key): made anew or of a private key in `from`, and sealed, or
 * exported, all in a process of their own. The passphrase is what `pin` says ("file:/PATH", "fd:N",
 * "prompt"), else $COSIGN_PASSWORD, else what somebody types. HM_DENIED: it is not the right one.
 */
enum { TRUST_GENERATE = 'g', TRUST_IMPORT = 'i', TRUST_EXPORT = 'e' };
struct trust_making {
	char what;
	const char *from; /* NULL: a new key, on P-256 */
	struct hm_str pin;
	bool may_ask; /* at the terminal */
};
/* The sealed file, and the public key in DER. */
HM_MUST hm_err trust_key_make(struct hm_cx *cx, const struct trust_making *m,
			      struct hm_str *out_private, struct hm_str *out_public);
/* The private key in PEM (PKCS#8). */
HM_MUST hm_err trust_key_export(struct hm_cx *cx, const struct trust_making *m,
				struct hm_secret *out);
/* The signer of a key in a file, else of a URI, else of the list; it may be without certificates.
 * HM_USAGE: the key is one that a plugin holds. */
HM_MUST hm_err trust_signer_bare(struct hm_cx *cx, const char *config_dir, struct hm_str key,
				 const struct trust_signer_terms *terms, struct trust_signer *out);
/* name "" : the default key. `terms` may be NULL. HM_ABSENT with a hint. */
HM_MUST hm_err trust_signer_open(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				 const struct trust_signer_terms *terms, struct trust_signer *out);
/* A key of the list, or one that a plugin holds and that is not in the list. */
struct trust_choice {
	struct hm_str key;                    /* "": the default key */
	struct hm_str plugin, id;             /* both, or neither */
	struct oci_annotations plugin_config; /* added to the key's own, and overrides it */
};
/* As trust_signer_open(), for a choice. HM_USAGE: its fields do not go together. */
HM_MUST hm_err trust_signer_choose(struct hm_cx *cx, const char *config_dir,
				   const struct trust_choice *choice,
				   const struct trust_signer_terms *terms,
				   struct trust_signer *out);
void trust_signer_done(struct trust_signer *s);
/* The certificates that its signatures have, as long as the signer and `cx` are there. A plugin
 * tells them only with a signature: it makes one, of the two bytes "{}", which is kept nowhere. */
HM_MUST hm_err trust_signer_find_chain(struct hm_cx *cx, const struct trust_signer *signer,
				       const struct crypto_chain **out);
/* The certificates of a key of the list, whether or not the key itself is there. HM_ABSENT. */
HM_MUST hm_err trust_key_chain(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			       const struct trust_signer_terms *terms, struct crypto_chain *out);
#define TRUST_AUTO_SIGNER HM_CLEANUP(trust_signer_done) struct trust_signer

/* How long to wait, in nanoseconds. 0: 2 s for an OCSP response, 5 s for a revocation list, 15 s
 * for a timestamp; for the connection as long as for the answer. */
struct trust_patience {
	int64_t connect, ocsp, crl, timestamp;
};

/* A cache of answers about revocation in a folder, which processes and threads may share. An answer
 * is valid until its nextUpdate; but once it is `fresh_seconds` old, a new one is asked for, so
 * that a revocation is seen soon, and the old one is used only where nobody answers. */
struct trust_kept {
	struct hm_cache files;
	struct hm_cache lists; /* revocation lists, as Notation keeps them; or no folder */
	int64_t fresh_seconds;
};

/*
 * A timestamp over each signature that is made, by an authority (RFC 3161, over HTTP). The answer
 * is held against the request and the root, the authority's certificates must not be revoked, and
 * the time must be this machine's and within the validity of the signer's certificates: a signature
 * that no verifier would believe is not made. HM_TRUST: it refuses, or its answer is not to be
 * believed. HM_BUSY, HM_SYSTEM: it did not answer.
 */
struct trust_timestamping {
	struct hm_str url;          /* http or https; empty: no timestamp */
	struct crypto_chain root;   /* one certificate: the root that the authority leads to */
	struct http_client *http;   /* that asks the authority, and about its revocation */
	struct trust_patience wait; /* for all of these */
	struct trust_kept *kept;    /* about its revocation; or NULL */
};
/* The certificate of a root in PEM or DER. HM_INPUT: none, several, or no root. */
HM_MUST hm_err trust_timestamp_root(struct hm_cx *cx, struct hm_str text, struct crypto_chain *out);

/* Those who sign one thing together, each with a signature of their own: a classical and a
 * post-quantum key, for instance. */
struct trust_signers {
	struct trust_signer *p;
	size_t n;
};
/* No names: the default key. HM_USAGE: a key twice, by name or certificate. As
 * trust_signer_open(). */
HM_MUST hm_err trust_signers_open(struct hm_cx *cx, const char *config_dir,
				  const struct hm_strs *names,
				  const struct trust_signer_terms *terms,
				  struct trust_signers *out);
/* Waits for the keys that nobody has waited for: what is wrong with one is known behind this,
 * before anything is done with it. Faults are those of trust_signers_open(). */
HM_MUST hm_err trust_signers_ready(struct hm_cx *cx, struct trust_signers *s);
void trust_signers_done(struct trust_signers *s);
#define TRUST_AUTO_SIGNERS HM_CLEANUP(trust_signers_done) struct trust_signers

struct trust_sign_options {
	struct oci_annotations user_metadata;          /* "io.cncf.notary" prefix is refused */
	int64_t expiry_seconds;                        /* from now; 0: none */
	int64_t now;                                   /* 0: the clock */
	const struct trust_timestamping *timestamping; /* NULL: none */
	const struct envelope_format *format;          /* NULL: JWS */
	bool reuse; /* take the signer's signature that is there (trust_find_own()) */
	bool last;  /* trust_sign_all() is the last to sign with these: a key's process may end
		       while what it has made is being stored */
};
/* A signed envelope that is not stored yet. */
struct trust_sealed {
	const struct envelope_format *format;
	struct hm_str bytes;
	int64_t time;                       /* the signing time that it states */
	const struct crypto_chain *chain;   /* the signer's certificates */
	struct oci_annotations annotations; /* for the manifest, from a plugin */
};
/* Sign what `subject` names; the signature is stored nowhere. */
HM_MUST hm_err trust_seal(struct hm_cx *cx, const struct oci_descriptor *subject,
			  const struct trust_signer *signer, const struct trust_sign_options *o,
			  struct trust_sealed *out);
/* The same, and store it as the subject's referrer. */
HM_MUST hm_err trust_sign(struct hm_cx *cx, struct oci_place *p,
			  const struct oci_descriptor *subject, const struct trust_signer *signer,
			  const struct trust_sign_options *o, struct oci_descriptor *out_signature);
/* A signature where it is stored. */
struct trust_stored {
	struct oci_descriptor descriptor;
	bool reused; /* it was there already */
};
/* The same with all signers; `out` has room for each. Every envelope is made before the first is
 * stored: a signer that refuses or cannot leaves nothing behind. */
HM_MUST hm_err trust_sign_all(struct hm_cx *cx, struct oci_place *p,
			      const struct oci_descriptor *subject,
			      const struct trust_signers *signers,
			      const struct trust_sign_options *o, struct trust_stored *out);

/* Whose signature, and how it is timestamped. */
struct trust_own {
	const struct trust_signer *signer;
	const struct crypto_chain *stamp_root; /* of the authority; NULL: stamped or not */
};
/* Is there a signature of `subject` by this very signer that has not expired? The first of them, by
 * digest: it need not be made again. A fault is a registry in doubt; whom a trust policy believes
 * is not asked. */
HM_MUST hm_err trust_find_own(struct hm_cx *cx, struct oci_place *p,
			      const struct oci_descriptor *subject, const struct trust_own *own,
			      struct oci_descriptor *out, bool *out_found);

/* The worker processes that hold keys (of a file, of a token, of an account at Google), for
 * main()'s table of jobs. */
#define TRUST_KEY_JOB    "trust-key"
#define TRUST_TOKEN_JOB  "trust-token"
#define TRUST_GOOGLE_JOB "trust-google"
#define TRUST_SEALED_JOB "trust-sealed-key"
HM_MUST hm_err trust_key_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err trust_token_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err trust_google_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err trust_sealed_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
