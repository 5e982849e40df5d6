/* SPDX-License-Identifier: Apache-2.0 */
/* GUAC's REST interface (guacrest), as far as it only reads: /v0/ and /analysis/. */
#include "cli/service_graph.h"

/* Errors are {"Message": ...} there. */
static hm_err answer_message(struct hm_cx *cx, struct http_exchange *x, hm_err err)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	int status = hm_code_rows[err->code].http;
	json_open(&o, NULL, '{');
	json_putz(&o, "Message", err->why);
	json_close(&o, '}');
	cli_graph_say_when(x, status);
	return http_exchange_answer(cx, x, status, "application/json", hm_buf_str(&b));
}

/* ------------------------------------------------------------------ pages */

/* paginationSpec[PageSize]=40&paginationSpec[Cursor]=..., or PageSize and Cursor alone. */
struct paging {
	uint64_t size, from;
};

static struct hm_str find_setting(struct hm_cx *cx, const struct http_exchange *x, const char *name)
{
	struct hm_str value = http_exchange_query(cx, x, hm_fmt(cx, "paginationSpec[%s]", name).p);
	return value.n ? value : http_exchange_query(cx, x, name);
}

static hm_err read_paging(struct hm_cx *cx, const struct http_exchange *x, struct paging *out)
{
	struct hm_str size = find_setting(cx, x, "PageSize");
	struct hm_str cursor = find_setting(cx, x, "Cursor");
	*out = (struct paging){ .size = UINT64_MAX };
	if (size.n && (!hm_u64(size, HM_MAX_GRAPH_ROWS, &out->size) || !out->size))
		return hm_fail(cx, HM_INPUT, "\"PageSize\" is not a number from 1 to %u",
			       (unsigned)HM_MAX_GRAPH_ROWS);
	if (cursor.n && !hm_u64(cursor, HM_MAX_GRAPH_VISITS, &out->from))
		return hm_fail(cx, HM_INPUT, "\"Cursor\" is not one that an answer had");
	return NULL;
}

static void put_purls(struct hm_cx *cx, const struct graph_nodes *all, const struct paging *p,
		      struct json_out *o)
{
	uint64_t end = p->size > all->n - (p->from < all->n ? p->from : all->n) ? all->n
										: p->from + p->size;
	json_open(o, NULL, '{');
	json_open(o, "PaginationInfo", '{');
	json_put_int(o, "TotalCount", (int64_t)all->n);
	if (end < all->n)
		json_put_str(o, "NextCursor", hm_fmt(cx, "%llu", (unsigned long long)end));
	json_close(o, '}');
	json_open(o, "PurlList", '[');
	for (uint64_t i = p->from; i < end; i++)
		json_put_str(o, NULL, all->p[i].key);
	json_close(o, ']');
	json_close(o, '}');
}

/* ------------------------------------------------------------------ answers */

/* What is asked of a package or an artifact. */
struct asked {
	struct hm_str name;
	bool by_digest;
};

static hm_err put_alike(struct hm_cx *cx, struct graph *g, struct http_exchange *x,
			const struct asked *a, struct json_out *o)
{
	struct graph_nodes all = { 0 };
	struct paging paging;
	HM_TRY(read_paging(cx, x, &paging));
	HM_TRY(graph_guac_alike(cx, g, a->name, &all));
	put_purls(cx, &all, &paging, o);
	return NULL;
}

static hm_err put_below(struct hm_cx *cx, struct graph *g, struct http_exchange *x,
			const struct asked *a, struct json_out *o)
{
	struct graph_nodes all = { 0 };
	struct paging paging;
	HM_TRY(read_paging(cx, x, &paging));
	HM_TRY(graph_guac_below(cx, g, a->name, a->by_digest, &all));
	put_purls(cx, &all, &paging, o);
	return NULL;
}

static hm_err put_vulns(struct hm_cx *cx, struct graph *g, struct http_exchange *x,
			const struct asked *a, struct json_out *o)
{
	static const char *const said[] = { "dbUri", "dbVersion", "scannerUri", "scannerVersion",
					    "timeScanned" };
	struct hm_str deep = http_exchange_query(cx, x, "includeDependencies");
	struct graph_guac_vulns all = { 0 };
	if (deep.n && !hm_eqz(deep, "true") && !hm_eqz(deep, "false"))
		return hm_fail(cx, HM_INPUT, "\"includeDependencies\" is neither true nor false");
	HM_TRY(graph_guac_vulns(cx, g, a->name, a->by_digest, hm_eqz(deep, "true"), &all));
	json_open(o, NULL, '[');
	for (size_t i = 0; i < all.n; i++) {
		struct hm_str id = all.p[i].vulnerability, type = hm_cut(&id, '/');
		struct json detail = { NULL };
		if (json_parse(cx, all.p[i].detail, JSON_ANY_NUMBER, &detail))
			detail.v = NULL;
		json_open(o, NULL, '{');
		json_put_str(o, "package", all.p[i].package);
		json_open(o, "vulnerability", '{');
		json_put_str(o, "type", type);
		json_open(o, "vulnerabilityIDs", '[');
		json_put_str(o, NULL, id);
		json_close(o, ']');
		json_close(o, '}');
		json_open(o, "metadata", '{');
		for (size_t k = 0; k < HM_LEN(said); k++)
			json_put_given(o, said[k], json_str(json_get(detail, said[k])));
		json_put_str(o, "origin", all.p[i].origin);
		json_put_str(o, "collector", all.p[i].collector);
		json_close(o, '}');
		json_close(o, '}');
	}
	json_close(o, ']');
	return NULL;
}

static hm_err put_frequent(struct hm_cx *cx, struct graph *g, struct http_exchange *x,
			   const struct asked *a, struct json_out *o)
{
	struct hm_str sort = http_exchange_query(cx, x, "sort");
	struct graph_guac_counts all = { 0 };
	(void)a;
	if (!hm_eqz(sort, "frequency"))
		return hm_fail(cx, HM_INPUT, "\"sort\" is not \"frequency\"");
	HM_TRY(graph_guac_frequent(cx, g, &all));
	json_open(o, NULL, '[');
	for (size_t i = 0; i < all.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "Name", all.p[i].package);
		json_put_int(o, "DependentCount", (int64_t)all.p[i].dependents);
		json_close(o, '}');
	}
	json_close(o, ']');
	return NULL;
}

/* ------------------------------------------------------------------ routes */

/* What stands in the place of "*" is the name; its '/' come as %2F. */
static const struct row {
	const char *head, *tail;
	bool by_digest;
	hm_err (*put)(struct hm_cx *cx, struct graph *g, struct http_exchange *x,
		      const struct asked *a, struct json_out *o);
} rows[] = {
	{ "/v0/package/", "/vulns", false, put_vulns },
	{ "/v0/package/", "/dependencies", false, put_below },
	{ "/v0/package/", "", false, put_alike },
	{ "/v0/artifact/", "/vulns", true, put_vulns },
	{ "/v0/artifact/", "/dependencies", true, put_below },
	{ "/analysis/dependencies", "", false, put_frequent },
};

static const struct row *find_row(struct hm_str path, struct hm_str *out_name)
{
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct hm_str head = hm_cstr(rows[i].head), tail = hm_cstr(rows[i].tail);
		if (!hm_starts(path, head) || !hm_ends(path, tail) || path.n < head.n + tail.n)
			continue;
		*out_name = hm_sub(path, head.n, path.n - head.n - tail.n);
		if ((out_name->n != 0) == hm_ends(head, HM_STR("/")))
			return &rows[i];
	}
	return NULL;
}

static hm_err run_row(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
		      struct hm_buf *b)
{
	struct json_out o = json_out(b, false);
	struct asked a = { 0 };
	struct hm_str text;
	const struct row *row = find_row(http_exchange_path(x), &a.name);
	if (!row)
		return hm_fail(cx, HM_ABSENT, "there is nothing at \"%.*s\"",
			       HM_FMT(http_exchange_path(x)));
	HM_TRY(http_unescape(cx, a.name, false, &a.name));
	a.by_digest = row->by_digest;
	if (a.name.n > HM_MAX_GRAPH_KEY || !hm_is_utf8(a.name) || hm_has_control(a.name))
		return hm_fail(cx, HM_INPUT, "the name is not a text");
	HM_TRY(cli_graph_turn_begin(cx, &s->questions));
	hm_err err = row->put(cx, s->graph, x, &a, &o);
	cli_graph_turn_end(&s->questions);
	HM_TRY(err);
	return hm_buf_end(cx, b, "the answer", &text);
}

bool cli_graph_is_guac(struct hm_str path)
{
	return hm_starts(path, HM_STR("/v0/")) || hm_starts(path, HM_STR("/analysis/"));
}

hm_err cli_graph_guac(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	hm_err err = run_row(cx, s, x, &b);
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	atomic_fetch_add(err ? &s->refused : &s->answered, 1);
	return err ? answer_message(cx, x, err)
		   : http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b));
}
