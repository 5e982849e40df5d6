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
#include "trust/plugins.h"
#include "trust/signing.h"

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
	struct oci_descriptor descriptor; /* of what holds it, without annotations; empty where only
					   * bytes were given */
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

/* --- files that are signed --- */
#include "trust/blobs.h"

/* --- policy and stores as files --- */
#include "trust/policies.h"

/* --- Sigstore --- */
#include "trust/sigstore/sign.h"
#include "trust/sigstore/sigstore.h"
#include "trust/tuf/tuf.h"

/* --- from an old key to a new one --- */
#include "trust/migrate.h"

/* --- provenance in files --- */
#include "trust/provenance.h"

#endif
