/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: all, one, and when they came. */
#include "graph/page/parts.h"

static const char ingest[] = "hullmark graph ingest PATH";

/* "2026-11-27T16:20:00Z": the day, and the time of it. */
static void put_time(struct page *p, struct hm_str at)
{
	PUT(p, "<time datetime=\"$\">$ $</time>", at, hm_sub(at, 0, 10), hm_sub(at, 11, 5));
}

static void put_rows(struct page *p, struct json documents)
{
	PUT(p,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Documents\"><table>"
	    "<caption class=\"unseen\">Documents</caption><thead><tr>"
	    "<th scope=\"col\">Document</th><th scope=\"col\">Format</th>"
	    "<th scope=\"col\">From</th><th scope=\"col\">Signer</th>"
	    "<th scope=\"col\">Belief</th><th scope=\"col\" class=\"number\">Bytes</th>"
	    "<th scope=\"col\">Came</th></tr></thead><tbody>");
	for (struct json_iter it = json_iter(documents); json_next(&it);) {
		struct json d = it.value, signer = json_get(d, "signer");
		int64_t size = 0;
		json_int(json_get(d, "size"), &size);
		PUT(p, "<tr><td>");
		graph_page_digest(p, json_str(json_get(d, "digest")));
		PUT(p, "</td><td class=\"narrow\">$</td><td><bdi>$</bdi></td><td>",
		    json_str(json_get(d, "format")), json_str(json_get(d, "origin")));
		if (json_is_there(signer))
			graph_page_value(p, HM_STR("signer"), signer);
		else
			PUT(p, "<span class=\"muted\">nobody</span>");
		PUT(p, "</td><td>");
		graph_page_belief(p, json_get(d, "belief"));
		PUT(p, "</td><td class=\"number\" data-sort=\"$\">$</td><td class=\"narrow\">",
		    hm_fmt(p->cx, "%lld", (long long)size), graph_page_number(p, size));
		put_time(p, json_str(json_get(d, "taken")));
		PUT(p, "</td></tr>");
	}
	PUT(p, "</tbody></table></div>");
}

/* Where the next page begins: the answer says it, or its last document does. */
static struct hm_str next_of(struct json answer)
{
	struct json documents = json_get(answer, "documents");
	struct hm_str next = json_str(json_get(answer, "next"));
	if (next.n || !json_bool(json_get(answer, "cut")))
		return next;
	return json_str(json_get(json_at(documents, json_size(documents) - 1), "id"));
}

/* Whoever has a token may give a document to the graph; scripts send it. */
static void put_upload(struct page *p)
{
	PUT(p, "<section class=\"card\" aria-labelledby=\"title-add\" data-upload hidden><header>"
	       "<h2 id=\"title-add\">Add a document</h2></header><form class=\"ask\">"
	       "<div class=\"field\"><label for=\"add-file\">File</label>"
	       "<input type=\"file\" id=\"add-file\" required></div>"
	       "<div class=\"field\"><label for=\"add-token\">Token</label>"
	       "<input type=\"password\" id=\"add-token\" autocomplete=\"current-password\" "
	       "required></div><button class=\"button main-action\">Add</button></form>"
	       "<p class=\"body\" data-upload-said></p></section>");
}

void graph_page_view_documents(struct page *p)
{
	struct json answer = p->r->answers[0], documents = json_get(answer, "documents");
	struct hm_str next = next_of(answer);
	PUT(p, "<div class=\"head\"><h1>Documents</h1><p class=\"lead\">All that is known was said "
	       "by one of these.</p></div>");
	if (p->r->fault)
		return;
	if (p->r->has_login)
		put_upload(p);
	graph_page_card_begin(p, "documents", "Documents", (int64_t)json_size(documents));
	if (json_size(documents))
		put_rows(p, documents);
	else
		graph_page_empty(p, "document", "There are no documents yet",
				 "SBOMs, attestations, VEX and reports go in with:", ingest);
	if (next.n && !hm_eqz(next, "0"))
		PUT(p, "<p class=\"pages\"><a href=\"/documents?after=%\">Next</a></p>", next);
	graph_page_card_end(p);
}

void graph_page_view_document(struct page *p)
{
	static const char *const but[] = { "schema", "id", "document", "cut", NULL };
	struct json answer = p->r->answers[0], inner = json_get(answer, "document");
	struct json d = json_is_object(inner) ? inner : answer;
	if (p->r->fault)
		return;
	PUT(p, "<div class=\"head\"><p class=\"kind\">");
	graph_page_icon(p, "document");
	PUT(p, "document</p><h1>$</h1><p class=\"key muted\">$</p></div>",
	    json_str(json_get(d, "format")), json_str(json_get(d, "digest")));
	graph_page_card_begin(p, "known", "At a glance", -1);
	PUT(p, "<div class=\"body\">");
	graph_page_terms(p, d, but);
	PUT(p, "</div>");
	graph_page_card_end(p);
}

/* ------------------------------------------------------------------ the time line */

struct day {
	struct hm_str date;
	int64_t n;
};

/* The days on which documents came, in the answer's order. */
static size_t count_days(struct json documents, struct day *days, size_t max)
{
	size_t n = 0;
	for (struct json_iter it = json_iter(documents); json_next(&it);) {
		struct hm_str date = hm_sub(json_str(json_get(it.value, "taken")), 0, 10);
		size_t i = 0;
		while (i < n && !hm_eq(days[i].date, date))
			i++;
		if (i == max)
			continue;
		if (i == n)
			days[n++] = (struct day){ .date = date };
		days[i].n++;
	}
	return n;
}

static void put_bars(struct page *p, const struct day *days, size_t n)
{
	enum { WIDTH = 24, HEIGHT = 80 };
	int64_t most = 1;
	for (size_t i = 0; i < n; i++)
		if (days[i].n > most)
			most = days[i].n;
	PUT(p,
	    "<svg class=\"bars\" viewBox=\"0 0 $ 84\" preserveAspectRatio=\"xMinYMax meet\" "
	    "role=\"img\" aria-label=\"Documents of each day; the list below has the same\">",
	    hm_fmt(p->cx, "%zu", n * WIDTH < 400 ? 400 : n * WIDTH));
	for (size_t i = 0; i < n; i++) {
		int64_t height = days[i].n * HEIGHT / most;
		if (height < 2)
			height = 2;
		PUT(p,
		    "<rect x=\"$\" y=\"$\" width=\"18\" height=\"$\" rx=\"2\"><title>$: $</title>"
		    "</rect>",
		    hm_fmt(p->cx, "%zu", i * WIDTH),
		    hm_fmt(p->cx, "%lld", (long long)(84 - height)),
		    hm_fmt(p->cx, "%lld", (long long)height), days[i].date,
		    graph_page_number(p, days[i].n));
	}
	PUT(p, "</svg>");
}

void graph_page_view_timeline(struct page *p)
{
	enum { DAYS = 90 };
	struct json answer = p->r->answers[0], documents = json_get(answer, "documents");
	struct day *days = hm_new(p->cx, struct day, DAYS);
	struct hm_str next = next_of(answer);
	PUT(p, "<div class=\"head\"><h1>Time line</h1><p class=\"lead\">What came into the graph, "
	       "and when.</p></div>");
	if (p->r->fault)
		return;
	graph_page_card_begin(p, "line", "Documents", (int64_t)json_size(documents));
	if (!json_size(documents)) {
		graph_page_empty(p, "time", "Nothing has come yet",
				 "Documents go in with:", ingest);
		graph_page_card_end(p);
		return;
	}
	PUT(p, "<div class=\"body\">");
	put_bars(p, days, count_days(documents, days, DAYS));
	PUT(p, "</div><ol class=\"line\">");
	for (struct json_iter it = json_iter(documents); json_next(&it);) {
		PUT(p, "<li>");
		put_time(p, json_str(json_get(it.value, "taken")));
		PUT(p, "<div>");
		graph_page_source(p, it.value);
		PUT(p, "</div></li>");
	}
	PUT(p, "</ol>");
	if (next.n && !hm_eqz(next, "0"))
		PUT(p, "<p class=\"pages\"><a href=\"/timeline?after=%\">Next</a></p>", next);
	graph_page_card_end(p);
}
