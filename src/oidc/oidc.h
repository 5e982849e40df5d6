/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oidc.h - who a client is, as an issuer of OpenID Connect says.
 *
 * A client shows a token (a JWT, RFC 7519) that its issuer has signed. What is believed, by whom,
 * for whom and of whom, is the configuration's to say (struct oidc_terms); the keys are the
 * issuer's, asked for where its discovery document names them (OpenID Connect Discovery 1.0, 4),
 * over TLS, and kept for a while.
 *
 * The law of the room: a token says nothing until its signature, issuer, audience and time are
 * checked. Algorithms are a table of signatures by public keys: neither "none" nor HMAC, whose key
 * would be the public one, has a row. A token never chooses where its key comes from ("jku", "x5u",
 * "jwk" and "x5c" are not read).
 */
#ifndef OIDC_OIDC_H
#define OIDC_OIDC_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "http/http.h"

struct oidc_algorithm {
	const char *name; /* JOSE's; NULL ends the table */
	enum crypto_alg alg;
	const char *kty, *crv; /* of keys for it (RFC 7518, 6.1; RFC 8037); crv NULL: none */
};
extern const struct oidc_algorithm oidc_algorithms[];

/* What is believed. */
struct oidc_terms {
	struct hm_str issuer;      /* its URL, https; or http at a loopback address. As in "iss" */
	struct hm_str audience;    /* must be in "aud" */
	struct hm_str claim;       /* says who it is; empty: "sub" */
	struct hm_strs names;      /* who is let in; "*": everybody whom the issuer names */
	struct hm_strs algorithms; /* JOSE's names; none: all of oidc_algorithms */
};
/* HM_USAGE: a URL that is none or is in the clear, nothing that must be there, an algorithm without
 * a row. */
HM_MUST hm_err oidc_terms_check(struct hm_cx *cx, const struct oidc_terms *t);

/* An issuer with its keys. Threads may share it; it lives in `cx`, and keeps `t` and `http`. */
struct oidc_issuer;
struct oidc_issuer *oidc_open(struct hm_cx *cx, const struct oidc_terms *t,
			      struct http_client *http);
void oidc_close(struct oidc_issuer *i); /* NULL is allowed */

/*
 * Whom the token names, at `now` (seconds since 1970). Keys that are older than an hour are asked
 * for again, and so is a key that is not there; not more often than each half minute. Where the
 * issuer does not answer, keys are good for a day.
 * HM_TRUST: it is not to be believed, and why. HM_DENIED: it is, and its owner is not let in.
 * HM_BUSY, HM_SYSTEM: the issuer's keys could not be had.
 */
HM_MUST hm_err oidc_verify(struct hm_cx *cx, struct oidc_issuer *i, struct hm_str token,
			   int64_t now, struct hm_str *out);

/*
 * Logins of browsers: the authorization code flow (OpenID Connect Core 1.0, 3.1) with PKCE
 * (RFC 7636). The browser is sent to the issuer, which sends it back with a code; for that the
 * issuer gives a token to us, not to the browser.
 */

/* What this program is to the issuer. */
struct oidc_client {
	struct hm_str id; /* in "aud" of its tokens */
	const struct hm_secret
		*secret;        /* NULL: it has none, and PKCE alone says whose the code is */
	struct hm_str redirect; /* where the browser is sent back to, as the issuer knows it */
	struct hm_strs scopes;  /* besides "openid" */
};
/* HM_USAGE: something is missing, or the browser would be sent back in the clear. */
HM_MUST hm_err oidc_client_check(struct hm_cx *cx, const struct oidc_client *c);

/* A login that is under way: texts of unreserved characters (RFC 3986, 2.3) that nobody else can
 * guess, others for each login. */
struct oidc_login {
	struct hm_str state;    /* comes back with the browser: whoever has begun it ends it */
	struct hm_str nonce;    /* comes back in the token */
	struct hm_str verifier; /* 43 to 128: goes to the issuer with the code */
};
/* Where the browser is to be sent. HM_BUSY, HM_SYSTEM: the issuer does not say where that is. */
HM_MUST hm_err oidc_login_begin(struct hm_cx *cx, struct oidc_issuer *i,
				const struct oidc_client *c, const struct oidc_login *l,
				struct hm_str *out);
/*
 * Whom the token names that the issuer gives for `code`, now. That the state is that of this
 * browser is the caller's to check, before. HM_TRUST: the code or the token is not good. HM_DENIED:
 * its owner is not let in. HM_BUSY, HM_SYSTEM: the issuer does not answer, or does not accept us.
 */
HM_MUST hm_err oidc_login_end(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_client *c,
			      const struct oidc_login *l, struct hm_str code, struct hm_str *out);

#endif
