/* SPDX-License-Identifier: Apache-2.0 */
/* The table of pages. */
#include "graph/page/parts.h"

#include "http/http.h"

const struct graph_page_view graph_page_views[] = {
	{ "/",
	  "Overview",
	  "overview",
	  { "stats", "documents", "dashboard" },
	  { NULL },
	  graph_page_view_overview },
	{ "/search", "Search", "search", { "search" }, { "q" }, graph_page_view_search },
	{ "/node/{id}",
	  "Thing",
	  "graph",
	  { "nodes/{id}", "nodes/{id}/neighbours" },
	  { NULL },
	  graph_page_view_node },
	{ "/node", "Thing", "graph", { "node" }, { "key" }, graph_page_view_named },
	{ "/graph/{id}", "Graph", "graph", { "nodes/{id}" }, { NULL }, graph_page_view_graph },
	{ "/documents",
	  "Documents",
	  "document",
	  { "documents" },
	  { NULL },
	  graph_page_view_documents },
	{ "/documents/{id}",
	  "Document",
	  "document",
	  { "documents/{id}" },
	  { NULL },
	  graph_page_view_document },
	{ "/timeline", "Time line", "time", { "documents" }, { NULL }, graph_page_view_timeline },
	{ "/contains",
	  "Who contains",
	  "package",
	  { "contains" },
	  { "package" },
	  graph_page_view_question },
	{ "/exposed",
	  "Who is exposed",
	  "exposed",
	  { "exposed" },
	  { "vulnerability" },
	  graph_page_view_question },
	{ "/unproven",
	  "What is unproven",
	  "unproven",
	  { "unproven" },
	  { NULL },
	  graph_page_view_question },
	{ "/expiring",
	  "What expires",
	  "identity",
	  { "expiring" },
	  { NULL },
	  graph_page_view_question },
	{ "/diff", "Compare releases", "diff", { "diff" }, { "a", "b" }, graph_page_view_question },
	{ "/dependents",
	  "Dependents",
	  "dependents",
	  { "dependents" },
	  { "package" },
	  graph_page_view_question },
	{ "/radius", "Blast radius", "radius", { "radius" }, { "node" }, graph_page_view_question },
	{ "/path", "Path between", "path", { "path" }, { "from", "to" }, graph_page_view_question },
	{ "/plan",
	  "Rebuild plan",
	  "plan",
	  { "plan" },
	  { "vulnerability" },
	  graph_page_view_question },
	{ "/signed-by",
	  "Signed by",
	  "identity",
	  { "signed-by" },
	  { "identity" },
	  graph_page_view_question },
	{ "/licences",
	  "Licences",
	  "licence",
	  { "licences" },
	  { "name" },
	  graph_page_view_question },
	{ 0 },
};

const struct graph_page_view *graph_page_find(struct hm_cx *cx, struct hm_str path,
					      struct hm_str *out_id)
{
	static const char hole[] = "{id}";
	*out_id = HM_STR("");
	for (const struct graph_page_view *v = graph_page_views; v->path; v++) {
		struct hm_str form = hm_cstr(v->path);
		if (!hm_ends(form, HM_STR("{id}"))) {
			if (hm_eq(form, path))
				return v;
			continue;
		}
		form.n -= sizeof(hole) - 1;
		struct hm_str id = hm_from(path, form.n);
		if (hm_starts(path, form) && id.n && hm_find_char(id, '/') == SIZE_MAX &&
		    !http_unescape(cx, id, false, out_id) && out_id->n)
			return v;
	}
	return NULL;
}

static void put_fault(struct page *p, hm_err fault)
{
	PUT(p, "<div class=\"notice bad\" role=\"alert\">");
	graph_page_icon(p, "vulnerability");
	PUT(p, "<div><p>$</p>", hm_cstr(fault->why));
	if (fault->hint)
		PUT(p, "<p>$</p>", hm_cstr(fault->hint));
	PUT(p, "</div></div>");
}

static void put_nowhere(struct page *p)
{
	PUT(p, "<div class=\"head\"><h1>There is no such page</h1></div><section class=\"card\">");
	graph_page_empty(p, "search", "Nothing is at this address", "Search for it instead.", NULL);
	PUT(p, "</section>");
}

hm_err graph_page_write(struct hm_cx *cx, const struct graph_page_request *r, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct page p = { .cx = cx, .to = &b, .r = r, .views = graph_page_views };
	graph_page_begin(&p);
	if (!r->view)
		put_nowhere(&p);
	else
		r->view->write(&p);
	if (r->fault)
		put_fault(&p, r->fault);
	graph_page_end(&p);
	HM_TRY(hm_buf_end(cx, &b, "the page", out));
	*out = hm_dup(cx, *out);
	return NULL;
}
