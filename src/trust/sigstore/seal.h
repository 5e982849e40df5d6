/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - a bundle that is being made, as the files that ask services share it.
 */
#ifndef TRUST_SIGSTORE_SEAL_H
#define TRUST_SIGSTORE_SEAL_H

#include "trust/sigstore/run.h"
#include "trust/sigstore/sign.h"

struct sigstore_draft {
	const struct sigstore_sealing *s;
	int64_t now;
	const struct crypto_signer *signer; /* the caller's, or of the key for this signature */
	struct crypto_key own;              /* its public half, with the signer's algorithm */
	struct crypto_key key;              /* the same with the algorithm that bundles have */
	struct envelope_bundle bundle;      /* what there is of it */
	struct envelope dsse;
	struct envelope_signature dsse_signature;
};

/* --- draft.c --- */

/* The primitive signature in the form that bundles have. */
HM_MUST hm_err trust_sigstore_sign_bytes(struct hm_cx *cx, const struct sigstore_draft *d,
					 struct hm_str bytes, struct hm_str *out);
/* "-----BEGIN what-----" and so on. */
struct hm_str trust_sigstore_pem(struct hm_cx *cx, const char *what, struct hm_str der);

/* --- ask.c --- */

/* A POST. */
struct sigstore_request {
	struct hm_str url; /* of the service */
	const char *path;  /* below it, "/api/..." */
	struct hm_str body;
	size_t max;     /* bytes of the answer */
	bool is_secret; /* it goes by TLS, or to this machine, and nowhere else */
};
/* The body of an answer of 200 or 201. HM_TRUST: the service says no, in its own words. HM_BUSY: it
 * is throttled or cannot answer now. */
HM_MUST hm_err trust_sigstore_ask(struct hm_cx *cx, struct http_client *http,
				  const struct sigstore_request *q, struct hm_str *out);
/* A GET or POST for a token, with this authorization: the member of the JSON that answers. */
struct sigstore_token_request {
	const char *method;
	struct hm_str url, authorization;
	const char *member;
};
HM_MUST hm_err trust_sigstore_ask_token(struct hm_cx *cx, struct http_client *http,
					const struct sigstore_token_request *q,
					struct hm_secret *out);

/* --- fulcio.c --- */

/* The certificates of an answer (SigningCertificate), leaf first. HM_INPUT; HM_TRUST: the log of
 * certificates has not signed in the certificate. */
HM_MUST hm_err trust_sigstore_certificate_parse(struct hm_cx *cx, struct hm_str text,
						struct crypto_chain *out);
/* A certificate for the draft's key, in the name of its token: found good, and in the bundle. */
HM_MUST hm_err trust_sigstore_certify(struct hm_cx *cx, struct sigstore_draft *d);

/* --- rekor.c --- */

/* The entry of an answer of Rekor's first version (LogEntry), of that kind. HM_INPUT. */
HM_MUST hm_err trust_sigstore_log_answer_parse(struct hm_cx *cx, struct hm_str text,
					       const char *kind, struct bundle_entry *out);
/* Enter the draft's signature in the logs: their entries are in the bundle, not yet looked at. */
HM_MUST hm_err trust_sigstore_enter(struct hm_cx *cx, struct sigstore_draft *d);

#endif
