/* SPDX-License-Identifier: Apache-2.0 */
/* A graph that somebody else has: how it is reached, and what is believed of its answers. */
#include "cli/graph_server.h"

/* ------------------------------------------------------------------ the server */

static hm_err check_options(struct hm_cx *cx, const struct cli *cli, const struct cli_graph *o)
{
	if (o->data || o->database)
		return hm_fail(cx, HM_USAGE, "--server and --%s are two places",
			       o->data ? "data-dir" : "database");
	if (cli_has_secret(cli))
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "--username, --password, --identity-token and --header are "
				       "for registries, not for --server"),
			       "--token-file FILE");
	if (cli->offline)
		return hm_hint(cx, hm_fail(cx, HM_DENIED, "--offline forbids network use"),
			       "leave --server out, to ask the graph of this machine");
	return NULL;
}

/* Nobody on the way may read the token, nor what is asked unless the user says so. */
static hm_err read_url(struct hm_cx *cx, const struct cli *cli, const struct cli_graph *o,
		       struct hm_str *out)
{
	struct hm_str text = hm_cstr(o->server);
	struct http_url url;
	hm_err err = http_url_parse(cx, text, &url);
	if (err || hm_find_char(text, '?') != SIZE_MAX || hm_find_char(text, '#') != SIZE_MAX)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "--server: \"%s\" is not the address of a server%s%s",
				       o->server, err ? ": " : "", err ? err->why : ""),
			       "https://graph.example.com");
	/* a name of this machine may be told to mean another */
	bool is_near = http_is_loopback(url.host) && !cli->resolve.n;
	bool is_safe = hm_eqz(url.scheme, "https") || is_near;
	if (!is_safe && o->token_file)
		return hm_fail(cx, HM_USAGE, "--server: \"%s\": a token is sent by https alone",
			       o->server);
	if (!is_safe && !cli->plain_http)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "--server: \"%s\" is not an https: address",
				       o->server),
			       "--plain-http, where nobody can change what is sent on the way");
	while (text.n && text.p[text.n - 1] == '/')
		text.n--;
	*out = text;
	return NULL;
}

static bool is_token(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static hm_err read_token(struct hm_cx *cx, const char *file, struct hm_secret *out)
{
	HM_AUTO_SECRET secret = { 0 };
	unsigned mode;
	HM_TRY(hm_secret_read_file(cx, file, HM_MAX_CREDENTIAL, &secret, &mode));
	hm_secret_warn(cx, file, mode);
	struct hm_str token = hm_trim(hm_secret_str(&secret));
	if (!is_token(token))
		return hm_hint(cx, hm_fail(cx, HM_INPUT, "\"%s\" does not hold a token", file),
			       "one line with the token alone, without a name before it");
	*out = HM_SECRET(HM_MAX_CREDENTIAL + 8);
	hm_buf_addz(&out->bytes, "Bearer ");
	hm_buf_add(&out->bytes, token);
	return NULL;
}

hm_err cli_graph_server_open(struct hm_cx *cx, const struct cli *cli, const struct cli_graph *o,
			     struct cli_graph_server *out)
{
	struct http_config config;
	HM_TRY(check_options(cx, cli, o));
	HM_TRY(read_url(cx, cli, o, &out->root));
	HM_TRY(cli_http_config(cx, cli, &config));
	if (o->token_file)
		HM_TRY(read_token(cx, o->token_file, &out->authorization));
	return http_client_open(cx, &config, &out->http);
}

void cli_graph_server_close(struct cli_graph_server *s)
{
	http_client_close(s->http);
	hm_secret_done(&s->authorization);
}

/* ------------------------------------------------------------------ one request */

#define ADDRESS "the address and port at which the graph is served"

static hm_err explain_failure(struct hm_cx *cx, const struct cli_graph_server *s, hm_err err,
			      bool no_tls)
{
	if (no_tls)
		return hm_hint(cx, hm_fail(cx, HM_SYSTEM, "the server speaks no TLS"),
			       "--server http:%.*s, if that is meant",
			       HM_FMT(hm_from(s->root, strlen("https:"))));
	if (err->code == HM_SYSTEM && !err->hint)
		return hm_hint(cx, err, ADDRESS);
	return err;
}

static hm_err send_request(struct hm_cx *cx, const struct cli_graph_server *s,
			   const struct cli_graph_call *call, struct http_response *out)
{
	const struct http_header authorization = { HM_STR("Authorization"),
						   hm_secret_str(&s->authorization) };
	const struct http_header type = { HM_STR("Content-Type"),
					  HM_STR("application/octet-stream") };
	bool no_tls = false;
	struct http_request r = {
		.method = call->is_post ? "POST" : "GET",
		.url = hm_fmt(cx, "%.*s" CLI_GRAPH_API "%s%s%.*s", HM_FMT(s->root), call->path,
			      call->query.n ? "?" : "", HM_FMT(call->query)),
		.headers = &type,
		.headers_n = call->is_post,
		.given = &authorization,
		.given_n = authorization.value.n > 0,
		.body.bytes = call->body,
		.has_body = call->is_post,
		.no_redirect = true,
		.max_body = HM_MAX_JSON,
		.out_no_tls = &no_tls,
	};
	int64_t before = cx->deadline,
		end = hm_mono() + (int64_t)HM_MAX_GRAPH_ANSWER_SECONDS * HM_SECOND;
	cx->deadline = before && before < end ? before : end;
	hm_err err = http_send(cx, s->http, &r, out);
	cx->deadline = before;
	return err ? explain_failure(cx, s, err, no_tls) : NULL;
}

/* ------------------------------------------------------------------ why it did not answer */

static enum hm_code code_named(struct hm_str name)
{
	for (int code = 1; code < HM_CODES; code++)
		if (hm_eqz(name, hm_code_rows[code].name))
			return (enum hm_code)code;
	return 0;
}

static enum hm_code code_of_status(int status)
{
	if (status == 413 || status == 414 || status == 431)
		return HM_LIMIT;
	if (status == 429 || status == 503 || status == 504)
		return HM_BUSY;
	return status == 507 ? HM_FULL : status / 100 == 4 ? HM_INPUT : HM_SYSTEM;
}

static struct json read_json(struct hm_cx *cx, struct hm_str body)
{
	struct json doc;
	return json_parse(cx, body, JSON_PLAIN, &doc) ? (struct json){ NULL } : doc;
}

static hm_err no_graph(struct hm_cx *cx)
{
	return hm_hint(cx, hm_fail(cx, HM_ABSENT, "there is no knowledge graph"), ADDRESS);
}

/* What the server says; its advice is shown as its own. */
static hm_err say(struct hm_cx *cx, enum hm_code code, struct json doc)
{
	struct hm_str hint = json_str(json_get(doc, "hint"));
	hm_err err = hm_fail(cx, code, "%.*s", HM_FMT(json_str(json_get(doc, "error"))));
	return hint.n ? hm_hint(cx, err, "the server says: %.*s", HM_FMT(hint)) : err;
}

/* Nothing is at this path, or, as an older server has it, the graph does not have what was asked
 * for: its description says which. */
static hm_err explain_absence(struct hm_cx *cx, const struct cli_graph_server *s,
			      struct cli_graph_call *call, struct json doc)
{
	struct cli_graph_call about = { .path = "openapi.json" };
	struct http_response r;
	HM_TRY(send_request(cx, s, &about, &r));
	struct json paths = json_get(read_json(cx, r.body), "paths");
	struct hm_str path = hm_fmt(cx, CLI_GRAPH_API "%s", call->path);
	if (r.status != 200 || !json_is_object(paths))
		return no_graph(cx);
	if (!json_is_there(json_get_str(paths, path)))
		return hm_fail(cx, HM_ABSENT,
			       "the server is older than this program, and cannot be asked this: "
			       "it has no \"%.*s\"",
			       HM_FMT(path));
	call->is_said = true;
	return say(cx, HM_ABSENT, doc);
}

static hm_err explain_login(struct hm_cx *cx, const struct cli_graph_server *s, struct json doc)
{
	struct hm_str why = json_str(json_get(doc, "error"));
	if (s->authorization.bytes.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED, "the server refuses the token%s%.*s",
				       why.n ? ": " : "", HM_FMT(why)),
			       "--token-file with another one, which the server knows");
	return hm_hint(cx, hm_fail(cx, HM_DENIED, "the server needs a login"),
		       "--token-file FILE, or --cert-file FILE --key-file FILE");
}

static hm_err explain_status(struct hm_cx *cx, const struct cli_graph_server *s,
			     struct cli_graph_call *call, const struct http_response *r)
{
	struct json doc = read_json(cx, r->body);
	struct hm_str schema = http_header_get(&r->headers, CLI_GRAPH_SCHEMA_HEADER);
	bool is_here = !call->is_question || hm_eqz(schema, call->schema);
	enum hm_code code = is_here ? code_named(json_str(json_get(doc, "code"))) : 0;
	bool is_why = json_str(json_get(doc, "error")).n > 0;
	if (r->status == 401 || (r->status == 403 && !code))
		return explain_login(cx, s, doc);
	if (r->status / 100 == 3)
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED,
				       "the server sends us elsewhere, which is not followed"),
			       "--server \"%.*s\", if that is meant",
			       HM_FMT(http_header_get(&r->headers, "location")));
	if (r->status == 405)
		return no_graph(cx);
	if (r->status == 404 && !code)
		return explain_absence(cx, s, call, doc);
	if (!is_why)
		return hm_fail(cx, code_of_status(r->status), "the server answered with status %d",
			       r->status);
	call->is_said = true;
	return say(cx, code ? code : code_of_status(r->status), doc);
}

/* ------------------------------------------------------------------ answers */

/* An answer to a question says of what it is; one of an older server does not. */
static hm_err check_question(struct hm_cx *cx, const struct cli_graph_call *call,
			     const struct http_response *r)
{
	struct hm_str said = http_header_get(&r->headers, CLI_GRAPH_SCHEMA_HEADER);
	if (hm_eqz(said, call->schema))
		return NULL;
	if (!said.n && hm_eqz(json_str(json_get(read_json(cx, r->body), "schema")), call->schema))
		return hm_fail(cx, HM_ABSENT,
			       "the server is older than this program, and cannot be asked by it");
	return said.n ? hm_fail(cx, HM_INPUT, "the answer is one of \"%.*s\", and not of \"%s\"",
				HM_FMT(said), call->schema)
		      : no_graph(cx);
}

static hm_err ask(struct hm_cx *cx, struct cli_graph_server *s, struct cli_graph_call *call,
		  struct http_response *out)
{
	HM_TRY(send_request(cx, s, call, out));
	if (out->status != 200)
		return explain_status(cx, s, call, out);
	return call->is_question ? check_question(cx, call, out) : NULL;
}

hm_err cli_graph_server_json(struct hm_cx *cx, struct cli_graph_server *s,
			     struct cli_graph_call *call, struct json *out)
{
	struct http_response r;
	struct json doc;
	HM_TRY(ask(cx, s, call, &r));
	HM_TRY_IN(cx, json_parse(cx, r.body, JSON_NO_DUPLICATES, &doc), "the answer");
	struct hm_str schema = json_str(json_get(doc, "schema"));
	if (!hm_eqz(schema, call->schema))
		return hm_fail(cx, HM_INPUT, "the answer is one of \"%.*s\", and not of \"%s\"",
			       HM_FMT(schema), call->schema);
	*out = doc;
	return NULL;
}

hm_err cli_graph_server_text(struct hm_cx *cx, struct cli_graph_server *s,
			     struct cli_graph_call *call, struct hm_buf *out)
{
	struct http_response r;
	HM_TRY(ask(cx, s, call, &r));
	if (!hm_starts(http_header_get(&r.headers, "content-type"), HM_STR("text/plain")))
		return hm_fail(cx, HM_INPUT, "the answer is not a text");
	while (r.body.n) {
		hm_buf_safe(out, hm_line(&r.body));
		hm_buf_char(out, '\n');
	}
	return NULL;
}
