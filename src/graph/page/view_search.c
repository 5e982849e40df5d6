/* SPDX-License-Identifier: Apache-2.0 */
/* What was found by words. */
#include "graph/page/parts.h"

static void put_found(struct page *p, struct json nodes)
{
	PUT(p, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"What was found\">"
	       "<table><caption class=\"unseen\">What was found</caption><thead><tr>"
	       "<th scope=\"col\">Name</th><th scope=\"col\">Kind</th><th scope=\"col\">Key</th>"
	       "</tr></thead><tbody>");
	for (struct json_iter it = json_iter(nodes); json_next(&it);) {
		PUT(p, "<tr><td>");
		graph_page_noun(p, it.value);
		PUT(p, "</td><td class=\"narrow\">$</td><td class=\"key\"><bdi>$</bdi></td></tr>",
		    hm_cstr(graph_page_kind(json_str(json_get(it.value, "kind")))->words),
		    json_str(json_get(it.value, "key")));
	}
	PUT(p, "</tbody></table></div>");
}

void graph_page_view_search(struct page *p)
{
	struct json answer = p->r->answers[0], nodes = json_get(answer, "nodes");
	struct hm_str words = graph_page_given(p, "q");
	if (!words.n) {
		PUT(p, "<div class=\"head\"><h1>Search</h1></div><section class=\"card\">");
		graph_page_empty(
			p, "search", "What are you looking for?",
			"A package, a purl, a digest, a CVE, an image, an identity: parts of "
			"words do.",
			NULL);
		PUT(p, "</section>");
		return;
	}
	PUT(p, "<div class=\"head\"><h1>Search: <bdi>$</bdi></h1></div>", words);
	if (p->r->fault)
		return;
	graph_page_cut(p, answer);
	graph_page_card_begin(p, "found", "Found", (int64_t)json_size(nodes));
	if (json_size(nodes))
		put_found(p, nodes);
	else
		graph_page_empty(p, "search", "Nothing has these words",
				 "What is in the graph comes from documents:",
				 "hullmark graph ingest PATH");
	graph_page_card_end(p);
}
