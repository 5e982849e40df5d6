/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - keys that a service has: how it is asked, and the signers that stand on that.
 *
 * A service is asked by TLS, unless it is on this machine; credentials go to the host that they are
 * for: redirects are not followed. All of a question is done in memory of secrets. Answers are a
 * stranger's bytes, and a signature is held against the certificate before anybody gets it.
 */
#ifndef TRUST_SIGNERS_SERVICE_H
#define TRUST_SIGNERS_SERVICE_H

#include <pthread.h>

#include "codec/json.h"
#include "trust/signers/signers.h"

/* What a service is shown, and until when it is good (seconds; 0: always). Which of the three there
 * are, the service's file says. */
struct trust_credential {
	struct hm_secret id, secret, token;
	int64_t until;
};
void trust_credential_done(struct trust_credential *c);

struct trust_service_signer {
	struct crypto_signer base; /* what is handed on */
	const struct trust_service *service;
	struct trust_uri uri;
	struct http_client *http;
	struct crypto_chain chain; /* a copy of the signer's */
	struct crypto_key key;     /* public; of a bare one without certificates */
	pthread_mutex_t lock;      /* of the credential */
	struct trust_credential credential;
};

/* What differs from service to service. `cx` is one of secrets; results are copied out of it. */
struct trust_service {
	const struct trust_signer_kind *kind;
	const char *const *known; /* names of the URI's query, ended by NULL */
	/* Variables that name a file of certificate authorities for the service's own tools; or
	 * NULL. --ca-file goes first. */
	const char *ca[2];
	/* Pairs of variables that name the files of a client certificate and of its key for them;
	 * or NULL. */
	const char *client[2][2];
	/* HM_INPUT, HM_USAGE: the URI is not one of this service. */
	HM_MUST hm_err (*check)(struct hm_cx *cx, const struct trust_uri *u);
	HM_MUST hm_err (*log_in)(struct hm_cx *cx, const struct trust_service_signer *s,
				 struct trust_credential *out);
	/* The primitive signature, as crypto_sign() makes it. */
	HM_MUST hm_err (*sign)(struct hm_cx *cx, const struct trust_service_signer *s,
			       const struct trust_credential *c, struct hm_str bytes,
			       struct hm_str *out);
	/* The certificates that it has for the key, and the URI with the key's version. NULL: it
	 * has none. */
	HM_MUST hm_err (*find)(struct hm_cx *cx, const struct trust_service_signer *s,
			       const struct trust_credential *c, struct crypto_chain *out,
			       struct hm_str *out_uri);
	/* The public key, as the service has it: PEM or DER. */
	HM_MUST hm_err (*public)(struct hm_cx *cx, const struct trust_service_signer *s,
				 const struct trust_credential *c, struct hm_str *out);
};
/* The answer's member is a text, which it must have. */
HM_MUST hm_err trust_need_public(struct hm_cx *cx, struct json v, const char *member,
				 struct hm_str *out);
HM_MUST hm_err trust_service_open(struct hm_cx *cx, const struct trust_service *service,
				  const struct trust_key *k, const struct trust_signer_terms *terms,
				  struct trust_signer *s);
void trust_service_close(const struct crypto_signer *signer);

/* --- ask.c --- */

struct trust_question {
	const char *method;
	struct hm_str url;
	const struct http_header *headers; /* secret, all of them */
	size_t headers_n;
	struct hm_str content_type, body; /* of a POST */
	bool near;                        /* a server of metadata: no proxy, and little patience */
	size_t max;                       /* bytes of the answer; 0: HM_MAX_KEY_SERVICE */
};
/*
 * One answer with a status of 2xx. HM_DENIED: 401, 403, or a redirect. HM_BUSY: throttled to the
 * end, or no answer in time. HM_INPUT: it says no, with what its JSON says of the reason (AWS,
 * Azure, Google, Vault and OAuth write it each in their way).
 */
HM_MUST hm_err trust_ask(struct hm_cx *cx, struct http_client *http, const struct trust_question *q,
			 struct hm_str *out);
/* The same, and the answer is JSON. */
HM_MUST hm_err trust_ask_json(struct hm_cx *cx, struct http_client *http,
			      const struct trust_question *q, struct json *out);
/* HM_USAGE: the URL is neither https nor of this machine. */
HM_MUST hm_err trust_need_tls(struct hm_cx *cx, struct hm_str url);
/* Servers of metadata speak no TLS. HM_USAGE: the URL is neither https, nor of this machine, nor of
 * a host of `allowed` (ended by NULL). */
HM_MUST hm_err trust_need_near(struct hm_cx *cx, struct hm_str url, const char *const *allowed);
/* A variable of the environment; empty, or NULL: not set, or to nothing. */
struct hm_str trust_environment(const char *name);
const char *trust_environment_path(const char *name);
/* A file that has a token, without white space at its ends. */
HM_MUST hm_err trust_token_file(struct hm_cx *cx, const char *path, struct hm_str *out);
/* "now + seconds" of an answer's member, which is a number, or digits as text; a minute less, so
 * that it is not sent when it is over. */
int64_t trust_good_until(struct json answer, const char *member);
/* RFC 3986's unreserved stay; "a=b&c=d" of names and values. */
struct hm_str trust_form(struct hm_cx *cx, const char *const *names, const struct hm_str *values,
			 size_t n);
/* The digest that the key's algorithm signs. */
static inline struct hm_str trust_signed_digest(struct hm_cx *cx, enum crypto_alg alg,
						struct hm_str bytes)
{
	return crypto_digest_raw(cx, crypto_alg_rows[alg].digest, bytes);
}

#endif
