/* SPDX-License-Identifier: Apache-2.0 */
/* One question to a service that takes part in signing. */
#include "codec/json.h"
#include "trust/config.h"
#include "trust/sigstore/seal.h"

enum { PATIENCE_SECONDS = 60 };

/* A token is for whoever it is sent to. */
static hm_err need_tls(struct hm_cx *cx, struct hm_str url)
{
	struct http_url u;
	HM_TRY_IN(cx, http_url_parse(cx, url, &u), "\"%.*s\"", HM_FMT(url));
	if (hm_eqz(u.scheme, "https") || http_is_loopback(u.host))
		return NULL;
	return hm_fail(cx, HM_USAGE, "\"%.*s\": identity tokens are sent by https alone",
		       HM_FMT(url));
}

/* What it says of the reason, as JSON or as text. */
static struct hm_str find_words(struct hm_cx *cx, struct hm_str body)
{
	struct json v;
	if (json_parse(cx, body, JSON_PLAIN, &v))
		return hm_trim(body);
	struct hm_str words = json_str(json_get(v, "message"));
	return words.n ? words : json_str(json_get(v, "error"));
}

static hm_err explain_refusal(struct hm_cx *cx, const struct http_response *answer)
{
	struct hm_str words = find_words(cx, answer->body);
	int status = answer->status;
	if (status >= 300 && status < 400)
		return hm_fail(cx, HM_DENIED,
			       "it answers with a redirect (%d), which is not followed", status);
	/* 409: what a try before this one has stored already */
	if (status == 408 || status == 409 || status == 425 || status == 429 || status >= 500)
		return hm_hint(cx,
			       hm_fail(cx, HM_BUSY, "it cannot answer now (%d): %.*s", status,
				       HM_FMT(words)),
			       "try the same again later");
	if (status == 404)
		return hm_hint(
			cx,
			hm_fail(cx, HM_ABSENT, "nothing is there that could be asked (404): %.*s",
				HM_FMT(words)),
			"see whether the signing configuration has the right URL and version");
	return hm_fail(cx, HM_TRUST, "it refuses (%d): %.*s", status, HM_FMT(words));
}

static hm_err send(struct hm_cx *cx, struct http_client *http, const struct http_request *r,
		   struct hm_str *out)
{
	struct http_response answer;
	HM_TRY(trust_send_within(cx, http, r, PATIENCE_SECONDS * HM_SECOND, &answer));
	if (answer.status != 200 && answer.status != 201)
		return explain_refusal(cx, &answer);
	*out = answer.body;
	return NULL;
}

/* URL and path with one slash between them. */
static struct hm_str join(struct hm_cx *cx, struct hm_str url, const char *path)
{
	while (hm_ends(url, HM_STR("/")))
		url.n--;
	return hm_fmt(cx, "%.*s%s", HM_FMT(url), path);
}

hm_err trust_sigstore_ask(struct hm_cx *cx, struct http_client *http,
			  const struct sigstore_request *q, struct hm_str *out)
{
	static const struct http_header headers[] = {
		{ HM_STR_INIT("Content-Type"), HM_STR_INIT("application/json") },
		{ HM_STR_INIT("Accept"), HM_STR_INIT("application/json") },
	};
	struct http_request r = { .method = "POST",
				  .url = join(cx, q->url, q->path),
				  .headers = headers,
				  .headers_n = HM_LEN(headers),
				  .body = { .bytes = q->body, .size = (int64_t)q->body.n },
				  .has_body = true,
				  .no_redirect = true,
				  .secret_body = q->is_secret,
				  .max_body = q->max };
	if (q->is_secret)
		HM_TRY(need_tls(cx, q->url));
	return send(cx, http, &r, out);
}

hm_err trust_sigstore_ask_token(struct hm_cx *cx, struct http_client *http,
				const struct sigstore_token_request *q, struct hm_secret *out)
{
	struct http_header type = { HM_STR("Content-Type"), HM_STR("application/json") };
	struct http_header who = { HM_STR("Authorization"), q->authorization };
	bool posts = strcmp(q->method, "POST") == 0;
	struct http_request r = { .method = q->method,
				  .url = q->url,
				  .headers = &type,
				  .headers_n = posts ? 1 : 0,
				  .given = &who,
				  .given_n = 1,
				  .has_body = posts,
				  .no_redirect = true,
				  .max_body = HM_MAX_IDENTITY_TOKEN };
	struct hm_str body, token;
	struct json v;
	if (hm_has_control(q->authorization))
		return hm_fail(cx, HM_INPUT, "the job's credential contains control characters");
	HM_TRY(need_tls(cx, q->url));
	HM_TRY(send(cx, http, &r, &body));
	HM_TRY_IN(cx, json_parse(cx, body, JSON_STRICT, &v), "its answer");
	HM_TRY_IN(cx, json_need_str(cx, v, q->member, &token), "its answer");
	*out = hm_secret_of(token);
	return NULL;
}
