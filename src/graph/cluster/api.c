/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to an API server. */
#include "graph/cluster/cluster.h"
#include "graph/cluster/objects.h"

/* Its own words (a Status object), made fit for a line. */
static struct hm_str own_words(struct hm_cx *cx, struct hm_str body)
{
	struct json doc;
	if (!body.n || body.n > HM_MIB || json_parse(cx, body, JSON_PLAIN, &doc))
		return HM_STR("");
	struct hm_str message = hm_sub(json_str(json_get(doc, "message")), 0, 300);
	return message.n ? hm_say(cx, ": %.*s", HM_FMT(message)) : message;
}

static hm_err explain(struct hm_cx *cx, const struct cluster_api *api,
		      const struct http_response *a)
{
	static const struct {
		int status;
		enum hm_code code;
		const char *words;
	} rows[] = {
		{ 401, HM_DENIED, "does not accept the credential" },
		{ 403, HM_DENIED, "forbids it" },
		{ 404, HM_ABSENT, "does not have it" },
		{ 410, HM_ABSENT, "has forgotten that version" },
		{ 429, HM_BUSY, "throttles requests" },
		{ 0, HM_SYSTEM, "answers with an error" },
	};
	size_t i = 0;
	while (rows[i].status && rows[i].status != a->status)
		i++;
	enum hm_code code = a->status >= 500 ? HM_BUSY : rows[i].code;
	return hm_fail(cx, code, "API server \"%.*s\" %s (status %d)%.*s",
		       HM_FMT(api->access->server),
		       code == HM_BUSY && a->status >= 500 ? "is not available" : rows[i].words,
		       a->status, HM_FMT(own_words(cx, a->body)));
}

static hm_err read_token(struct hm_cx *cx, const struct cluster_api *api, struct hm_str *out)
{
	struct hm_str token = hm_secret_str(&api->access->token);
	if (api->access->token_file) {
		HM_TRY(hm_read_file(cx, api->access->token_file, HM_MAX_MANIFEST, &token));
		token = hm_trim(token);
	}
	*out = token;
	return hm_has_control(token) ? hm_fail(cx, HM_INPUT, "the token has control characters")
				     : NULL;
}

/* In memory of a secret: the token is in the headers. */
static hm_err send_in(struct hm_cx *cx, struct hm_cx *own, struct cluster_api *api,
		      const struct http_request *with, const char *accept,
		      struct http_response *out)
{
	struct hm_str token;
	struct http_header headers[2] = { { HM_STR("Accept"), hm_cstr(accept) } };
	struct http_request r = *with;
	HM_TRY(read_token(own, api, &token));
	r.headers = headers;
	r.headers_n = 1;
	if (token.n) {
		headers[1] = (struct http_header){ HM_STR("Authorization"),
						   hm_fmt(own, "Bearer %.*s", HM_FMT(token)) };
		r.given = &headers[1];
		r.given_n = 1;
	}
	return http_send(cx, api->http, &r, out);
}

static hm_err send(struct hm_cx *cx, struct cluster_api *api, const struct http_request *r,
		   const char *accept, struct http_response *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, HM_MIB);
	hm_err err = send_in(cx, &own, api, r, accept, out);
	return err ? hm_fault_copy(cx, err) : NULL;
}

hm_err graph_cluster_get(struct hm_cx *cx, struct cluster_api *api, struct hm_str path,
			 const char *accept, struct hm_str *out)
{
	struct http_response a = { 0 };
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(cx, "%.*s%.*s", HM_FMT(api->access->server),
						HM_FMT(path)),
				  .no_redirect = true,
				  .max_body = HM_MAX_JSON };
	HM_TRY(send(cx, api, &r, accept, &a));
	if (a.status != 200)
		return explain(cx, api, &a);
	*out = a.body;
	return NULL;
}

hm_err graph_cluster_stream(struct hm_cx *cx, struct cluster_api *api, struct hm_str path,
			    hm_err (*sink)(struct hm_cx *cx, void *arg, struct hm_str bytes),
			    void *arg)
{
	struct http_response a = { 0 };
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(cx, "%.*s%.*s", HM_FMT(api->access->server),
						HM_FMT(path)),
				  .no_redirect = true,
				  .max_body = HM_MIB,
				  .sink = sink,
				  .sink_arg = arg };
	HM_TRY(send(cx, api, &r, "application/json", &a));
	return a.status == 200 ? NULL : explain(cx, api, &a);
}
