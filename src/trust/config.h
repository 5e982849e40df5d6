/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - what the files of trust/ share: a policy and its stores as read.
 */
#ifndef TRUST_CONFIG_H
#define TRUST_CONFIG_H

#include "codec/json.h"
#include "codec/regexp.h"
#include "trust/trust.h"

enum trust_store_type {
	TRUST_CA,
	TRUST_AUTHORITY,
	TRUST_TSA,
	TRUST_SIGSTORE,
	TRUST_KEY,
	TRUST_STORE_TYPES
};
extern const char *const trust_store_types[TRUST_STORE_TYPES];
/* Below truststore/; NAME of the store follows. */
extern const char *const trust_store_folders[TRUST_STORE_TYPES];
/* In which a store of type sigstore has its root. */
#define TRUST_ROOT_FILE "trusted_root.json"
/* Only policies of Hullmark's own version have them. */
static inline bool trust_store_is_own(enum trust_store_type type)
{
	return type == TRUST_SIGSTORE || type == TRUST_KEY;
}

/* A public key that is believed. */
struct trust_public_key {
	struct crypto_key key;
	struct hm_str id; /* "sha256:..." of its SubjectPublicKeyInfo */
};

/* One store, read once. A store that cannot be read fails the signatures that need it, not the
 * rest. */
struct trust_store {
	enum trust_store_type type;
	struct hm_str name;
	struct crypto_chain *files; /* one chain a file */
	size_t files_n;
	struct sigstore_root root;     /* TRUST_SIGSTORE */
	struct tuf_status status;      /* of it: how old it is */
	struct trust_public_key *keys; /* TRUST_KEY: one a file */
	size_t keys_n;
	hm_err err; /* why it cannot be used; NULL: it can */
};

/* A text that must be exactly this one, or what a pattern says. */
struct trust_text_rule {
	struct hm_str exact;
	struct regexp pattern;
};
/*
 * An identity of a policy. A string "x509.subject: ..." is the subject of a certificate; one of
 * another kind matches nobody. An object is somebody whom an issuer named, as Sigstore's
 * certificates say it, or a key of a trust store.
 */
enum trust_identity_kind { TRUST_IS_SUBJECT, TRUST_IS_NAMED, TRUST_IS_KEY };
struct trust_identity_rule {
	enum trust_identity_kind kind;
	struct hm_str text; /* as written */
	struct crypto_attribute *attributes;
	size_t attributes_n;
	struct trust_text_rule issuer, subject;
	struct hm_str claims[SIGSTORE_CLAIMS]; /* empty: any */
	struct hm_str key;                     /* the store's name */
};
/* Somebody who signed, as identities see him: one of the three. */
struct trust_person {
	const struct crypto_attribute *subject;
	size_t subject_n;
	const struct sigstore_answer *certificate;
	const struct hm_strs *keys; /* names of the trust stores that have the key */
};

/* Who is meant by a list of identities. */
struct trust_identities {
	struct trust_identity_rule *p;
	size_t n;
	bool any; /* "*" */
};

/* A role in a release ("builder"), and who may fill it. */
struct trust_role {
	struct hm_str name;
	size_t least; /* number of different signers */
	struct trust_identities who;
	bool algorithms[CRYPTO_ALGS]; /* the signatures that count */
};

/* What a claim must say, by the name of the member that asks for it. */
enum trust_condition {
	TRUST_BUILDER,
	TRUST_SOURCE,
	TRUST_SOURCE_REF,
	TRUST_BUILD_TYPE,
	TRUST_VERIFIER,
	TRUST_RESOURCE,
	TRUST_CONDITIONS
};
struct trust_condition_row {
	const char *name;
	bool of_summary;  /* of a verification summary; else of a provenance */
	const char *noun; /* for people */
};
extern const struct trust_condition_row trust_conditions[TRUST_CONDITIONS];

/* A builder whose provenance is worth something, when this signer has signed it. */
struct trust_slsa_builder {
	struct trust_text_rule builder;
	struct trust_identities signer; /* one */
	bool itself;                    /* and the signer's name is the builder's */
	uint64_t level;
};

/* A claim that must be there, signed, and what it must say. */
struct trust_attestation {
	struct hm_str type; /* a URI; "slsa": provenance of any version */
	size_t least;       /* number of different signers */
	struct trust_identities who;
	struct trust_condition_rule {
		struct hm_str text; /* as written; empty: nothing is asked for */
		struct trust_text_rule rule;
	} conditions[TRUST_CONDITIONS];
	uint64_t level; /* of SLSA's build track, at least; 0: any */
};
#define TRUST_ANY_PROVENANCE "slsa"
enum { TRUST_ATTESTATIONS = 16, TRUST_SLSA_BUILDERS = 64 };

/* Whose word a signature needs about when it was made. */
enum trust_time_demand { TRUST_NO_TIME, TRUST_TIME_OF_LOG, TRUST_TIME_OF_STAMP, TRUST_TIME_OF_ANY };

/* Who must have signed, how, and what. A policy of the Notary Project asks for one signer, and has
 * neither roles nor evidence nor algorithms. */
struct trust_requirement {
	size_t least; /* number of different signers */
	struct trust_identities trusted;
	struct hm_strs predicates; /* claims that must be among what they signed */
	struct trust_role *roles;  /* all of them must be filled */
	size_t roles_n;            /* TRUST_ROLES at the most */
	struct hm_strs evidence;   /* kinds that must be attached, and signed like the subject */
	struct trust_attestation *attestations; /* all of them must be there */
	size_t attestations_n;                  /* TRUST_ATTESTATIONS at the most */
	struct trust_slsa_builder *builders;
	size_t builders_n;
	bool only_builders; /* provenance counts only if its signer signs for its builder */
	enum trust_time_demand time;
	enum crypto_status algorithms[CRYPTO_ALGS];
};
enum { TRUST_ROLES = 16, TRUST_ROLE_SIGNERS = 16 };

struct trust_statement {
	struct hm_str name;
	/* "*" alone: all; else repositories in normal form (oci_repository_parse), and prefixes:
	 * what ends with a slash and a star is all below it. */
	struct hm_strs scopes;
	bool is_global; /* blob policies: applies where no statement is named */
	enum trust_level level;
	enum trust_action actions[TRUST_CHECKS]; /* after overrides */
	bool after_cert_expiry;                  /* verifyTimestamp */
	int64_t max_age; /* of what stores of Sigstore have, in seconds; 0: until it expires */
	struct hm_strs store_names; /* "ca:name", as written */
	struct trust_requirement require;
};

/* What the file can say. */
enum trust_dialect {
	TRUST_NOTARY,  /* version "1.0": trust-store-trust-policy.md */
	TRUST_HULLMARK /* version "hullmark-1": that and more, see trust-policy(7) */
};
struct trust_policy {
	enum trust_dialect dialect;
	uint64_t revision; /* rises with each change; 0: the file has none */
	enum crypto_status algorithms[CRYPTO_ALGS]; /* unless a statement says otherwise */
	struct trust_statement *statements;
	size_t n;
};
#define TRUST_POLICY_FILE     "trustpolicy.oci.json"
#define TRUST_POLICY_OLD_FILE "trustpolicy.json"
/* HM_INPUT: breaks a rule of trust-store-trust-policy.md; says which statement and rule. */
HM_MUST hm_err trust_policy_parse(struct hm_cx *cx, struct hm_str text, struct trust_policy *out);
HM_MUST hm_err trust_blob_policy_parse(struct hm_cx *cx, struct hm_str text,
				       struct trust_policy *out);
/* What differs between the kinds of policies: for images, and for blobs. */
struct trust_policy_kind {
	/* All that one may have, and what Hullmark's own policies may beside that; ended by NULL.
	 */
	const char *const *members, *const *more;
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct json v, enum trust_dialect dialect,
			       struct trust_statement *s);
	/* Rules between statements, in addition to unique names. */
	HM_MUST hm_err (*check)(struct hm_cx *cx, const struct trust_policy *p);
};
HM_MUST hm_err trust_policy_parse_as(struct hm_cx *cx, struct hm_str text,
				     const struct trust_policy_kind *kind,
				     struct trust_policy *out);
/* A name that cannot leave its folder: [a-zA-Z0-9_.-]+, but not "." or "..". */
bool trust_is_name(struct hm_str s);
/*
 * The statement for a scope, however that is written: the one that names it, else the one that
 * names the repository at the other default port (HOST and HOST:80 are one server where plain HTTP
 * is spoken), else the one with the longest prefix, else that of "*". NULL: none, or the scope is
 * none.
 */
const struct trust_statement *trust_policy_select(struct hm_cx *cx, const struct trust_policy *p,
						  struct hm_str scope);

/* The statement of that name; the global one for an empty name. NULL: none. */
const struct trust_statement *trust_blob_policy_select(const struct trust_policy *p,
						       struct hm_str name);

struct trust_config {
	struct hm_cx cx; /* owns all that follows, and this */
	const char *dir;
	struct trust_policy policy;
	struct trust_store *stores;
	size_t stores_n;
	struct hm_str hash;
	struct hm_str digest; /* of the policy's text */
};
/* Where a kind of policy is stored, and how it is parsed. */
struct trust_policy_source {
	HM_MUST hm_err (*read)(struct hm_cx *cx, const char *config_dir, struct hm_str *out_text,
			       struct hm_str *out_path);
	HM_MUST hm_err (*parse)(struct hm_cx *cx, struct hm_str text, struct trust_policy *out);
};
/* trust_config_open() with another policy. */
HM_MUST hm_err trust_config_open_from(struct hm_cx *cx, const char *config_dir,
				      const struct trust_policy_source *source,
				      struct trust_config **out);

/* The sorts of signatures that its stores could believe. */
unsigned trust_statement_sorts(const struct trust_statement *s);

/* The stores of `type` that the statement names, as one chain that borrows from the config; certs
 * in `cx`. HM_TRUST: one of them cannot be used, in the words of its own fault. *out is empty where
 * it names none. */
HM_MUST hm_err trust_config_roots(struct hm_cx *cx, const struct trust_config *t,
				  const struct trust_statement *s, enum trust_store_type type,
				  struct crypto_chain *out);
/* Read one store's folder; its faults go to out->err, and what was read into `hash`. */
void trust_store_read(struct hm_cx *cx, const char *config_dir, struct hm_str type_and_name,
		      struct crypto_hash *hash, struct trust_store *out);
void trust_store_done(struct trust_store *s);

/* --- age.c --- */

/* "trustDataMaxAge" of a statement: "7d", or as Go has durations. HM_INPUT. */
HM_MUST hm_err trust_read_max_age(struct hm_cx *cx, struct json v, int64_t *out);

/* --- sigstore_stores.c: stores of types sigstore and key --- */
HM_MUST hm_err trust_store_read_root(struct hm_cx *cx, const char *dir, struct crypto_hash *hash,
				     struct trust_store *s);
/* How old a store of type sigstore is. */
HM_MUST hm_err trust_store_read_age(struct hm_cx *cx, const char *config_dir, struct hm_str name,
				    struct crypto_hash *hash, struct tuf_status *out);
HM_MUST hm_err trust_store_read_keys(struct hm_cx *cx, const char *dir, struct crypto_hash *hash,
				     struct trust_store *s);
/* A file's text could be put there. HM_INPUT. */
HM_MUST hm_err trust_store_check_own(struct hm_cx *cx, enum trust_store_type type,
				     struct hm_str text);
/* A public key in PEM or DER. HM_INPUT. */
HM_MUST hm_err trust_public_key_read(struct hm_cx *cx, struct hm_str text,
				     struct trust_public_key *out);
/* The trusted roots that the statement names. HM_TRUST: as trust_config_roots(), and a store that
 * has expired, or is older than the statement allows. */
struct trust_roots_found {
	const struct sigstore_root **p;
	size_t n;
	int64_t end; /* when the first of the stores will be too old; INT64_MAX: never */
};
HM_MUST hm_err trust_config_sigstore_roots(struct hm_cx *cx, const struct trust_config *t,
					   const struct trust_statement *s, int64_t now,
					   struct trust_roots_found *out);
/* Its keys; one that several stores have is there several times. */
struct trust_key_found {
	const struct trust_public_key *key;
	struct hm_str store; /* its name */
};
struct trust_keys_found {
	struct trust_key_found *p;
	size_t n, cap;
};
HM_MUST hm_err trust_config_keys(struct hm_cx *cx, const struct trust_config *t,
				 const struct trust_statement *s, struct trust_keys_found *out);

/* 'd' folder, 'f' file, 'l' link, 0 nothing there, '?' something else. */
char trust_file_kind(const char *path);
/* The bytes of a regular file that is no link. HM_ABSENT. */
HM_MUST hm_err trust_read_regular(struct hm_cx *cx, const char *path, size_t max,
				  struct hm_str *out);

/* What a signer who makes whole envelopes is asked for. */
struct trust_sealing {
	const char *media_type; /* of the envelope */
	struct hm_str payload;
	int64_t expiry_seconds; /* 0: none */
	int64_t now;
	enum crypto_alg
		alg; /* of a blob, whose digest follows from it; 0: an artifact, any will do */
};

/* Where keys are that sign. */
struct trust_signer_kind {
	const char *name;
	/* Is that where a key of the list is? */
	bool (*holds)(const struct trust_key *k);
	/* s->name and s->chain are there; where the chain is empty, and the key has certificates
	 * with it, they go there. Fills s->signer, s->kind and s->uri. HM_INPUT: the key or its
	 * certificates cannot be used. */
	HM_MUST hm_err (*open)(struct hm_cx *cx, const struct trust_key *k,
			       const struct trust_signer_terms *terms, struct trust_signer *s);
	void (*close)(const struct crypto_signer *signer);
	/* NULL: its signers sign bytes. Else they make the whole envelope, which is held against
	 * what was asked for. */
	HM_MUST hm_err (*seal)(struct hm_cx *cx, const struct crypto_signer *signer,
			       const struct trust_sealing *want, struct trust_sealed *out);
	/* Finds out signer->alg, where that is not known yet, for a blob's digest. NULL: it is
	 * known. HM_INPUT: no blobs can be signed. */
	HM_MUST hm_err (*describe)(struct hm_cx *cx, const struct crypto_signer *signer);
	/* For a key that is two files, s->chain is still to be read when it is opened
	 * (trust_chain_read()): what takes its time begins before. */
	bool reads_chain;
	/* Nothing more will be signed, though it is not closed yet: what takes its time to end may
	 * begin to. NULL: nothing does. */
	void (*leave)(const struct crypto_signer *signer);
};
extern const struct trust_signer_kind trust_signer_file, trust_signer_pkcs11, trust_signer_awskms,
	trust_signer_azurekms, trust_signer_gcpkms, trust_signer_hashivault, trust_signer_plugin;
extern const struct trust_signer_kind *const trust_signer_kinds[]; /* ended by NULL */
/* Its certificates; of one that gives them with each signature, those of the last. */
const struct crypto_chain *trust_signer_chain(const struct trust_signer *s);
/* The signer of one key of the list. HM_INPUT: no kind knows it, or as its open() says. */
HM_MUST hm_err trust_signer_of(struct hm_cx *cx, const struct trust_key *k,
			       const struct trust_signer_terms *terms, struct trust_signer *out);

/* --- history.c --- */
/* Keep a policy that is about to come into force, unless it is the one that was kept last: then
 * *out_path is NULL. HM_LIMIT. */
HM_MUST hm_err trust_history_keep(struct hm_cx *cx, const char *config_dir, struct hm_str text,
				  const char **out_path);

/* --- requirement.c: what a statement asks for beyond one signature --- */

/* The members of the object are among `members`, and of `more` where the dialect has them. */
HM_MUST hm_err trust_read_members(struct hm_cx *cx, struct json v, const char *const *members,
				  const char *const *more, enum trust_dialect dialect);
/* A list of texts, or nothing. */
HM_MUST hm_err trust_read_list(struct hm_cx *cx, struct json object, const char *key,
			       struct hm_strs *out);
/* Member "trustedIdentities"; without it nobody. */
HM_MUST hm_err trust_read_identities(struct hm_cx *cx, struct json object,
				     enum trust_dialect dialect, struct trust_identities *out);
/* HM_INPUT: with these stores one of them could be nobody, or anybody. */
HM_MUST hm_err trust_check_identities(struct hm_cx *cx, const struct hm_strs *stores,
				      const struct trust_identities *who);
/* Member "algorithms": {"ES256": "verify-only"}; *out has what holds without it. */
HM_MUST hm_err trust_read_algorithms(struct hm_cx *cx, struct json object,
				     enum crypto_status out[CRYPTO_ALGS]);
/* HM_TRUST: a certificate has a key for an algorithm, or is signed with one, that is forbidden. */
HM_MUST hm_err trust_check_algorithms(struct hm_cx *cx, const struct trust_requirement *r,
				      const struct crypto_chain *c);
/* "signers", "roles" and "evidence" of a statement, once its identities and algorithms have been
 * read. */
HM_MUST hm_err trust_read_requirement(struct hm_cx *cx, struct json statement,
				      struct trust_requirement *r);
/* The roles that a signature of this algorithm, by that person, may fill: a bit each. */
uint32_t trust_roles_of(struct hm_cx *cx, const struct trust_requirement *r, enum crypto_alg alg,
			const struct trust_person *p);

/* --- attestation.c: claims that a statement asks for --- */

/* "attestations" and "slsaBuilders", once "trustedIdentities" has been read. */
HM_MUST hm_err trust_read_attestations(struct hm_cx *cx, struct json statement,
				       struct trust_requirement *r);
/* One entry of "attestations" for a requirement that is there; its identities, where it has none,
 * are those of the requirement's attestations of that type, else whom it trusts. HM_USAGE. */
HM_MUST hm_err trust_read_demand(struct hm_cx *cx, struct hm_str text,
				 const struct trust_requirement *r, struct trust_attestation *out);
/* Nothing but that claim is asked for any more. */
void trust_ask_alone(struct trust_statement *s, struct trust_attestation *a);
/* Of evidence: no attestations, but a signature always. */
void trust_ask_no_attestations(struct trust_statement *s);
/* "requiredTime"; without it none. */
HM_MUST hm_err trust_read_time(struct hm_cx *cx, struct json statement,
			       struct trust_requirement *r);
/* "log" and so on; NULL: none. */
const char *trust_time_name(const struct trust_requirement *r);
struct trust_attestation_terms trust_attestation_terms_of(struct hm_cx *cx,
							  const struct trust_requirement *r,
							  const struct trust_attestation *a);

/* --- attested.c --- */

struct statement;
/* Is a claim of that type of predicate one that it asks for? */
bool trust_attestation_takes(const struct trust_attestation *a, struct hm_str type);
/* Whom the attestations trust for that type of predicate, whatever it must say; a bit each. */
uint32_t trust_attesters_of(struct hm_cx *cx, const struct trust_requirement *r,
			    struct hm_str predicate_type, const struct trust_person *p);
/* Which attestations of the requirement a claim by that person is, a bit each; and of one that it
 * is not, though it is of its type, why. */
uint32_t trust_attestations_of(struct hm_cx *cx, const struct trust_requirement *r,
			       const struct statement *s, const struct trust_person *p,
			       struct hm_str *out_why);

/* --- builders.c --- */

/* Into r->builders those that are known without a policy. */
HM_MUST hm_err trust_know_builders(struct hm_cx *cx, struct trust_requirement *r);
/* Whoever signs for the builder that is asked for is trusted, for its provenance alone; an empty
 * text: for any that is known. HM_USAGE: it is no URI of a builder. */
HM_MUST hm_err trust_believe_builders(struct hm_cx *cx, struct hm_str asked,
				      struct trust_requirement *r);
/* Does this person sign for the builder, by the requirement's rows? And the level of SLSA's build
 * track that they give such a provenance. */
bool trust_slsa_level(struct hm_cx *cx, const struct trust_requirement *r, struct hm_str builder,
		      const struct trust_person *p, uint64_t *out_level);

/* Is it exactly this text, or what the pattern says? */
bool trust_is_text(struct hm_cx *cx, const struct trust_text_rule *rule, struct hm_str text);
/* One identity; `v` is a string or an object. */
HM_MUST hm_err trust_read_identity(struct hm_cx *cx, struct json v, enum trust_dialect dialect,
				   struct trust_identity_rule *out);

/* Is he among them? */
bool trust_admits(struct hm_cx *cx, const struct trust_identities *who,
		  const struct trust_person *p);
/* Are the good signatures of the verdict enough? Then it is verified, for as long as those that
 * were needed hold. */
void trust_judge(struct hm_cx *cx, const struct trust_requirement *r, struct trust_verdict *v);
/* The first role that the good signatures do not fill; NULL: none. *out_end: how long those that
 * do hold. */
const struct trust_role *trust_find_unfilled(struct hm_cx *cx, const struct trust_requirement *r,
					     const struct trust_verdict *v, int64_t *out_end);
/* Do both signatures come from the same signer? Whoever has certificates of two authorities is
 * still one. */
bool trust_same_signer(const struct trust_signature *a, const struct trust_signature *b);
/* Is it good, and a release of the subject, not another claim about it? */
bool trust_is_release(const struct trust_signature *s);
/* Why they are not, where `found` signatures were there. */
struct hm_str trust_explain(struct hm_cx *cx, const struct trust_requirement *r, size_t found,
			    const struct trust_verdict *v);

/* As http_send(), with `ns` nanoseconds for the answer, retries included. */
HM_MUST hm_err trust_send_within(struct hm_cx *cx, struct http_client *http,
				 const struct http_request *r, int64_t ns,
				 struct http_response *out);
/* The answer that was kept; empty where none was, or, unless `old`, none that is fresh. */
void trust_kept_get(struct hm_cx *cx, const struct trust_kept *k, const struct crypto_question *q,
		    bool old, struct hm_str *out);
void trust_kept_put(struct hm_cx *cx, struct trust_kept *k, const struct crypto_question *q,
		    struct hm_str answer);
/* The same of lists in Notation's folder (lists.c). */
bool trust_lists_get(struct hm_cx *cx, const struct trust_kept *k, struct hm_str url, bool old,
		     struct crypto_lists *out);
/* What such a file holds: DER, unread. HM_INPUT. */
HM_MUST hm_err trust_lists_parse(struct hm_cx *cx, struct hm_str text, struct crypto_lists *out);
void trust_lists_put(struct hm_cx *cx, struct trust_kept *k, struct hm_str url,
		     const struct crypto_lists *lists);
/* How crypto/ asks about revocation, through o->http if there is one; *o must outlive it. */
struct crypto_fetch trust_fetch(const struct trust_verify_options *o);

/* The digest of a blob, or of a timestamp's imprint, for a key (signature-specification.md,
 * "Algorithm Selection"): that of the key's algorithm. ML-DSA and SLH-DSA have none; for them it is
 * the one that RFC 9882 asks for. */
enum crypto_digest trust_digest_of(enum crypto_alg alg);

/* Do both name the same content? */
bool trust_same_target(const struct oci_descriptor *a, const struct oci_descriptor *b);
/* What a signature signs (signature-specification.md, "Payload"). HM_USAGE: metadata that cannot
 * be. */
HM_MUST hm_err trust_payload_format(struct hm_cx *cx, const struct oci_descriptor *d,
				    const struct oci_annotations *metadata, struct hm_str *out);

#endif
