/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL over HTTP, as GUAC's server answers it: at /query, and at /graphql. */
#include "cli/service_graph.h"

struct asked {
	struct graph_graphql_request q;
	struct json doc;
};

static hm_err read_members(struct hm_cx *cx, struct json doc, struct asked *a)
{
	struct json variables = json_get(doc, "variables");
	if (!json_is_object(doc) || !json_is_string(json_get(doc, "query")))
		return hm_fail(cx, HM_INPUT, "\"query\" is missing");
	if (json_is_there(variables) && !json_is_null(variables) && !json_is_object(variables))
		return hm_fail(cx, HM_INPUT, "\"variables\" is not an object");
	a->q.query = json_str(json_get(doc, "query"));
	a->q.operation = json_str(json_get(doc, "operationName"));
	a->q.variables = variables;
	return NULL;
}

static hm_err read_get(struct hm_cx *cx, struct http_exchange *x, struct asked *a)
{
	struct hm_str variables = http_exchange_query(cx, x, "variables");
	a->q.query = http_exchange_query(cx, x, "query");
	a->q.operation = http_exchange_query(cx, x, "operationName");
	if (!a->q.query.n)
		return hm_fail(cx, HM_INPUT, "\"query\" is missing");
	if (variables.n)
		HM_TRY_IN(cx, json_parse(cx, variables, JSON_ANY_NUMBER, &a->q.variables),
			  "\"variables\"");
	return NULL;
}

static hm_err read_request(struct hm_cx *cx, struct http_exchange *x, struct asked *a)
{
	struct hm_str type = http_exchange_header(x, "Content-Type"), body;
	if (!hm_eqz(http_exchange_method(x), "POST"))
		return read_get(cx, x, a);
	type = hm_lower(cx, hm_trim(hm_cut(&type, ';')));
	HM_TRY(http_exchange_body(cx, x, 2 * HM_MAX_GRAPHQL, &body));
	if (hm_eqz(type, "application/graphql")) {
		a->q.query = body;
		return NULL;
	}
	if (!hm_eqz(type, "application/json"))
		return hm_fail(cx, HM_INPUT, "a request of GraphQL is application/json");
	HM_TRY(json_parse(cx, body, JSON_ANY_NUMBER, &a->doc));
	return read_members(cx, a->doc, a);
}

/* {"errors":[...],"data":null}: 422 where the query is at fault, as GUAC has it. */
static hm_err answer_error(struct hm_cx *cx, struct http_exchange *x, hm_err err)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	int status = hm_code_rows[err->code].http;
	if (err->code == HM_INPUT || err->code == HM_LIMIT)
		status = 422;
	if (err->code == HM_ABSENT)
		status = 200;
	json_open(&o, NULL, '{');
	json_open(&o, "errors", '[');
	json_open(&o, NULL, '{');
	json_putz(&o, "message", err->why);
	if (err->hint) {
		json_open(&o, "extensions", '{');
		json_putz(&o, "hint", err->hint);
		json_close(&o, '}');
	}
	json_close(&o, '}');
	json_close(&o, ']');
	json_put_null(&o, "data");
	json_close(&o, '}');
	cli_graph_say_when(x, status);
	return http_exchange_answer(cx, x, status, "application/json", hm_buf_str(&b));
}

static hm_err run_in_turn(struct hm_cx *cx, struct graph_service *s, const struct asked *a,
			  struct hm_buf *b)
{
	HM_TRY(cli_graph_turn_begin(cx, &s->questions));
	hm_err err = graph_graphql(cx, s->graph, &a->q, b);
	cli_graph_turn_end(&s->questions);
	return err;
}

/* They take memory, so that there are not too many at a time. */
static hm_err run_query(struct hm_cx *cx, struct graph_service *s, const struct asked *a,
			struct hm_buf *b)
{
	hm_err err;
	if (atomic_fetch_add(&s->queries, 1) < GRAPH_QUERIES)
		err = run_in_turn(cx, s, a, b);
	else
		err = hm_fail(cx, HM_BUSY, "too many queries are under way: ask again");
	atomic_fetch_sub(&s->queries, 1);
	return err;
}

hm_err cli_graph_query(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct asked a = { 0 };
	hm_err err = read_request(cx, x, &a);
	if (!err)
		err = run_query(cx, s, &a, &b);
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	atomic_fetch_add(err ? &s->refused : &s->answered, 1);
	return err ? answer_error(cx, x, err)
		   : http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b));
}
