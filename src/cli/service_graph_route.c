/* SPDX-License-Identifier: Apache-2.0 */
/* From request to answer: which row of the table, which parameters; and the headers of all
 * answers, errors among them. */
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
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	};
	for (size_t i = 0; i < HM_LEN(all); i++)
		http_exchange_add_header(x, all[i].name, hm_cstr(all[i].value));
}

static hm_err answer_error(struct hm_cx *cx, struct http_exchange *x, int status, const char *why,
			   const char *hint)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "error", why);
	json_put_given(&o, "hint", hm_cstr(hint));
	json_close(&o, '}');
	hm_buf_char(&b, '\n');
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	return http_exchange_answer(cx, x, status, "application/json", hm_buf_str(&b));
}

hm_err cli_graph_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	struct graph_service *s = arg;
	atomic_fetch_add(&s->refused, 1);
	return answer_error(cx, x, hm_code_rows[err->code].http, err->why, err->hint);
}

/* ------------------------------------------------------------------ parameters */

static size_t parameter_at(const struct api_call *c, const char *name)
{
	for (size_t i = 0; c->row->parameters[i].name; i++)
		if (strcmp(c->row->parameters[i].name, name) == 0)
			return i;
	abort(); /* the row does not have what its own function asks for */
}

struct hm_str cli_graph_api_text(const struct api_call *c, const char *name)
{
	return c->values[parameter_at(c, name)];
}

uint64_t cli_graph_api_count(const struct api_call *c, const char *name, uint64_t usual)
{
	uint64_t n = usual;
	struct hm_str given = cli_graph_api_text(c, name);
	if (given.n && !hm_u64(given, INT64_MAX, &n))
		return usual;
	return n;
}

bool cli_graph_api_switch(const struct api_call *c, const char *name)
{
	return hm_eqz(cli_graph_api_text(c, name), "true");
}

/* `value` was given for it. */
static hm_err check_parameter(struct hm_cx *cx, const struct api_parameter *p, struct hm_str value)
{
	uint64_t n;
	if (value.n > HM_MAX_GRAPH_KEY)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has more than %u bytes", p->name,
			       (unsigned)HM_MAX_GRAPH_KEY);
	if (!hm_is_utf8(value) || hm_has_control(value))
		return hm_fail(cx, HM_INPUT, "\"%s\" is no text", p->name);
	if (p->kind == API_ID && !hm_u64(value, INT64_MAX, &n))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not the number of a node: \"%.*s\"",
			       p->name, HM_FMT(value));
	if (p->kind == API_COUNT && !hm_u64(value, INT64_MAX, &n))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a number: \"%.*s\"", p->name,
			       HM_FMT(value));
	if (p->kind == API_SWITCH && !hm_eqz(value, "true") && !hm_eqz(value, "false"))
		return hm_fail(cx, HM_INPUT, "\"%s\" is neither true nor false", p->name);
	return NULL;
}

static hm_err read_parameters(struct hm_cx *cx, struct api_call *c)
{
	for (size_t i = 0; c->row->parameters[i].name; i++) {
		const struct api_parameter *p = &c->row->parameters[i];
		struct hm_strs given = { 0 };
		if (!c->values[i].n)
			http_exchange_queries(cx, c->exchange, p->name, &given);
		if (given.n > 1)
			return hm_fail(cx, HM_INPUT, "\"%s\" is given more than once", p->name);
		if (given.n)
			c->values[i] = given.p[0];
		if (c->values[i].n)
			HM_TRY(check_parameter(cx, p, c->values[i]));
		else if (p->is_needed)
			return hm_hint(cx, hm_fail(cx, HM_INPUT, "\"%s\" is missing", p->name),
				       "%s", p->help);
	}
	return NULL;
}

/* Does a path (behind API_ROOT) have the row's form? What stands for "{name}" goes to its value. */
static bool is_of_row(struct hm_cx *cx, struct api_call *c, const struct api_row *row,
		      struct hm_str path)
{
	struct hm_str form = hm_cstr(row->path);
	c->row = row;
	memset(c->values, 0, sizeof(c->values));
	while (form.n || path.n) {
		struct hm_str want = hm_cut(&form, '/'), have = hm_cut(&path, '/');
		if (!want.n || want.p[0] != '{') {
			if (!hm_eq(want, have))
				return false;
			continue;
		}
		const char *name = hm_dupz(cx, hm_sub(want, 1, want.n - 2));
		if (!have.n || http_unescape(cx, have, false, &have) || !have.n)
			return false;
		c->values[parameter_at(c, name)] = have;
	}
	return true;
}

/* ------------------------------------------------------------------ /api/v1 */

static hm_err refuse_stranger(struct hm_cx *cx, struct http_exchange *x)
{
	bool has = http_exchange_header(x, "Authorization").n != 0;
	http_exchange_add_header(x, "WWW-Authenticate", HM_STR("Bearer realm=\"hullmark graph\""));
	return answer_error(
		cx, x, 401, has ? "this token is not known here" : "this needs a token",
		"Authorization: Bearer TOKEN, of the file that the setting \"tokens\" of "
		"the graph names");
}

/* The answer, in `b`. */
static hm_err run_row(struct hm_cx *cx, struct api_call *c, struct hm_buf *b, struct hm_str *out)
{
	struct json_out o = json_out(b, false);
	HM_TRY(read_parameters(cx, c));
	json_open(&o, NULL, '{');
	HM_TRY(c->row->run(cx, c, &o));
	json_close(&o, '}');
	hm_buf_char(b, '\n');
	return hm_buf_end(cx, b, "the answer", out);
}

static hm_err answer_row(struct hm_cx *cx, struct api_call *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_str text;
	if (c->row->needs_login && !cli_graph_is_logged_in(cx, c->service, c->exchange, &c->who))
		return refuse_stranger(cx, c->exchange);
	if (!c->row->schema) {
		HM_TRY(read_parameters(cx, c));
		return c->row->run(cx, c, NULL);
	}
	HM_TRY(run_row(cx, c, &b, &text));
	http_exchange_add_header(c->exchange, "Cache-Control", HM_STR("no-store"));
	atomic_fetch_add(&c->service->answered, 1);
	return http_exchange_answer(cx, c->exchange, 200, "application/json", text);
}

hm_err cli_graph_ask(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
		     struct hm_str path, struct json *out)
{
	struct api_call c = { .service = s, .exchange = x };
	for (const struct api_row *row = s->api; row->method; row++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		struct hm_str text;
		if (strcmp(row->method, "GET") != 0 || !row->schema ||
		    !is_of_row(cx, &c, row, path))
			continue;
		HM_TRY(run_row(cx, &c, &b, &text));
		return json_parse(cx, text, JSON_PLAIN, out);
	}
	return hm_fail(cx, HM_ABSENT, "this cannot be asked yet");
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
	return answer_error(cx, x, 405,
			    hm_say(cx, "this is for %s, not for %.*s", allowed,
				   HM_FMT(http_exchange_method(x)))
				    .p,
			    NULL);
}

static hm_err serve_api(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			struct hm_str path)
{
	struct api_call c = { .service = s, .exchange = x };
	HM_AUTO_BUF allowed = HM_BUF(HM_KIB);
	for (const struct api_row *row = s->api; row->method; row++) {
		if (!is_of_row(cx, &c, row, path))
			continue;
		if (is_for_method(row->method, x))
			return answer_row(cx, &c);
		hm_buf_fmt(&allowed, "%s%s", allowed.n ? ", " : "",
			   strcmp(row->method, "GET") == 0 ? "GET, HEAD" : row->method);
	}
	if (allowed.n)
		return refuse_method(cx, x, hm_dupz(cx, hm_buf_str(&allowed)));
	return hm_hint(cx,
		       hm_fail(cx, HM_ABSENT, "there is nothing at \"%.*s\"",
			       HM_FMT(http_exchange_path(x))),
		       "what there is says " API_ROOT "openapi.json");
}

/* ------------------------------------------------------------------ all paths */

hm_err cli_graph_serve(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct graph_service *s = arg;
	struct hm_str path = http_exchange_path(x), root = HM_STR(API_ROOT);
	add_headers(x);
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
