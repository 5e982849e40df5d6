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

hm_err trust_send_within(struct hm_cx *cx, struct http_client *http, const struct http_request *r,
			 int64_t ns, struct http_response *out)
{
	int64_t before = cx->deadline, mine = hm_mono() + ns;
	if (!before || mine < before)
		cx->deadline = mine;
	hm_err err = http_send(cx, http, r, out);
	cx->deadline = before;
	return err;
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
	r.connect_ms = (unsigned)(o->patience.connect / (HM_SECOND / 1000));
	HM_TRY(trust_send_within(cx, o->http, &r, find_patience(&o->patience, body.n > 0),
				 &answer));
	if (answer.status != 200)
		return hm_fail(cx, HM_BUSY, "it answers with status %d", answer.status);
	*out = answer.body;
	return NULL;
}

/* Of what is shared with Notation there is no second copy. */
static bool is_shared(const struct trust_verify_options *o, const struct crypto_question *q)
{
	return o->kept->lists.dir && !q->body.n;
}

static void recall_answer(struct hm_cx *cx, void *arg, const struct crypto_question *q, bool old,
			  struct hm_str *out)
{
	const struct trust_verify_options *o = arg;
	if (!is_shared(o, q))
		trust_kept_get(cx, o->kept, q, old, out);
}

static void keep_answer(struct hm_cx *cx, void *arg, const struct crypto_question *q,
			struct hm_str answer)
{
	const struct trust_verify_options *o = arg;
	if (!is_shared(o, q))
		trust_kept_put(cx, o->kept, q, answer);
}

static bool recall_lists(struct hm_cx *cx, void *arg, struct hm_str url, bool old,
			 struct crypto_lists *out)
{
	const struct trust_verify_options *o = arg;
	return trust_lists_get(cx, o->kept, url, old, out);
}

static void keep_lists(struct hm_cx *cx, void *arg, struct hm_str url,
		       const struct crypto_lists *lists)
{
	const struct trust_verify_options *o = arg;
	trust_lists_put(cx, o->kept, url, lists);
}

struct crypto_fetch trust_fetch(const struct trust_verify_options *o)
{
	bool shared = o->kept && o->kept->lists.dir;
	return (struct crypto_fetch){ .run = o->http ? send_question : NULL,
				      .arg = (void *)(uintptr_t)o,
				      .recall = o->kept ? recall_answer : NULL,
				      .keep = o->kept ? keep_answer : NULL,
				      .recall_lists = shared ? recall_lists : NULL,
				      .keep_lists = shared ? keep_lists : NULL };
}
