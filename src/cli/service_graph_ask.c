/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the table of /api/v1 is asked: by a client, or by a page that shows the answer. */
#include "cli/service_graph.h"

/* ------------------------------------------------------------------ parameters */

static size_t find_parameter(const struct api_call *c, const char *name)
{
	for (size_t i = 0; c->row->parameters[i].name; i++)
		if (strcmp(c->row->parameters[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t parameter_at(const struct api_call *c, const char *name)
{
	size_t i = find_parameter(c, name);
	if (i == SIZE_MAX)
		abort(); /* the row does not have what its own function asks for */
	return i;
}

struct hm_str cli_graph_api_given(const struct api_call *c, const char *name)
{
	size_t i = find_parameter(c, name);
	return i == SIZE_MAX ? HM_STR("") : c->values[i];
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
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a text", p->name);
	if (p->kind == API_ID && !hm_u64(value, INT64_MAX, &n))
		return hm_fail(cx, HM_USAGE, "\"%s\" is not the number of a node: \"%.*s\"",
			       p->name, HM_FMT(value));
	if (p->kind == API_COUNT && !hm_u64(value, INT64_MAX, &n))
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a number: \"%.*s\"", p->name,
			       HM_FMT(value));
	if (p->kind == API_SWITCH && !hm_eqz(value, "true") && !hm_eqz(value, "false"))
		return hm_fail(cx, HM_USAGE, "\"%s\" is neither true nor false", p->name);
	if (p->kind == API_FORMAT && !hm_eqz(value, "json") && !hm_eqz(value, "text"))
		return hm_fail(cx, HM_USAGE, "\"%s\" is neither json nor text", p->name);
	return NULL;
}

hm_err cli_graph_api_read(struct hm_cx *cx, struct api_call *c)
{
	for (size_t i = 0; c->row->parameters[i].name; i++) {
		const struct api_parameter *p = &c->row->parameters[i];
		struct hm_strs given = { 0 };
		if (!c->values[i].n)
			http_exchange_queries(cx, c->exchange, p->name, &given);
		if (given.n > 1)
			return hm_fail(cx, HM_USAGE, "\"%s\" is given more than once", p->name);
		if (given.n)
			c->values[i] = given.p[0];
		if (c->values[i].n)
			HM_TRY(check_parameter(cx, p, c->values[i]));
		else if (p->is_needed)
			return hm_hint(cx, hm_fail(cx, HM_USAGE, "\"%s\" is missing", p->name),
				       "%s", p->help);
	}
	return NULL;
}

bool cli_graph_api_is(struct hm_cx *cx, struct api_call *c, const struct api_row *row,
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

/* ------------------------------------------------------------------ answers */

hm_err cli_graph_api_run(struct hm_cx *cx, struct api_call *c, struct hm_buf *b, struct hm_str *out)
{
	struct json_out o = json_out(b, false);
	struct graph_turns *turns =
		c->row->needs_login ? &c->service->takes : &c->service->questions;
	HM_TRY(cli_graph_api_read(cx, c));
	o.again = hm_new(cx, struct json_again, 1);
	json_open(&o, NULL, '{');
	HM_TRY(cli_graph_turn_begin(cx, turns));
	hm_err err = c->row->run(cx, c, &o);
	cli_graph_turn_end(turns);
	HM_TRY(err);
	json_close(&o, '}');
	hm_buf_char(b, '\n');
	return hm_buf_end(cx, b, "the answer", out);
}

hm_err cli_graph_ask(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
		     struct hm_str path, struct json *out)
{
	struct api_call c = { .service = s, .exchange = x };
	for (const struct api_row *row = s->api; row->method; row++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		struct hm_str text;
		if (strcmp(row->method, "GET") != 0 || !row->schema ||
		    !cli_graph_api_is(cx, &c, row, path))
			continue;
		HM_TRY(cli_graph_api_run(cx, &c, &b, &text));
		return json_parse(cx, text, JSON_PLAIN, out);
	}
	return hm_fail(cx, HM_ABSENT, "this cannot be asked yet");
}
