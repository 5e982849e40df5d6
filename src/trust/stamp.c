/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/stamp.h"

/* Timestamps over signatures that are being made: RFC 3161, 3.4, "Time-Stamp Protocol via HTTP". */

#define QUERY_TYPE "application/timestamp-query"
#define REPLY_TYPE "application/timestamp-reply"

enum { STAMP_SECONDS = 15 };

hm_err trust_timestamp_root(struct hm_cx *cx, struct hm_str text, struct crypto_chain *out)
{
	struct crypto_chain found = { 0 };
	const char *why = NULL;
	HM_TRY(crypto_chain_parse(cx, text, &found));
	if (found.n != 1)
		why = "there is more than one certificate, and one root is wanted";
	else if (!crypto_chain_is_ca(&found, 0) || !crypto_chain_is_self_signed(&found, 0))
		why = "the certificate is not a root: a certificate authority that issued itself";
	if (why) {
		crypto_chain_done(&found);
		return hm_fail(cx, HM_INPUT, "%s", why);
	}
	*out = found;
	return NULL;
}

/* A media type may have parameters, and is the same in capitals (RFC 9110, 8.3.1). */
static bool is_reply(const struct http_response *r)
{
	struct hm_str rest = http_header_get(&r->headers, "Content-Type");
	return hm_cmp_nocase(hm_trim(hm_cut(&rest, ';')), HM_STR(REPLY_TYPE)) == 0;
}

hm_err trust_stamp_send(struct hm_cx *cx, const struct trust_timestamping *t, struct hm_str query,
			struct hm_str *out)
{
	struct http_header type = { HM_STR("Content-Type"), HM_STR(QUERY_TYPE) };
	struct http_request r = { .method = "POST",
				  .url = t->url,
				  .headers = &type,
				  .headers_n = 1,
				  .body = { .bytes = query, .size = (int64_t)query.n },
				  .has_body = true,
				  .connect_ms = (unsigned)(t->wait.connect / (HM_SECOND / 1000)),
				  .max_body = HM_MAX_TIMESTAMP };
	struct http_response answer;
	int64_t wait = t->wait.timestamp ? t->wait.timestamp : STAMP_SECONDS * HM_SECOND;
	HM_TRY(trust_send_within(cx, t->http, &r, wait, &answer));
	if (answer.status != 200)
		return hm_fail(cx, HM_BUSY, "it answers with status %d", answer.status);
	if (!is_reply(&answer))
		return hm_fail(cx, HM_INPUT, "its answer is not of the type " REPLY_TYPE);
	*out = answer.body;
	return NULL;
}

/* An authority whose clock, or a machine whose clock, is wrong. */
static hm_err check_clock(struct hm_cx *cx, const struct crypto_timestamp *stamp, int64_t now)
{
	int64_t apart = stamp->time > now ? stamp->time - now : now - stamp->time;
	if (apart <= CRYPTO_CLOCK_SKEW)
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "its time is %s, and this machine's %s: more than %d seconds apart",
		       hm_rfc3339(cx, stamp->time).p, hm_rfc3339(cx, now).p,
		       (int)CRYPTO_CLOCK_SKEW);
}

static hm_err check_authority(struct hm_cx *cx, const struct trust_timestamping *t,
			      const struct crypto_chain *c, int64_t now)
{
	struct trust_verify_options o = { .http = t->http, .patience = t->wait, .kept = t->kept };
	struct crypto_revocation_terms terms = { trust_fetch(&o), now, 0 };
	enum crypto_revocation state;
	struct hm_str why;
	HM_TRY(crypto_revocation_check(cx, c, &terms, &state, &why));
	if (state == CRYPTO_REVOKED)
		return hm_fail(cx, HM_TRUST, "%.*s", HM_FMT(why));
	if (state == CRYPTO_UNKNOWN)
		return hm_fail(cx, HM_BUSY, "revocation is not known: %.*s", HM_FMT(why));
	return NULL;
}

static hm_err check_answer(struct hm_cx *cx, const struct trust_stamping *s,
			   const struct crypto_timestamp *stamp)
{
	int64_t now = s->now ? s->now : hm_now();
	HM_TRY(check_clock(cx, stamp, now));
	HM_TRY(crypto_chain_valid_at(cx, s->signer, stamp->earliest));
	HM_TRY(crypto_chain_valid_at(cx, s->signer, stamp->latest));
	return check_authority(cx, s->with, &stamp->chain, now);
}

static hm_err ask_authority(struct hm_cx *cx, const struct trust_stamping *s,
			    struct hm_str signature, struct hm_str *out_token)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_timestamp_request q;
	struct hm_str answer, token;
	HM_TRY(crypto_timestamp_ask(cx, s->digest, signature, &q));
	HM_TRY(trust_stamp_send(cx, s->with, q.der, &answer));
	HM_TRY(crypto_timestamp_answer(cx, &q, answer, &s->with->root, &stamp, &token));
	HM_TRY(check_answer(cx, s, &stamp));
	*out_token = token;
	return NULL;
}

hm_err trust_stamp(struct hm_cx *cx, void *arg, struct hm_str signature, struct hm_str *out_token)
{
	const struct trust_stamping *s = arg;
	HM_TRY_IN(cx, ask_authority(cx, s, signature, out_token), "timestamping authority \"%.*s\"",
		  HM_FMT(s->with->url));
	return NULL;
}
