/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4. */
#include <time.h>

#include "trust/signers/aws.h"

static struct hm_str hex_digest(struct hm_cx *cx, struct hm_str bytes)
{
	return hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, bytes));
}

/* Header names in byte order, as the signature wants them. */
static void put_headers(struct hm_buf *b, const struct trust_sigv4 *r, struct hm_str date,
			struct hm_str token)
{
	hm_buf_fmt(b, "content-type:%.*s\nhost:%.*s\nx-amz-date:%.*s\n", HM_FMT(r->content_type),
		   HM_FMT(r->host), HM_FMT(date));
	if (token.n)
		hm_buf_fmt(b, "x-amz-security-token:%.*s\n", HM_FMT(token));
	if (r->target.n)
		hm_buf_fmt(b, "x-amz-target:%.*s\n", HM_FMT(r->target));
}

static struct hm_str name_headers(struct hm_cx *cx, bool token, bool target)
{
	return hm_fmt(cx, "content-type;host;x-amz-date%s%s", token ? ";x-amz-security-token" : "",
		      target ? ";x-amz-target" : "");
}

static struct hm_str derive_key(struct hm_cx *cx, const struct trust_sigv4 *r, struct hm_str secret,
				struct hm_str day)
{
	struct hm_str key = hm_fmt(cx, "AWS4%.*s", HM_FMT(secret));
	key = crypto_hmac(cx, CRYPTO_SHA256, key, day);
	key = crypto_hmac(cx, CRYPTO_SHA256, key, r->region);
	key = crypto_hmac(cx, CRYPTO_SHA256, key, r->service);
	return crypto_hmac(cx, CRYPTO_SHA256, key, HM_STR("aws4_request"));
}

size_t trust_sigv4_sign(struct hm_cx *cx, const struct trust_sigv4 *r,
			const struct trust_credential *c,
			struct http_header out[TRUST_SIGV4_HEADERS])
{
	HM_AUTO_BUF b = { .max = 4 * HM_MAX_CREDENTIAL, .secret = cx->secret };
	char text[32];
	struct tm tm;
	time_t now = (time_t)r->now;
	struct hm_str token = hm_secret_str(&c->token);
	gmtime_r(&now, &tm);
	struct hm_str date =
		hm_dup(cx, hm_bytes(text, strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm)));
	struct hm_str day = hm_sub(date, 0, 8);
	struct hm_str names = name_headers(cx, token.n > 0, r->target.n > 0);
	struct hm_str scope = hm_fmt(cx, "%.*s/%.*s/%.*s/aws4_request", HM_FMT(day),
				     HM_FMT(r->region), HM_FMT(r->service));
	hm_buf_addz(&b, "POST\n/\n\n");
	put_headers(&b, r, date, token);
	struct hm_str hash = hex_digest(cx, r->body);
	hm_buf_fmt(&b, "\n%.*s\n%.*s", HM_FMT(names), HM_FMT(hash));
	struct hm_str request = hex_digest(cx, hm_buf_str(&b));
	struct hm_str to_sign = hm_fmt(cx, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%.*s", HM_FMT(date),
				       HM_FMT(scope), HM_FMT(request));
	struct hm_str key = derive_key(cx, r, hm_secret_str(&c->secret), day);
	struct hm_str signature = hm_hex(cx, crypto_hmac(cx, CRYPTO_SHA256, key, to_sign));
	struct hm_str authorization =
		hm_fmt(cx,
		       "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
		       HM_FMT(hm_secret_str(&c->id)), HM_FMT(scope), HM_FMT(names),
		       HM_FMT(signature));
	size_t n = 0;
	out[n++] = (struct http_header){ HM_STR("Authorization"), authorization };
	out[n++] = (struct http_header){ HM_STR("X-Amz-Date"), date };
	if (token.n)
		out[n++] =
			(struct http_header){ HM_STR("X-Amz-Security-Token"), hm_dup(cx, token) };
	if (r->target.n)
		out[n++] = (struct http_header){ HM_STR("X-Amz-Target"), r->target };
	return n;
}
