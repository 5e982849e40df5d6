/* SPDX-License-Identifier: Apache-2.0 */
/* One request: with or without TLS, again with what the registry asks for, and by whoever a
 * redirect led to. */
#include "oci/remote/auth.h"

static struct hm_str scope_key(struct hm_cx *cx, const struct remote *r,
			       const struct remote_request *q)
{
	return q->more_scope.n ? hm_fmt(cx, "%.*s %.*s", HM_FMT(r->scope), HM_FMT(q->more_scope))
			       : r->scope;
}

/* The same address without TLS, once it is known that a registry on this machine speaks none. */
static struct hm_str plain_url(struct hm_cx *cx, const struct remote *r, struct hm_str url)
{
	bool moved = r->may_be_plain && atomic_load(&r->plain) && hm_starts(url, r->bases[0]);
	struct hm_str rest = hm_from(url, moved ? r->bases[0].n : 0);
	return moved ? hm_fmt(cx, "%.*s%.*s", HM_FMT(r->bases[1]), HM_FMT(rest)) : url;
}

static bool go_plain(struct hm_cx *cx, struct remote *r, struct hm_str url)
{
	if (!hm_starts(url, r->bases[0]))
		return false;
	if (!atomic_exchange(&r->plain, true))
		oci_notice(
			cx,
			"the registry does not use TLS; as it is on this machine, it is accessed without",
			r->host, HM_STR(""));
	return true;
}

static hm_err send_once(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
			struct hm_str authorization, struct http_response *out)
{
	struct http_header headers[4];
	bool no_tls = false;
	struct http_request h = { .method = q->method,
				  .url = plain_url(cx, r, q->url),
				  .headers = headers,
				  .body = q->body,
				  .has_body = q->has_body,
				  .max_body = q->max_body,
				  .sink = q->sink.add,
				  .sink_arg = q->sink.arg,
				  .expected = q->expected,
				  .sink_rewind = q->sink.rewind,
				  .resume = q->resume,
				  .out_no_tls = r->may_be_plain ? &no_tls : NULL };
	if (authorization.n)
		headers[h.headers_n++] =
			(struct http_header){ HM_STR("Authorization"), authorization };
	if (q->accept.n)
		headers[h.headers_n++] = (struct http_header){ HM_STR("Accept"), q->accept };
	if (q->content_type.n)
		headers[h.headers_n++] =
			(struct http_header){ HM_STR("Content-Type"), q->content_type };
	if (q->condition.name.n)
		headers[h.headers_n++] = q->condition;
	oci_remote_add_given(cx, r, &h);
	hm_err err = http_send(cx, r->access.http, &h, out);
	if (!err || !no_tls || !go_plain(cx, r, h.url))
		return err;
	h.url = plain_url(cx, r, h.url);
	h.out_no_tls = NULL;
	oci_remote_add_given(cx, r, &h);
	return http_send(cx, r->access.http, &h, out);
}

/* Sent by those whose origin it is, with what they know us by. */
static hm_err send_own(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
		       struct http_response *out)
{
	struct hm_str scope = scope_key(cx, r, q), tried = HM_STR("");
	struct http_response a;
	bool ours = oci_remote_is_ours(cx, r, plain_url(cx, r, q->url)) &&
		    !oci_remote_has_authorization(r);
	if (ours)
		tried = oci_remote_kept(r, scope);
	for (int tries = 0;; tries++) {
		HM_TRY(send_once(cx, r, q, tried, &a));
		/* Twice: a token from before may have expired. A password is refused once and for
		 * all. */
		if (a.status != 401 || !ours || !oci_remote_is_ours(cx, r, a.url) || tries == 2 ||
		    hm_starts(tried, HM_STR("Basic ")))
			break;
		HM_TRY(oci_remote_authenticate(cx, r, &a, scope, tried, &tried));
		if (q->has_body && q->body.read && q->body.rewind)
			HM_TRY(q->body.rewind(cx, q->body.arg));
	}
	*out = a;
	return NULL;
}

/* Only what changes nothing: else a registry could have things done at another in our name, by a
 * redirect or by the address that it gives for an upload. */
static bool is_harmless(const struct remote_request *q)
{
	return strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
}

/*
 * Whoever a redirect led to wants to know who we are: they are told what belongs to them, and
 * nothing of the registry's. Only where reading is asked for, and not on to a third.
 */
static hm_err send_other(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
			 struct http_response *out)
{
	struct remote *other;
	struct remote_request again = *q;
	again.url = out->url;
	again.more_scope = HM_STR("");
	pthread_mutex_lock(&r->lock);
	hm_err err = oci_remote_other(cx, r, out->url, &other);
	pthread_mutex_unlock(&r->lock);
	HM_TRY(err);
	return other ? send_own(cx, other, &again, out) : NULL;
}

hm_err oci_remote_send(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
		       struct http_response *out)
{
	struct http_response a;
	HM_TRY(send_own(cx, r, q, &a));
	if (a.status == 401 && is_harmless(q) && !oci_remote_is_ours(cx, r, a.url) && !r->is_other)
		HM_TRY(send_other(cx, r, q, &a));
	oci_remote_warn(cx, r, &a);
	*out = a;
	return NULL;
}
