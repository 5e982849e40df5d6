/* SPDX-License-Identifier: Apache-2.0 */
/* A request with its retries and redirects, until it is answered. Each try is transfer.c's. */
#include "http/client/client.h"

#include "http/parts.h"

/* One request on its way: redirects change .url and .method, retries count in .tries. */
struct course {
	struct http_client *client;
	const struct http_request *r;
	struct hm_str url;
	const char *method;
	bool body, authorize;
	unsigned tries, redirects;
	uint64_t had; /* of a body that is resumed: when it last broke off */
	struct http_transfer t;
};

static hm_err rewind_body(struct hm_cx *cx, struct course *c)
{
	const struct http_body *b = &c->r->body;
	if (!c->body || !b->read || !c->t.body_read)
		return NULL;
	if (!b->rewind)
		return hm_fail(cx, HM_SYSTEM, "the request body cannot be sent a second time");
	c->t.body_read = false;
	return b->rewind(cx, b->arg);
}

/* May the request be sent again, after `pause`? */
static bool can_retry(const struct hm_cx *cx, const struct course *c, int64_t pause)
{
	if (c->tries >= HM_MAX_HTTP_RETRIES)
		return false;
	if (cx->deadline && hm_mono() + pause >= cx->deadline)
		return false;
	if (c->body && c->r->body.read && c->t.body_read && !c->r->body.rewind)
		return false;
	return !c->t.delivered || c->r->sink_rewind || c->r->resume;
}

/* From the first URL again: the one that a redirect gave may have expired. As long as something
 * comes each time, trying is worth it. */
static void resume_body(struct course *c)
{
	struct http_resume *s = c->r->resume;
	c->url = c->r->url;
	c->method = c->r->method;
	c->authorize = true;
	c->redirects = 0;
	if (s->got > c->had && ++s->times <= HM_MAX_HTTP_RESUMES)
		c->tries = 0;
	c->had = s->got;
}

static hm_err retry_request(struct hm_cx *cx, struct course *c, int64_t pause)
{
	HM_TRY(hm_pause(cx, pause));
	HM_TRY(rewind_body(cx, c));
	if (c->t.delivered && c->r->resume)
		resume_body(c);
	else if (c->t.delivered)
		HM_TRY(c->r->sink_rewind(cx, c->r->sink_arg));
	c->tries++;
	return NULL;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* RFC 9110, 15.4: 303 becomes GET, and so does a POST that got 301 or 302. */
static void change_method(struct course *c, int status)
{
	bool post = strcmp(c->method, "POST") == 0;
	if ((status == 303 && strcmp(c->method, "HEAD") != 0) ||
	    ((status == 301 || status == 302) && post)) {
		c->method = "GET";
		c->body = false;
	}
}

static hm_err follow_redirect(struct hm_cx *cx, struct course *c, struct hm_str location)
{
	struct http_url from, first, to;
	struct hm_str url;
	if (++c->redirects > HM_MAX_HTTP_REDIRECTS)
		return hm_fail(cx, HM_LIMIT, "more than %u redirects",
			       (unsigned)HM_MAX_HTTP_REDIRECTS);
	HM_TRY_IN(cx, http_url_resolve(cx, c->url, location, &url), "redirect");
	HM_TRY(http_url_parse(cx, url, &to));
	HM_TRY(http_url_parse(cx, c->url, &from));
	HM_TRY(http_url_parse(cx, c->r->url, &first));
	if (hm_eqz(from.scheme, "https") && hm_eqz(to.scheme, "http"))
		return hm_fail(cx, HM_DENIED, "a redirect from https to http is not followed");
	/* once it has left its origin the credential is never taken up again */
	c->authorize = c->authorize && http_url_same_origin(&first, &to);
	change_method(c, c->t.status);
	if (c->body && c->r->secret_body && !c->authorize)
		return hm_fail(cx, HM_DENIED, "a redirect to another host does not get the secret");
	c->url = url;
	return rewind_body(cx, c);
}

static hm_err fill_response(struct hm_cx *cx, const struct course *c, struct http_response *out)
{
	HM_TRY(hm_charge(cx, c->t.body.n));
	*out = (struct http_response){ .status = c->t.status,
				       .headers = c->t.headers,
				       .body = hm_dup(cx, hm_buf_str(&c->t.body)),
				       .url = c->url };
	return NULL;
}

/* After an attempt that failed: once more, or that is the end. */
static hm_err judge_failure(struct hm_cx *cx, struct course *c, hm_err err)
{
	int64_t pause = http_retry_pause(c->tries, (struct hm_str){ "", 0 }, hm_now());
	bool asks_again = c->t.no_tls && c->r->out_no_tls; /* the caller does, without TLS */
	bool is_final = !c->t.transient || (c->t.unreached && c->tries >= 2);
	if (asks_again || is_final || !can_retry(cx, c, pause))
		return err;
	return retry_request(cx, c, pause);
}

/* After an answer: *again, or done (out written), or a fault. */
static hm_err judge_answer(struct hm_cx *cx, struct course *c, bool *again,
			   struct http_response *out)
{
	struct hm_str after = http_header_get(&c->t.headers, "retry-after");
	struct hm_str location = http_header_get(&c->t.headers, "location");
	int64_t pause = http_retry_pause(c->tries, after, hm_now());
	*again = true;
	if (http_retry_status(c->t.status) && can_retry(cx, c, pause))
		return retry_request(cx, c, pause);
	if (c->t.status == 429)
		return hm_fail(cx, HM_BUSY, "the server throttles requests (429)");
	if (is_redirect(c->t.status) && location.n && !c->r->no_redirect)
		return follow_redirect(cx, c, location);
	*again = false;
	return fill_response(cx, c, out);
}

/* Without the query, which may contain a signature. */
static void log_attempt(struct hm_cx *cx, const struct course *c, hm_err err, int64_t took)
{
	struct hm_str rest = c->url, url = hm_cut(&rest, '?');
	if (!hm_log_on(HM_LOG_DEBUG))
		return;
	hm_log(cx, HM_LOG_DEBUG, "request", "method", c->method, "url", hm_dupz(cx, url), "status",
	       err ? "none" : hm_fmt(cx, "%d", c->t.status).p, "milliseconds",
	       hm_fmt(cx, "%lld", (long long)(took / (HM_SECOND / 1000))).p, NULL);
}

static hm_err send_once(struct hm_cx *cx, struct course *c)
{
	struct http_attempt one = { .client = c->client,
				    .r = c->r,
				    .method = c->method,
				    .url = c->url,
				    .body = c->body,
				    .authorize = c->authorize };
	http_transfer_reset(&c->t);
	int64_t began = hm_mono();
	hm_err err = http_transfer(cx, &one, &c->t);
	log_attempt(cx, c, err, hm_mono() - began);
	return err;
}

static hm_err send_until_answered(struct hm_cx *cx, struct course *c, struct http_response *out)
{
	bool again = true;
	while (again) {
		HM_TRY(hm_alive(cx));
		hm_err err = send_once(cx, c);
		HM_TRY(err ? judge_failure(cx, c, err) : judge_answer(cx, c, &again, out));
	}
	return NULL;
}

hm_err http_send(struct hm_cx *cx, struct http_client *client, const struct http_request *r,
		 struct http_response *out)
{
	struct http_url url;
	struct course c = { .client = client,
			    .r = r,
			    .url = r->url,
			    .method = r->method,
			    .body = r->has_body,
			    .authorize = true };
	HM_TRY_IN(cx, http_url_parse(cx, r->url, &url), "\"%.*s\"", HM_FMT(r->url));
	if (r->resume)
		c.had = r->resume->got;
	if (r->out_no_tls)
		*r->out_no_tls = false;
	hm_err err = send_until_answered(cx, &c, out);
	if (err && r->out_no_tls)
		*r->out_no_tls = c.t.no_tls;
	http_transfer_done(&c.t);
	if (err)
		return hm_wrap(cx, err, "%s %s://%.*s:%u%.*s", r->method, url.scheme.p,
			       HM_FMT(url.host), url.port, HM_FMT(url.path));
	return NULL;
}
