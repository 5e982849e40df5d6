/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - what the files of trust/ share: a policy and its stores as read.
 */
#ifndef TRUST_CONFIG_H
#define TRUST_CONFIG_H

#include "trust/trust.h"

enum trust_store_type { TRUST_CA, TRUST_AUTHORITY, TRUST_TSA, TRUST_STORE_TYPES };
extern const char *const trust_store_types[TRUST_STORE_TYPES];

/* One store, read once. A store that cannot be read fails the signatures that need it, not the
 * rest. */
struct trust_store {
	enum trust_store_type type;
	struct hm_str name;
	struct crypto_chain *files; /* one chain a file */
	size_t files_n;
	hm_err err; /* why it cannot be used; NULL: it can */
};

/* "x509.subject: ..." parsed; none of another kind matches anything. */
struct trust_identity_rule {
	struct crypto_attribute *attributes;
	size_t attributes_n;
	struct hm_str text;
};

/* Who must have signed, and what. */
struct trust_requirement {
	size_t least; /* so many different signers; Notary's file always asks for one */
	struct trust_identity_rule *identities;
	size_t identities_n;
	bool any_identity;         /* "*" */
	struct hm_strs predicates; /* claims that must be among what they signed; Notary's file
				    * asks for none */
};

struct trust_statement {
	struct hm_str name;
	struct hm_strs scopes; /* "*" alone: all; else in normal form (oci_repository_parse) */
	enum trust_level level;
	enum trust_action actions[TRUST_CHECKS]; /* after overrides */
	bool after_cert_expiry;                  /* verifyTimestamp */
	struct hm_strs store_names;              /* "ca:name", as written */
	struct trust_requirement require;
};

struct trust_policy {
	struct trust_statement *statements;
	size_t n;
};
/* HM_INPUT: breaks a rule of trust-store-trust-policy.md; says which statement and rule. */
HM_MUST hm_err trust_policy_parse(struct hm_cx *cx, struct hm_str text, struct trust_policy *out);
/* A name that cannot leave its folder: [a-zA-Z0-9_.-]+, but not "." or "..". */
bool trust_is_name(struct hm_str s);
/*
 * The statement for a scope, however that is written: the one that names it, else the one that
 * names the repository at the other default port (HOST and HOST:80 are one server where plain HTTP
 * is spoken), else that of "*". NULL: none, or the scope is none.
 */
const struct trust_statement *trust_policy_select(struct hm_cx *cx, const struct trust_policy *p,
						  struct hm_str scope);

struct trust_config {
	struct hm_cx cx; /* owns all that follows, and this */
	struct trust_policy policy;
	struct trust_store *stores;
	size_t stores_n;
	struct hm_str hash;
};

/* The stores of `type` that the statement names, as one chain that borrows from the config; certs
 * in `cx`. HM_TRUST: one of them cannot be used, in the words of its own fault. *out is empty where
 * it names none. */
HM_MUST hm_err trust_config_roots(struct hm_cx *cx, const struct trust_config *t,
				  const struct trust_statement *s, enum trust_store_type type,
				  struct crypto_chain *out);
/* Read one store's folder; its faults go to out->err, and what was read into `hash`. */
void trust_store_read(struct hm_cx *cx, const char *config_dir, struct hm_str type_and_name,
		      struct crypto_hash *hash, struct trust_store *out);
/* The bytes of a regular file that is no link. HM_ABSENT. */
HM_MUST hm_err trust_read_regular(struct hm_cx *cx, const char *path, size_t max,
				  struct hm_str *out);

/* Where keys are that sign. */
struct trust_signer_kind {
	const char *name;
	/* Is that where a key of the list is? */
	bool (*holds)(const struct trust_key *k);
	/* HM_INPUT: the key or its certificates cannot be used. */
	HM_MUST hm_err (*open)(struct hm_cx *cx, const struct trust_key *k,
			       struct trust_signer *out);
	void (*close)(const struct crypto_signer *signer);
};
extern const struct trust_signer_kind trust_signer_file;
extern const struct trust_signer_kind *const trust_signer_kinds[]; /* ended by NULL */
/* The signer of one key of the list. HM_INPUT: no kind knows it, or as its open() says. */
HM_MUST hm_err trust_signer_of(struct hm_cx *cx, const struct trust_key *k,
			       struct trust_signer *out);

/* Does a rule admit the subject of a certificate? */
bool trust_admits(const struct trust_requirement *r, const struct crypto_attribute *subject,
		  size_t subject_n);
/* Are the good signatures of the verdict enough? Then it is verified, for as long as those that
 * were needed hold. */
void trust_judge(const struct trust_requirement *r, struct trust_verdict *v);
/* Why they are not, where `found` signatures were there. */
struct hm_str trust_explain(struct hm_cx *cx, const struct trust_requirement *r, size_t found,
			    const struct trust_verdict *v);

/* How crypto/ asks about revocation, through o->http if there is one; *o must outlive it. */
struct crypto_fetch trust_fetch(const struct trust_verify_options *o);

/* Do both name the same content? */
bool trust_same_target(const struct oci_descriptor *a, const struct oci_descriptor *b);
/* What a signature signs (signature-specification.md, "Payload"). HM_USAGE: metadata that cannot
 * be. */
HM_MUST hm_err trust_payload_format(struct hm_cx *cx, const struct oci_descriptor *d,
				    const struct oci_annotations *metadata, struct hm_str *out);

#endif
