/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blobs.h - files that are signed, and their signatures in files.
 */
#ifndef TRUST_BLOBS_H
#define TRUST_BLOBS_H

#include "oci/oci.h"
#include "trust/signing.h"

struct trust_config;
struct trust_verdict;
struct trust_verify_options;
struct trust_claim;

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

#endif
