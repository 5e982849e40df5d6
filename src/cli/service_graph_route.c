/* SPDX-License-Identifier: Apache-2.0 */
/* From request to answer: which row of the table, which parameters; and the headers of all
 * answers, errors among them. */
#include "cli/graph_question.h"
#include "cli/service_graph.h"

/* ------------------------------------------------------------------ headers and errors */

static void add_headers(struct http_exchange *x)
{
	static const struct {
		const char *name, *value;
	} all[] = {
		/* nothing of another host, no script or style that stands in a page; the page's one
		 * policy allows the address of its worker */
		{ "Content-Security-Policy",
		  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
		  "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
		  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
		  "trusted-types page" },
		{ "X-Frame-Options", "DENY" },
		/* with "no-referrer" browsers send forms with "Origin: null", which is nobody's */
		{ "Referrer-Policy", "same-origin" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	};
	for (size_t i = 0; i < HM_LEN(all); i++)
		http_exchange_add_header(x, all[i].name, hm_cstr(all[i].value));
}

/* What `code` is NULL of has no answer here, whatever is asked. */
struct refusal {
	int status;
	const char *code, *why, *hint;
};

static hm_err answer_error(struct hm_cx *cx, struct http_exchange *x, const struct refusal *r)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "error", r->why);
	json_put_given(&o, "hint", hm_cstr(r->hint));
	json_put_given(&o, "code", hm_cstr(r->code));
	json_close(&o, '}');
	hm_buf_char(&b, '\n');
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	cli_graph_say_when(x, r->status);
	return http_exchange_answer(cx, x, r->status, "application/json", hm_buf_str(&b));
}

hm_err cli_graph_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	struct graph_service *s = arg;
	atomic_fetch_add(&s->refused, 1);
	return answer_error(cx, x,
			    &(struct refusal){ hm_code_rows[err->code].http,
					       hm_code_rows[err->code].name, err->why, err->hint });
}

/* ------------------------------------------------------------------ /api/v1 */

/* `err`: what is wrong with what was shown; NULL: nothing was shown. */
static hm_err refuse_stranger(struct hm_cx *cx, struct http_exchange *x, hm_err err)
{
	int status = !err || err->code == HM_TRUST || err->code == HM_INPUT
			     ? 401
			     : hm_code_rows[err->code].http;
	if (status == 401)
		http_exchange_add_header(x, "WWW-Authenticate",
					 HM_STR("Bearer realm=\"hullmark graph\""));
	return answer_error(
		cx, x,
		&(struct refusal){
			status, NULL, err ? err->why : "this needs a token",
			"Authorization: Bearer TOKEN, of the file that the setting \"tokens\" of "
			"the graph names, or of the issuer of \"oidc\"; or a certificate that "
			"\"clients\" names" });
}

/* Who asks for something that needs a login; a fault is an answer already where *out_answered. */
static hm_err need_caller(struct hm_cx *cx, struct api_call *c, bool *out_answered)
{
	hm_err err = cli_graph_caller(cx, c->service, c->exchange, &c->who);
	*out_answered = err || !c->who.n;
	if (!*out_answered)
		return NULL;
	atomic_fetch_add(&c->service->refused, 1);
	return refuse_stranger(cx, c->exchange, err);
}

static hm_err answer_good(struct hm_cx *cx, struct api_call *c, const char *type,
			  struct hm_buf *text)
{
	http_exchange_add_header(c->exchange, "Cache-Control", HM_STR("no-store"));
	atomic_fetch_add(&c->service->answered, 1);
	return http_exchange_answer_buf(cx, c->exchange, 200, type, text);
}

/* In the form that is asked for; what it answers is said for those who cannot read it in a text. */
static hm_err answer_question(struct hm_cx *cx, struct api_call *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_str text;
	bool wants_text;
	/* with faults, too: so it is known that the question is here */
	http_exchange_add_header(c->exchange, CLI_GRAPH_SCHEMA_HEADER,
				 hm_cstr(c->row->question->answer->schema));
	HM_TRY(cli_graph_api_read(cx, c));
	/* before it has its turn: who sends slowly waits alone */
	if (c->row->question->max_body)
		HM_TRY(http_exchange_body(cx, c->exchange, c->row->question->max_body, &c->body));
	wants_text = hm_eqz(cli_graph_api_given(c, "format"), "text");
	if (wants_text)
		HM_TRY(cli_graph_api_words(cx, c, &b));
	else
		HM_TRY(cli_graph_api_run(cx, c, &b, &text));
	HM_TRY(hm_buf_end(cx, &b, "the answer", &text));
	return answer_good(cx, c, wants_text ? "text/plain; charset=utf-8" : "application/json",
			   &b);
}

static hm_err answer_row(struct hm_cx *cx, struct api_call *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_str text;
	bool answered = false;
	if (c->row->needs_login)
		HM_TRY(need_caller(cx, c, &answered));
	if (answered)
		return NULL;
	if (!c->row->schema) {
		HM_TRY(cli_graph_api_read(cx, c));
		return c->row->run(cx, c, NULL);
	}
	if (c->row->question)
		return answer_question(cx, c);
	HM_TRY(cli_graph_api_run(cx, c, &b, &text));
	return answer_good(cx, c, "application/json", &b);
}

/* Is it the method that the row is for? HEAD is a GET. */
static bool is_for_method(const char *method, const struct http_exchange *x)
{
	struct hm_str given = http_exchange_method(x);
	return hm_eqz(given, method) || (hm_eqz(given, "HEAD") && strcmp(method, "GET") == 0);
}

static hm_err refuse_method(struct hm_cx *cx, struct http_exchange *x, const char *allowed)
{
	http_exchange_add_header(x, "Allow", hm_cstr(allowed));
	return answer_error(cx, x,
			    &(struct refusal){ .status = 405,
					       .why = hm_say(cx, "this is for %s, not for %.*s",
							     allowed,
							     HM_FMT(http_exchange_method(x)))
							      .p });
}

static hm_err serve_api(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			struct hm_str path)
{
	struct api_call c = { .service = s, .exchange = x };
	HM_AUTO_BUF allowed = HM_BUF(HM_KIB);
	for (const struct api_row *row = s->api; row->method; row++) {
		if (!cli_graph_api_is(cx, &c, row, path))
			continue;
		if (is_for_method(row->method, x))
			return answer_row(cx, &c);
		hm_buf_fmt(&allowed, "%s%s", allowed.n ? ", " : "",
			   strcmp(row->method, "GET") == 0 ? "GET, HEAD" : row->method);
	}
	if (allowed.n)
		return refuse_method(cx, x, hm_dupz(cx, hm_buf_str(&allowed)));
	atomic_fetch_add(&s->refused, 1);
	return answer_error(cx, x,
			    &(struct refusal){ .status = 404,
					       .why = hm_say(cx, "there is nothing at \"%.*s\"",
							     HM_FMT(http_exchange_path(x)))
							      .p,
					       .hint = "what there is says " API_ROOT
						       "openapi.json" });
}

/* ------------------------------------------------------------------ all paths */

/* Where reading needs a login: may it be read? A browser gets a form, others a status. */
static hm_err need_reader(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			  bool *out_answered)
{
	struct hm_str who;
	hm_err err = cli_graph_caller(cx, s, x, &who);
	if (!err && !who.n)
		who = cli_graph_cookie_of(cx, s, x);
	*out_answered = err || !who.n;
	if (!*out_answered)
		return NULL;
	atomic_fetch_add(&s->refused, 1);
	if (!err && is_for_method("GET", x) &&
	    hm_find(http_exchange_header(x, "accept"), HM_STR("text/html")) != SIZE_MAX)
		return cli_graph_ask_login(cx, s, x, 401, NULL);
	return refuse_stranger(cx, x, err);
}

/* How somebody logs in, where reading needs that; all else is for who has. */
static hm_err serve_login(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			  bool *out_answered)
{
	struct hm_str path = http_exchange_path(x);
	*out_answered = true;
	if (cli_graph_is_login(path))
		return is_for_method("GET", x) || is_for_method("POST", x)
			       ? cli_graph_log_in(cx, s, x)
			       : refuse_method(cx, x, "GET, HEAD, POST");
	if (cli_graph_is_issuer(s, path))
		return is_for_method("GET", x) ? cli_graph_by_issuer(cx, s, x)
					       : refuse_method(cx, x, "GET, HEAD");
	*out_answered = false;
	return cli_graph_is_file(path) ? NULL : need_reader(cx, s, x, out_answered);
}

hm_err cli_graph_serve(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct graph_service *s = arg;
	struct hm_str path = http_exchange_path(x), root = HM_STR(API_ROOT);
	bool answered = false;
	add_headers(x);
	if (s->login->to_read)
		HM_TRY(serve_login(cx, s, x, &answered));
	if (answered)
		return NULL;
	if (hm_starts(path, root))
		return serve_api(cx, s, x, hm_from(path, root.n));
	if (hm_eqz(path, "/query") || hm_eqz(path, "/graphql"))
		return is_for_method("GET", x) || is_for_method("POST", x)
			       ? cli_graph_query(cx, s, x)
			       : refuse_method(cx, x, "GET, HEAD, POST");
	if (!is_for_method("GET", x))
		return refuse_method(cx, x, "GET, HEAD");
	if (cli_graph_is_guac(path))
		return cli_graph_guac(cx, s, x);
	return cli_graph_page(cx, s, x, path);
}
