/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - inside the room: a token and a set of keys, without a network; what the issuer says of
 * itself.
 */
#ifndef OIDC_TOKEN_H
#define OIDC_TOKEN_H

#include "codec/json.h"
#include "oidc/oidc.h"

/* A token, read. Nothing in it is believed. */
struct oidc_token {
	const struct oidc_algorithm *algorithm;
	struct hm_str kid; /* of its key; or empty */
	struct hm_str signed_bytes, signature;
	struct json claims;
};
/* RFC 7515, 7.1. HM_TRUST: it is not a token, or one whose algorithm is not among those of `t`. */
HM_MUST hm_err oidc_token_read(struct hm_cx *cx, const struct oidc_terms *t, struct hm_str text,
			       struct oidc_token *out);
/* Issuer, audience and time. HM_TRUST. */
HM_MUST hm_err oidc_token_check(struct hm_cx *cx, const struct oidc_terms *t,
				const struct oidc_token *k, int64_t now);
/* Whom it names. HM_TRUST: nobody. HM_DENIED: somebody who is not let in. */
HM_MUST hm_err oidc_token_name(struct hm_cx *cx, const struct oidc_terms *t,
			       const struct oidc_token *k, struct hm_str *out);

/* Is its signature by one of the keys (a JWK Set, RFC 7517, 5)? HM_ABSENT: its key is not there.
 * HM_TRUST: it is not. HM_INPUT, HM_LIMIT: it is not a set of keys. */
HM_MUST hm_err oidc_keys_verify(struct hm_cx *cx, struct hm_str keys, const struct oidc_token *k);

/* --- issuer.c --- */

/* Where the issuer logs somebody in, as it says; empty: it does not. */
struct oidc_places {
	struct hm_str authorization; /* for browsers */
	struct hm_str token;         /* for us */
	bool secret_in_body;         /* of the request for a token, instead of in its header */
};
/* HM_BUSY, HM_SYSTEM: it does not answer. */
HM_MUST hm_err oidc_issuer_places(struct hm_cx *cx, struct oidc_issuer *i, struct oidc_places *out);
/* To it, by its client of HTTP; no redirects are followed. */
HM_MUST hm_err oidc_issuer_ask(struct hm_cx *cx, struct oidc_issuer *i, struct http_request *r,
			       struct http_response *out);
const struct oidc_terms *oidc_issuer_terms(const struct oidc_issuer *i);
/* oidc_verify() by other terms of the same issuer, without whom it names. */
HM_MUST hm_err oidc_issuer_verify(struct hm_cx *cx, struct oidc_issuer *i,
				  const struct oidc_terms *t, struct hm_str token, int64_t now,
				  struct oidc_token *out);

/* Is it an address that is asked over TLS, or on this machine? */
bool oidc_is_private(struct hm_cx *cx, struct hm_str url);

#endif
