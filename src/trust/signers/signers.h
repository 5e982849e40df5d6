/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signers.h - the kinds of signers, and what they share. A kind is a row of trust_signer_kinds[]
 * (trust/config.h) and a file.
 *
 *   uri.c        the URI of a key, taken apart
 *   pin.c        where a PIN or passphrase comes from
 *   process.c    keys that are in a process of their own: what the parent does
 *   file.c       key files (file:), and key_job.c, their process
 *   cosign_key.c Cosign's key files, and sealed.c, how they are made and opened
 *   pkcs11.c     tokens (pkcs11:), and token_job.c, their process
 *   service.c    keys that a service has (service.h): what is the same for all; ask.c, how one is
 *                asked
 *   awskms.c     AWS KMS (awskms:); aws_sigv4.c, aws_credentials.c (aws.h)
 *   azurekms.c   Azure Key Vault (azurekms:); azure_log_in.c (azure.h)
 *   gcpkms.c     Google's Cloud KMS (gcpkms:); gcp_log_in.c (gcp.h), and gcp_job.c, the process of
 * a service account's key hashivault.c the transit engine of Vault and OpenBao (hashivault:)
 *   check.c      the certificate's file, and what came back held against it
 *
 * The law of the folder: the private key is never in the process that parses what strangers send;
 * and a signature is held against the certificate's key before anybody gets it.
 */
#ifndef TRUST_SIGNERS_SIGNERS_H
#define TRUST_SIGNERS_SIGNERS_H

#include "base/worker.h"
#include "trust/config.h"

/* --- uri.c --- */

struct trust_uri_query {
	struct hm_str name, value; /* value decoded */
};
/* "scheme:[//authority][path][?name=value&...]" (RFC 3986, without fragment). */
struct trust_uri {
	struct hm_str scheme, authority;
	struct hm_str path; /* decoded; pkcs11: as it is */
	struct hm_str main; /* all of it before "?" */
	struct trust_uri_query *query;
	size_t query_n;
};
enum { TRUST_URI_QUERIES = 16 };
/* HM_INPUT: malformed, a control character, or a name in the query twice. HM_LIMIT: longer than
 * HM_MAX_KEY_URI. HM_USAGE: a secret is in it ("pin-value"). */
HM_MUST hm_err trust_uri_parse(struct hm_cx *cx, struct hm_str text, struct trust_uri *out);
/* Empty where it has none of that name. */
struct hm_str trust_uri_get(const struct trust_uri *u, const char *name);
/* Has it this scheme? */
bool trust_uri_is(struct hm_str text, const char *scheme);
/* A path as it stands in a URI: encoded, but for its slashes. */
struct hm_str trust_uri_path(struct hm_cx *cx, struct hm_str path);
/* HM_INPUT: the query has a name that is not among `known` (ended by NULL). */
HM_MUST hm_err trust_uri_only(struct hm_cx *cx, const struct trust_uri *u,
			      const char *const *known);

/* --- pin.c --- */

/*
 * "file:/path", "/path" (its first line), "fd:N" (up to the end of the line), or "prompt"; "" is
 * none: *out_fd is -1, and *out_prompt is false. Nothing is read here: who needs it gets the
 * descriptor, which is the caller's to close. HM_USAGE: something else. HM_ABSENT: no such file.
 */
HM_MUST hm_err trust_pin_open(struct hm_cx *cx, struct hm_str source, int *out_fd,
			      bool *out_prompt);
/* The terminal, with a question on it, and without echo until trust_pin_asked(). HM_SYSTEM: there
 * is none. */
HM_MUST hm_err trust_pin_ask(struct hm_cx *cx, const char *what, struct hm_str of, int *out_fd);
void trust_pin_asked(int *fd); /* closes it, too */
/* In the process that needs it: one line of the descriptor. */
HM_MUST hm_err trust_pin_read(struct hm_cx *cx, int fd, struct hm_secret *out);

/* --- process.c --- */

#define TRUST_WITH_PIN "pin"
#define TRUST_NEW_KEY  "new"
/* PKCS#8 in PEM without encryption says so in its first line (RFC 7468, 10). */
#define TRUST_PLAIN_KEY "-----BEGIN PRIVATE KEY-----"
/* How a process that has a key is started. */
struct trust_process {
	const struct trust_signer_kind *kind;
	const char *job;
	struct hm_str args;    /* empty: TRUST_WITH_PIN where it is given one */
	int key;               /* a descriptor that it gets, after the PIN's; -1: none */
	struct hm_str pin;     /* for trust_pin_open() */
	const char *secret;    /* "passphrase", "PIN" */
	struct hm_str subject; /* of the question */
	/* What stands before a fault of its first answer that comes later: the inner one first. All
	 * texts are the caller's, for as long as the signer is there. */
	struct hm_str named[2];
	bool by_digest; /* the job signs digests, too */
	bool as_copy;   /* of this process (base/worker.h) */
};
/* Starts it and waits until it has the key, or, where the terms let it and s->chain is there,
 * leaves that to its first use. s->chain is what stands beside the key; where that is empty, it is
 * what the process found there. HM_INPUT: neither, or the key is not the certificate's. */
HM_MUST hm_err trust_process_open(struct hm_cx *cx, const struct trust_process *p,
				  const struct trust_signer_terms *terms, struct trust_signer *s);
/* The same in two steps: it starts while the caller does something else, reads certificates
 * perhaps. Between them, trust_process_close() ends it; the second does so itself where it fails.
 */
HM_MUST hm_err trust_process_begin(struct hm_cx *cx, const struct trust_process *p,
				   const struct trust_signer_terms *terms,
				   const struct crypto_signer **out);
HM_MUST hm_err trust_process_finish(struct hm_cx *cx, const struct crypto_signer *begun,
				    const struct trust_signer_terms *terms, struct trust_signer *s);
void trust_process_close(const struct crypto_signer *signer);
/* It ends by itself from now on, and is closed later. */
void trust_process_leave(const struct crypto_signer *signer);
/* The answer to TRUST_ASK_OPEN: the public key (DER), empty where the process could not tell, and
 * the certificates beside it. Both point into it. HM_INPUT. */
HM_MUST hm_err trust_process_read(struct hm_cx *cx, struct hm_str answer, struct hm_str *out_public,
				  struct hm_strs *out_der);

/* What it is asked: one of these bytes, then the rest. */
enum trust_process_question {
	TRUST_ASK_OPEN = 'o', /* answer: trust_process_read() */
	TRUST_ASK_SIGN =
		's', /* a byte, the algorithm; the bytes. Answer: the primitive signature */
	TRUST_ASK_SIGN_DIGEST = 'd', /* the same with the digest of the bytes */
};
/* In the job: a descriptor that it was given, and what it does with the questions. */
enum { TRUST_PIN_FD = HM_WORKER_FIRST, TRUST_KEY_FD = HM_WORKER_FIRST + 1 };
struct trust_keeper {
	/* HM_ABSENT: a PIN is needed and was not given. */
	hm_err (*open)(struct hm_cx *cx, void *self, struct crypto_key *out_public,
		       struct crypto_chain *out_chain);
	hm_err (*sign)(struct hm_cx *cx, void *self, enum crypto_alg alg, struct hm_str bytes,
		       struct hm_str *out);
	void *self;
	/* NULL: it is never asked for one. */
	hm_err (*sign_digest)(struct hm_cx *cx, void *self, enum crypto_alg alg,
			      struct hm_str digest, struct hm_str *out);
};
/* Answer until nobody asks any more. */
HM_MUST hm_err trust_keeper_serve(struct hm_cx *cx, const struct trust_keeper *k, int in);

/* --- ec_public.c --- */

/* A SubjectPublicKeyInfo (RFC 5480) is made of `curve`, an object identifier in DER, and the point,
 * and read. HM_INPUT: it is no key. */
HM_MUST hm_err trust_ec_public(struct hm_cx *cx, struct hm_str curve, struct hm_str point,
			       struct crypto_key *out);

/* --- check.c --- */

/* The certificates beside the key, where they are a file and have not been read yet. */
HM_MUST hm_err trust_chain_read(struct hm_cx *cx, struct trust_signer *s);
/* HM_TRUST: the signature that came back is not by the certificate's key, which is this one. */
HM_MUST hm_err trust_signature_check(struct hm_cx *cx, const struct crypto_key *key,
				     enum crypto_alg alg, struct hm_str bytes,
				     struct hm_str signature);

#endif
