/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that show the graph, and the files that they need, which are in the program. */
#include "cli/service_graph.h"

/* ------------------------------------------------------------------ files */

static const struct graph_page_file *find_file(struct hm_str path)
{
	for (const struct graph_page_file *f = graph_page_files; f->path; f++)
		if (hm_eqz(path, f->path))
			return f;
	return NULL;
}

bool cli_graph_is_file(struct hm_str path)
{
	return find_file(path) != NULL;
}

static hm_err answer_file(struct hm_cx *cx, struct http_exchange *x,
			  const struct graph_page_file *f)
{
	struct http_state state = { .exists = true, .etag = hm_cstr(f->etag) };
	http_exchange_add_header(x, "ETag", state.etag);
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-cache"));
	if (http_exchange_condition(x, &state) == HTTP_STATE_KNOWN)
		return http_exchange_answer(cx, x, 304, NULL, HM_STR(""));
	return http_exchange_answer(cx, x, 200, f->type, hm_bytes(f->bytes, f->size));
}

/* ------------------------------------------------------------------ pages */

/* What a page asks of the service. */
struct asking {
	const struct graph_service *service;
	struct http_exchange *exchange;
};

static struct hm_str given(struct hm_cx *cx, void *arg, const char *name)
{
	const struct asking *a = arg;
	return http_exchange_query(cx, a->exchange, name);
}

static bool can_ask(void *arg, const char *path)
{
	const struct asking *a = arg;
	for (const struct api_row *row = a->service->api; row->method; row++)
		if (strcmp(row->method, "GET") == 0 && strcmp(row->path, path) == 0)
			return true;
	return false;
}

/* "nodes/{id}/neighbours" with the id of the page's path. */
static struct hm_str question_path(struct hm_cx *cx, const char *question, struct hm_str id)
{
	struct hm_str rest = hm_cstr(question);
	struct hm_str before = hm_cut_str(&rest, HM_STR("{id}"));
	if (before.n == strlen(question))
		return before;
	return hm_fmt(cx, "%.*s%.*s%.*s", HM_FMT(before), HM_FMT(http_escape(cx, id)),
		      HM_FMT(rest));
}

/* What the page is made of. Only the first question must have an answer. */
static void ask_questions(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			  struct graph_page_request *r)
{
	if (!graph_page_is_asked(cx, r))
		return;
	for (size_t i = 0; i < GRAPH_PAGE_QUESTIONS && r->view->questions[i]; i++) {
		struct hm_str path = question_path(cx, r->view->questions[i], r->id);
		hm_err err = cli_graph_ask(cx, s, x, path, &r->answers[i]);
		if (err && i == 0) {
			r->fault = err;
			return;
		}
	}
}

/* A name that stands for one node: its page. */
static struct hm_str page_of_node(struct hm_cx *cx, const struct graph_page_request *r)
{
	struct hm_str id = json_str(json_get(json_get(r->answers[0], "node"), "id"));
	return id.n ? hm_fmt(cx, "/node/%.*s", HM_FMT(http_escape(cx, id))) : HM_STR("");
}

static hm_err answer_view(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			  struct graph_page_request *r)
{
	struct asking asking = { s, x };
	struct hm_str html;
	int status = r->view ? 200 : 404;
	r->given = given;
	r->can_ask = can_ask;
	r->arg = &asking;
	r->has_events = can_ask(&asking, "events");
	r->has_login = s->tokens.n > 0 || s->issuer || s->login->client_names.n > 0;
	if (r->view)
		ask_questions(cx, s, x, r);
	if (r->view && strcmp(r->view->path, "/node") == 0 && page_of_node(cx, r).n) {
		http_exchange_add_header(x, "Location", page_of_node(cx, r));
		return http_exchange_answer(cx, x, 303, NULL, HM_STR(""));
	}
	if (r->fault)
		status = hm_code_rows[r->fault->code].http;
	HM_TRY(graph_page_write(cx, r, &html));
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	cli_graph_say_when(x, status);
	atomic_fetch_add(status < 400 ? &s->answered : &s->refused, 1);
	return http_exchange_answer(cx, x, status, "text/html; charset=utf-8", html);
}

hm_err cli_graph_page(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
		      struct hm_str path)
{
	const struct graph_page_file *f = find_file(path);
	struct graph_page_request r = { 0 };
	if (f)
		return answer_file(cx, x, f);
	r.view = graph_page_find(cx, path, &r.id);
	if (!graph_page_files[0].path && r.view)
		return http_exchange_answer(
			cx, x, 200, "text/plain; charset=utf-8",
			HM_STR("this hullmark was built without the page of the graph (npm was not there);\n"
			       "what it knows is at " API_ROOT "openapi.json and /query\n"));
	if (r.view || (graph_page_files[0].path &&
		       hm_find(http_exchange_header(x, "accept"), HM_STR("text/html")) != SIZE_MAX))
		return answer_view(cx, s, x, &r);
	return hm_fail(cx, HM_ABSENT, "there is nothing at \"%.*s\"", HM_FMT(path));
}
