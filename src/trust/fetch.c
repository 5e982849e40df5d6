/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

/* A responder that hangs must not hold up an admission. */
enum { OCSP_SECONDS = 2, CRL_SECONDS = 5 };

static int64_t find_patience(const struct trust_patience *p, bool ocsp)
{
	int64_t own = ocsp ? p->ocsp : p->crl;
	return own ? own : (ocsp ? OCSP_SECONDS : CRL_SECONDS) * HM_SECOND;
}

static hm_err send_question(struct hm_cx *cx, void *arg, const struct crypto_question *q,
			    struct hm_str *out)
{
	struct http_header type = { HM_STR("Content-Type"), q->content_type };
	struct hm_str body = q->body;
	struct http_request r = { .method = body.n ? "POST" : "GET",
				  .url = q->url,
				  .headers = &type,
				  .headers_n = body.n ? 1 : 0,
				  .body = { .bytes = body, .size = (int64_t)body.n },
				  .has_body = body.n > 0,
				  .max_body = q->max };
	const struct trust_verify_options *o = arg;
	struct http_response answer;
	int64_t before = cx->deadline;
	int64_t mine = hm_mono() + find_patience(&o->patience, body.n > 0);
	r.connect_ms = (unsigned)(o->patience.connect / (HM_SECOND / 1000));
	if (!before || mine < before)
		cx->deadline = mine;
	hm_err err = http_send(cx, o->http, &r, &answer);
	cx->deadline = before;
	HM_TRY(err);
	if (answer.status != 200)
		return hm_fail(cx, HM_BUSY, "it answers with status %d", answer.status);
	*out = answer.body;
	return NULL;
}

struct crypto_fetch trust_fetch(const struct trust_verify_options *o)
{
	return (struct crypto_fetch){ o->http ? send_question : NULL, (void *)(uintptr_t)o };
}
