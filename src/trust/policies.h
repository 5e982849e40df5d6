/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - the trust policy and the trust store as files: checked, written, read, listed.
 */
#ifndef TRUST_POLICIES_H
#define TRUST_POLICIES_H

#include "base/base.h"
#include "trust/signing.h"

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

#endif
