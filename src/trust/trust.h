/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h - whose signatures are believed: trust store, trust policy, signing keys, verification.
 *
 * Verification has three layers. Collecting finds the signatures that there are for a subject, in
 * every form in which they are stored. Examining looks at one: bytes and a subject in, named checks
 * with their results, identities and times out; it needs no place, and serves whoever has bytes.
 * The policy selects a statement by scope, says which checks are enforced, and judges how many of
 * whose signatures are enough. trust_verify() is all three.
 *
 * Files and meaning are the Notary Project's (trust-store-trust-policy.md) below --config-dir:
 * trustpolicy.oci.json (else trustpolicy.json; where both exist and differ, an error that names
 * both), truststore/x509/{ca,signingAuthority,tsa}/NAME/, signingkeys.json,
 * localkeys/NAME.{key,crt}. Beside them are Hullmark's: truststore/sigstore/NAME/trusted_root.json
 * and truststore/key/NAME/.
 */
#ifndef TRUST_TRUST_H
#define TRUST_TRUST_H

#include "base/base.h"
#include "envelope/envelope.h"
#include "oci/oci.h"

#define TRUST_SIGNATURE_TYPE "application/vnd.cncf.notary.signature"
#define TRUST_X509_SUBJECT   "x509.subject"
/* Whom an issuer named: value is the certificate's name, issuer who authenticated it. */
#define TRUST_SIGSTORE_IDENTITY "sigstore.identity"
/* A public key: value is "sha256:..." of its SubjectPublicKeyInfo, issuer its trust store. */
#define TRUST_KEY_IDENTITY "key"
#define TRUST_THUMBPRINTS  "io.cncf.notary.x509chain.thumbprint#S256"

enum trust_level { TRUST_STRICT, TRUST_PERMISSIVE, TRUST_AUDIT, TRUST_SKIP, TRUST_LEVELS };
enum trust_check {
	TRUST_INTEGRITY,
	TRUST_AUTHENTICITY,
	TRUST_TIMESTAMP,
	TRUST_EXPIRY,
	TRUST_REVOCATION,
	TRUST_CHECKS
};
enum trust_action { TRUST_ENFORCE, TRUST_LOG, TRUST_SKIPPED, TRUST_ACTIONS };
/* Their names in a trust policy. */
extern const char *const trust_level_names[TRUST_LEVELS];
extern const char *const trust_check_names[TRUST_CHECKS];
extern const char *const trust_action_names[TRUST_ACTIONS];

/* Policy and stores of one configuration folder, read once and immutable: threads may share it. */
struct trust_config;
/* HM_ABSENT: no trust policy, with the hint how to make one. HM_INPUT: it is not valid; says
 * where. */
HM_MUST hm_err trust_config_open(struct hm_cx *cx, const char *config_dir,
				 struct trust_config **out);
void trust_config_close(struct trust_config *t);
/* What a command's options say instead of a policy: a key, or whom a certificate must name and who
 * must have said so; each exactly or by a regular expression, which matches anywhere. */
struct trust_given {
	struct hm_str key;  /* a public key's text; empty: `subject` and `issuer` */
	struct hm_str root; /* a trusted root's text; may be empty with a key, then no log is
			       asked for */
	struct hm_str subject, subject_pattern, issuer, issuer_pattern;
	/* Instead of all these, beside the root: whoever signs for a builder of SLSA's that is
	 * known, or for `builder`. */
	bool builders;
	struct hm_str builder; /* its URI; may be empty */
};
/* HM_INPUT: what is given is no key, root or expression. */
HM_MUST hm_err trust_config_given(struct hm_cx *cx, const struct trust_given *g,
				  struct trust_config **out);
/* Does a statement apply to "registry/repository"? Where none does, the answer is no, and no
 * registry needs to be asked. */
bool trust_config_covers(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope);
/* Why it is denied, in a sentence. */
struct hm_str trust_not_covered(struct hm_cx *cx, struct hm_str scope);
/* Changes whenever policy or a trust store file changes: part of the key of a cached verdict. */
struct hm_str trust_config_hash(const struct trust_config *t);
/* Of the policy alone: its digest, and its revision; 0: it has none. */
struct hm_str trust_config_digest(const struct trust_config *t);
uint64_t trust_config_revision(const struct trust_config *t);
/* The names of the kinds of evidence that the statement for the scope asks for; what they mean is
 * evidence/'s to know. Never NULL. */
const struct hm_strs *trust_config_evidence(struct hm_cx *cx, const struct trust_config *t,
					    struct hm_str scope);

/* --- plugins (plugin-extensibility.md): DIR/plugins/NAME/notation-NAME --- */

enum trust_capability {
	TRUST_GENERATES_SIGNATURE,
	TRUST_GENERATES_ENVELOPE,
	TRUST_GENERATES_BLOB_ENVELOPE,
	TRUST_VERIFIES_IDENTITY,
	TRUST_VERIFIES_REVOCATION,
	TRUST_CAPABILITIES
};
/* Their names in the protocol. */
extern const char *const trust_capability_names[TRUST_CAPABILITIES];
/* What a plugin says about itself. */
struct trust_plugin {
	struct hm_str name, description, version, url;
	bool can[TRUST_CAPABILITIES];
	hm_err bad; /* in a list: why it cannot be used; then only the name is known. Or NULL */
};
/* All installed plugins, sorted by name; each is run once, and describes itself. */
HM_MUST hm_err trust_plugin_list(struct hm_cx *cx, const char *config_dir,
				 struct trust_plugin **out, size_t *out_n);

struct trust_plugin_source {
	const char *path;        /* a zip file, a gzip'd tar archive, or the program itself */
	struct hm_str file_name; /* what the program is called, where it is that */
	struct hm_str sha256;    /* in hex; empty: any */
	bool force;              /* whatever is installed is replaced */
};
struct trust_plugin_installed {
	struct trust_plugin now, before; /* before.version is empty where nothing was there */
};
/*
 * Unpack it, let it describe itself, and move it to its place in one step. HM_TRUST: another
 * SHA-256. HM_INPUT: no plugin, a name that leads elsewhere. HM_LIMIT: HM_MAX_PLUGIN. HM_USAGE: not
 * newer than what is there.
 */
HM_MUST hm_err trust_plugin_install(struct hm_cx *cx, const char *config_dir,
				    const struct trust_plugin_source *source,
				    struct trust_plugin_installed *out);
/* HM_ABSENT. */
HM_MUST hm_err trust_plugin_uninstall(struct hm_cx *cx, const char *config_dir, struct hm_str name);

/* --- signing keys (signingkeys.json) --- */
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

/* For main()'s table of jobs: it reads the archive of a plugin. */
#define TRUST_PLUGIN_JOB "trust-plugin"
HM_MUST hm_err trust_plugin_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

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

/* --- verification --- */

struct trust_result {
	enum trust_check check;
	enum trust_action action; /* what the policy says about it */
	bool good;
	struct hm_str why; /* where it is not good */
};
/* Somebody, as a signature's material names him. */
struct trust_identity {
	const char *kind;     /* TRUST_X509_SUBJECT and so on */
	struct hm_str value;  /* of that kind: the subject of the leaf, RFC 4514 */
	struct hm_str issuer; /* who says so: the issuer of the leaf */
};
/* Whose word a time is. */
enum trust_time {
	TRUST_TIME_CLAIMED,   /* the signer's */
	TRUST_TIME_AUTHORITY, /* the signing authority's, which is the signer */
	TRUST_TIME_STAMPED,   /* a timestamping authority's, whose token was verified */
	TRUST_TIME_LOGGED,    /* a transparency log's, whose promise was verified */
	TRUST_TIMES
};
/* One signature looked at. */
struct trust_signature {
	struct oci_descriptor descriptor; /* of what holds it; empty where only bytes were given */
	struct hm_str file;               /* that holds it; empty: none */
	const char *format;               /* "notation", "bundle", "cosign"; NULL: not said */
	bool good;                        /* every enforced check is good */
	struct trust_result results[TRUST_CHECKS];
	struct hm_str why; /* why it is not good, in a sentence */
	struct trust_identity *identities;
	size_t identities_n;     /* 0: it could not be read who signed */
	enum crypto_alg alg;     /* 0: it could not be read */
	uint32_t roles;          /* roles of the statement that it may fill, a bit each */
	struct hm_str predicate; /* which claim is signed; empty: that the subject is released */
	uint32_t attestations;   /* of the statement that this claim is, a bit each */
	struct hm_str unmet;     /* why it is not another one of its type; or empty */
	struct hm_str claim;     /* the in-toto statement of a good one, where it is wanted */
	struct oci_annotations user_metadata;
	int64_t times[TRUST_TIMES]; /* when it was made, by whose word; 0: nobody's */
	struct hm_str stamped_by;   /* subject of the authority behind TRUST_TIME_STAMPED */
	bool in_log;                /* a transparency log has it, at log_index */
	uint64_t log_index;
	int64_t expiry;      /* 0: none */
	int64_t valid_until; /* of a good one: the earliest of expiry and notAfter of the chain; in
				Sigstore's forms, when the trust data will be too old */
};
/* The first of the identities; empty texts where there is none. */
struct trust_identity trust_signature_signer(const struct trust_signature *s);
/* When it was made, as it says itself; 0: it does not. */
int64_t trust_signature_time(const struct trust_signature *s);
struct trust_verdict {
	bool verified;
	bool skipped;         /* level skip: verified without looking */
	struct hm_str policy; /* name of the statement that applied */
	enum trust_level level;
	struct hm_str why;                  /* where not verified */
	struct trust_signature *signatures; /* where verified, the last one is good, unless all
					     * were looked at */
	size_t signatures_n;
	int64_t valid_until; /* of the signatures that were needed; INT64_MAX where skipped */
};
struct trust_verify_options {
	struct hm_str scope;                  /* "registry/repository": selects the statement */
	struct oci_annotations user_metadata; /* all must be in the signature */
	int64_t now;                          /* 0: the clock */
	unsigned max_signatures;              /* 0: HM_MAX_SIGNATURES_TRIED */
	bool all;                             /* examine every signature, even when fewer suffice */
	bool wants_claims;                    /* signatures bring the statements that they sign */
	bool is_evidence;                     /* of an image: nobody needs to attest it */
	struct http_client *http;             /* for revocation; NULL: none */
	struct trust_patience patience;       /* for revocation */
	struct oci_annotations plugin_config; /* for plugins that signatures name */
	struct trust_kept *kept;              /* about revocation; NULL: nothing */
};
/*
 * A fault is "could not decide": network, throttled. That no statement is for the scope, or that
 * there is no signature, is a verdict: not verified. A signature counts when its payload names
 * exactly the subject's media type, digest and size, and the policy's enforced checks hold. It
 * stops as soon as the statement has what it asks for: in Notary's file, one good signature.
 */
HM_MUST hm_err trust_verify(struct hm_cx *cx, const struct trust_config *t, struct oci_place *p,
			    const struct oci_descriptor *subject,
			    const struct trust_verify_options *o, struct trust_verdict *out);

/* A claim that is looked for. */
struct trust_claim_question {
	const struct oci_descriptor *subject;       /* whose it is */
	const struct trust_verify_options *options; /* as trust_verify()'s */
	struct hm_str demand;                       /* an entry of "attestations", in JSON */
};
/*
 * Is there a claim that is as the demand says, by whom the statement for the scope believes, or an
 * attestation of it of the same type? Nothing else of the statement is asked for. All signatures
 * are looked at. HM_USAGE: no such demand.
 */
HM_MUST hm_err trust_verify_claim(struct hm_cx *cx, const struct trust_config *t,
				  struct oci_place *p, const struct trust_claim_question *q,
				  struct trust_verdict *out);

/* --- collect: which signatures there are --- */

/* A signature where it is stored, not looked at yet. */
#define TRUST_UNREAD_FORMAT "unknown"
struct trust_found {
	const struct trust_form *form;
	struct oci_descriptor descriptor;   /* of the manifest that holds it */
	const struct oci_descriptor *layer; /* of that manifest, where it may hold several */
	size_t turn;                        /* among those of that manifest */
	hm_err bad;                         /* why the manifest cannot be read; or NULL */
	/* No signature, but what cannot be read of the place's list, in .bad: the first one, where
	 * there is such a thing, and without a digest. */
	bool is_unread;
};
/* Sorts of signatures, a bit each. */
enum trust_sort {
	TRUST_NOTARYS = 1,   /* the Notary Project's */
	TRUST_SIGSTORES = 2, /* Sigstore's: bundles, and Cosign's */
	TRUST_CLAIMS = 4,    /* with the second: also where only claims are stored */
	TRUST_ALL_SORTS = TRUST_NOTARYS | TRUST_SIGSTORES | TRUST_CLAIMS,
	/* Only those that are referrers, and only those under tags; neither: both. */
	TRUST_BY_REFERRER = 8,
	TRUST_BY_TAG = 16
};
/* Those of `subject`, form by form; within one, in the place's order. Whether they are what the
 * place says, nobody has looked yet. One list of referrers is asked for, whatever the sorts, unless
 * only tags are meant. */
HM_MUST hm_err trust_collect(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, unsigned sorts,
			     struct trust_found **out, size_t *out_n);
/* The artifact type that this list is asked for, for whoever asks ahead; empty: all. */
struct hm_str trust_sorts_type(unsigned sorts);
/* What a statement could believe, by its trust stores; of the policy alone. 0: no statement is for
 * the scope. */
HM_MUST hm_err trust_policy_sorts(struct hm_cx *cx, const char *config_dir, struct hm_str scope,
				  unsigned *out);
/* Stores of Sigstore that the statement for the scope names, TUF keeps, and that are too old at
 * `now`, for the timestamp has expired or the statement allows no such age: their names. */
HM_MUST hm_err trust_policy_stale(struct hm_cx *cx, const char *config_dir, struct hm_str scope,
				  int64_t now, struct hm_strs *out);
/* A store of Sigstore. */
struct trust_sigstore_age {
	struct hm_str name;
	bool by_tuf;          /* TUF keeps it current */
	int64_t updated, end; /* when it was brought up to date; when it will be too old */
};
struct trust_sigstore_ages {
	struct trust_sigstore_age *p;
	size_t n, cap;
};
/* Those that the statement for the scope names; with an empty scope, those of all statements. A
 * store that two statements name may be there twice. Their texts are the config's. */
void trust_config_sigstores(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope,
			    struct trust_sigstore_ages *out);
unsigned trust_config_sorts(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope);
/* As people call the form: "notation", "bundle", "cosign". */
const char *trust_form_format(const struct trust_form *f);
/* The envelope of one of them and its media type. HM_INPUT: it is no signature of `subject`. */
HM_MUST hm_err trust_fetch_envelope(struct hm_cx *cx, struct oci_place *p,
				    const struct trust_found *f,
				    const struct oci_descriptor *subject, struct hm_str *out_type,
				    struct hm_str *out);

/* A signature of Sigstore's as a bundle, whatever its form: `beside` are the annotations of what
 * holds the bytes, or NULL. HM_INPUT, HM_LIMIT. To be freed by envelope_bundle_done(). */
HM_MUST hm_err trust_bundle_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
				 const struct oci_annotations *beside, struct envelope_bundle *out);

/* --- examine: one signature, from its bytes --- */

/* The subject of a signature, where it depends on the signature what to compare it with. */
struct trust_subject {
	/* Is `target`, signed by a key of `alg`, what is meant? HM_TRUST: it is not; any other
	 * fault means that it could not be looked at. */
	HM_MUST hm_err (*match)(struct hm_cx *cx, void *arg, enum crypto_alg alg,
				const struct oci_descriptor *target);
	void *arg;
};
/* What is examined against what. */
struct trust_examination {
	const struct trust_config *config;
	const struct trust_statement *statement; /* of the config: trust_config_select() */
	const struct oci_descriptor *subject;    /* its type, digest and size; or NULL: */
	struct trust_subject known_later;
	/* What a claim must be about, where it need not be stored: a file. NULL: the subject. */
	const struct sigstore_artifact *artifact;
	const struct trust_verify_options *options; /* scope and max_signatures are not read */
	const struct oci_annotations *beside; /* of the bytes, where they are stored; or NULL */
};
/* The statement for a scope; NULL: none. It lives as long as the config. */
const struct trust_statement *trust_config_select(struct hm_cx *cx, const struct trust_config *t,
						  struct hm_str scope);
/* How signatures of one sort are read and checked: "notary". NULL: no such profile. */
const struct trust_profile *trust_profile_by_name(const char *name);
/* Examine an envelope, wherever it came from. A check that is not good is a result in *out; a
 * fault is "could not decide". */
HM_MUST hm_err trust_examine(struct hm_cx *cx, const struct trust_examination *x,
			     const struct trust_profile *profile, struct hm_str media_type,
			     struct hm_str bytes, struct trust_signature *out);

/* --- what a signature says --- */

/* An envelope that is whole: its signature is by the certificate that it brings along. Whether
 * anybody believes that certificate is another question. */
struct trust_claim {
	struct envelope envelope;
	const struct envelope_signature *signature; /* the envelope's only one */
	const struct envelope_notary *notary;       /* its attributes */
};
/* HM_INPUT: malformed, or not the Notary Project's. HM_TRUST: the signature or chain is bad. */
HM_MUST hm_err trust_claim_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
				struct trust_claim *out);
void trust_claim_done(struct trust_claim *c);
#define TRUST_AUTO_CLAIM HM_CLEANUP(trust_claim_done) struct trust_claim
/* What it is a signature of; the user's metadata are the annotations. HM_INPUT: the payload is of
 * another type, or malformed. */
HM_MUST hm_err trust_claim_target(struct hm_cx *cx, const struct trust_claim *c,
				  struct oci_descriptor *out);
/* What a payload names, whatever its type is said to be (signature-specification.md, "Payload").
 * HM_INPUT. */
HM_MUST hm_err trust_payload_parse(struct hm_cx *cx, struct hm_str bytes,
				   struct oci_descriptor *out);
/* --- blobs: files that are signed, and their signatures in files --- */

/*
 * The policy for them is trustpolicy.blob.json. Its statements have no scopes: one is selected by
 * its name, or is the global one, for when none is named.
 */
HM_MUST hm_err trust_blob_policy_check(struct hm_cx *cx, struct hm_str text); /* HM_INPUT: where */
HM_MUST hm_err trust_blob_policy_import(struct hm_cx *cx, const char *config_dir,
					struct hm_str text);
/* As trust_policy_read(). */
HM_MUST hm_err trust_blob_policy_read(struct hm_cx *cx, const char *config_dir,
				      struct hm_str *out_text, struct hm_str *out_path);
/* As trust_config_open(), with that policy. */
HM_MUST hm_err trust_blob_config_open(struct hm_cx *cx, const char *config_dir,
				      struct trust_config **out);

/* A file, open for reading; its size is bounded by HM_MAX_BLOB. It is read once, in pieces. */
struct trust_blob {
	const char *path;         /* for messages */
	int fd;                   /* at its beginning */
	uint64_t size;            /* as the system says */
	struct hm_str media_type; /* signing: what it is said to be; verifying: empty is any */
	struct hm_progress *bar;  /* or NULL */
};
/* "sha256:..." of all its bytes. HM_BUSY: there are more or fewer than the system said. */
HM_MUST hm_err trust_blob_digest(struct hm_cx *cx, const struct trust_blob *b,
				 enum crypto_digest alg, struct hm_str *out);
/* The format of a signature in a file by its name, such as "NAME.jws.sig"; NULL: the name says
 * none. */
const struct envelope_format *trust_blob_format(struct hm_str file_name);
/* Sign it. The algorithm of its digest follows from the key's
 * (signature-specification.md, "Algorithm Selection"). HM_USAGE: no media type. */
HM_MUST hm_err trust_blob_sign(struct hm_cx *cx, const struct trust_blob *b,
			       const struct trust_signer *signer,
			       const struct trust_sign_options *o, struct trust_sealed *out);

struct trust_blob_signature {
	struct hm_str name; /* of its file, which may say the format; else each is tried */
	struct hm_str
		bytes; /* the envelope, or a Sigstore bundle: a signature, or an attestation */
};
/* What the signature says, and its envelope's media type. Faults as trust_claim_read(). */
HM_MUST hm_err trust_blob_claim(struct hm_cx *cx, const struct trust_blob_signature *s,
				struct hm_str *out_type, struct trust_claim *out);
struct trust_blob_question {
	const struct trust_blob *blob;
	const struct trust_blob_signature *signatures;
	size_t signatures_n;
	struct hm_str policy_name;                  /* of the statement; empty: the global one */
	const struct trust_verify_options *options; /* scope and max_signatures are not read */
};
/* Is it signed by whom the statement believes? A fault is "could not decide", as trust_verify()'s.
 * Whatever a signature names, the blob is hashed at most once for each algorithm. */
HM_MUST hm_err trust_blob_verify(struct hm_cx *cx, const struct trust_config *t,
				 const struct trust_blob_question *q, struct trust_verdict *out);
/* --- what a statement asks for, for display --- */

struct trust_role_terms {
	struct hm_str name;
	size_t signers;
	struct hm_strs identities; /* as written; empty: whoever the statement trusts */
	struct hm_strs algorithms; /* names; empty: every one that is believed */
};
struct trust_attestation_terms {
	struct hm_str type; /* of predicate: a short name, or a URI */
	size_t signers;
	struct hm_strs identities; /* as written; empty: whoever the statement trusts */
	/* "builder" and so on, each with what it must be; a pattern is "builderPattern". */
	struct trust_condition_terms {
		struct hm_str name, value;
	} * conditions;
	size_t conditions_n;
	uint64_t level; /* of SLSA's build track; 0: any */
};
/* Its texts are the config's. */
struct trust_terms {
	struct hm_str name;
	struct hm_strs scopes;
	enum trust_level level;
	enum trust_action actions[TRUST_CHECKS];
	bool after_cert_expiry; /* timestamps are looked at only once a certificate has expired */
	struct hm_strs stores, identities, evidence;
	size_t signers;
	struct trust_role_terms *roles;
	size_t roles_n;
	struct trust_attestation_terms *attestations;
	size_t attestations_n;
	const char *time; /* "log", "timestamp", "any"; NULL: no time is asked for */
	int64_t max_age;  /* of the data of Sigstore's stores, in seconds; 0: until they expire */
	struct hm_strs verify_only, forbidden; /* algorithms that a certificate's key may have */
};
void trust_terms_of(struct hm_cx *cx, const struct trust_statement *s, struct trust_terms *out);
/* The names of the roles that a signature may fill. */
struct hm_strs trust_role_names(struct hm_cx *cx, const struct trust_statement *s,
				const struct trust_signature *sig);
/* May these signers sign what is in that place? HM_TRUST: the statement for the repository does not
 * allow new signatures of the algorithm of one of them, or forbids one of its certificates. Where
 * no statement applies, and outside registries, all may. A plugin whose algorithm is not known
 * before it signs is not asked about. */
HM_MUST hm_err trust_policy_signs(struct hm_cx *cx, const char *config_dir,
				  const struct oci_target *t, const struct trust_signers *signers);
/* The same of files: what the global statement of the policy for blobs says, if there is one. */
HM_MUST hm_err trust_blob_policy_signs(struct hm_cx *cx, const char *config_dir,
				       const struct trust_signers *signers);
/* All statements of a policy. */
HM_MUST hm_err trust_policy_terms(struct hm_cx *cx, struct hm_str text, struct trust_terms **out,
				  size_t *out_n);

/* --- history: the policies that were imported --- */

struct trust_past {
	uint64_t number;   /* 1: the first that was kept */
	uint64_t revision; /* 0: it has none */
	int64_t when;      /* it was imported */
	struct hm_str digest, path;
	bool is_current; /* the one that is in force now */
};
/* The newest first. None where nothing was kept. */
HM_MUST hm_err trust_history(struct hm_cx *cx, const char *config_dir, struct trust_past **out,
			     size_t *out_n);
/* HM_ABSENT: there is no such number. */
HM_MUST hm_err trust_history_read(struct hm_cx *cx, const char *config_dir, uint64_t number,
				  struct hm_str *out_text);

/* --- for commands --- */
HM_MUST hm_err trust_policy_check(struct hm_cx *cx, struct hm_str text); /* HM_INPUT says where */
/*
 * What is valid and may not be meant: the statement of "*" asks for less than one that names
 * repositories (a check of lower action, a trust store or an identity that the other does not
 * have), so that whoever finds another name for such a repository is held to less; a scope that
 * names no host, which is not Docker Hub's.
 */
HM_MUST hm_err trust_policy_warnings(struct hm_cx *cx, struct hm_str text, struct hm_strs *out);
/* Write it: to the name that exists, to both where both do, to trustpolicy.json where neither
 * does; and keep it in policy-history/. HM_TRUST, with a hint: its revision is not above that of
 * the policy that is in force, and its words are others. */
HM_MUST hm_err trust_policy_import(struct hm_cx *cx, const char *config_dir, struct hm_str text);
/* The text that is in force, and its file's path. HM_ABSENT: none, with a hint. HM_INPUT: both
 * names exist and differ. It is not checked. */
HM_MUST hm_err trust_policy_read(struct hm_cx *cx, const char *config_dir, struct hm_str *out_text,
				 struct hm_str *out_path);
/* Certificates of PEM or DER `pem` as a file of store TYPE:STORE; of type sigstore a trusted root,
 * which is called trusted_root.json there, and of type key a public key. HM_INPUT: none, or one
 * that is neither a certificate authority nor self-signed. HM_USAGE: no such type, or it is there
 * already. */
HM_MUST hm_err trust_store_add(struct hm_cx *cx, const char *config_dir, const char *type,
			       struct hm_str store, struct hm_str file_name, struct hm_str pem);
/* Can the store TYPE:STORE be used? HM_ABSENT: it is not there. HM_USAGE: no such type, or no name.
 * HM_INPUT: it holds nothing, or something that does not belong there. */
HM_MUST hm_err trust_store_check(struct hm_cx *cx, const char *config_dir,
				 struct hm_str type_and_name);
/* Remove one file of a store, or the store where file_name is empty. HM_ABSENT. */
HM_MUST hm_err trust_store_remove(struct hm_cx *cx, const char *config_dir, const char *type,
				  struct hm_str store, struct hm_str file_name);
struct trust_certificate_file {
	const char *type;
	struct hm_str store, file, path;
};
/* All of them, sorted. */
HM_MUST hm_err trust_store_list(struct hm_cx *cx, const char *config_dir,
				struct trust_certificate_file **out, size_t *out_n);

/* A key for tests: private key and self-signed certificate in localkeys/, the key made known, and
 * the certificate trusted in store ca:NAME. What is there already is not replaced: HM_USAGE. */
struct trust_test_certificate {
	struct hm_str name;
	enum crypto_alg alg;
	int64_t now, days;
	bool is_default;
};
HM_MUST hm_err trust_generate_test(struct hm_cx *cx, const char *config_dir,
				   const struct trust_test_certificate *want,
				   struct trust_key *out);

/* --- Sigstore --- */
#include "trust/sigstore/sign.h"
#include "trust/sigstore/sigstore.h"
#include "trust/tuf/tuf.h"

/* --- from an old key to a new one --- */
#include "trust/migrate.h"

/* --- provenance in files --- */
#include "trust/provenance.h"

#endif
