/* SPDX-License-Identifier: Apache-2.0 */
/* The first page: how much there is, and what needs somebody. */
#include "graph/page/parts.h"

static int64_t number_of(struct json object, const char *key)
{
	int64_t n = 0;
	json_int(json_get(object, key), &n);
	return n;
}

static void put_figure(struct page *p, const char *words, int64_t n)
{
	PUT(p, "<div><dt>$</dt><dd>$</dd></div>", hm_cstr(words), graph_page_number(p, n));
}

static int64_t sum_of(struct json object)
{
	int64_t sum = 0, n;
	for (struct json_iter it = json_iter(object); json_next(&it);)
		if (json_int(it.value, &n))
			sum += n;
	return sum;
}

static void put_figures(struct page *p, struct json stats)
{
	struct json nodes = json_get(stats, "nodes"), edges = json_get(stats, "edges");
	PUT(p, "<dl class=\"figures\" id=\"figures\" data-live>");
	put_figure(p, "documents", number_of(stats, "documents"));
	put_figure(p, "packages", number_of(nodes, "package"));
	put_figure(p, "artifacts", number_of(nodes, "artifact"));
	put_figure(p, "vulnerabilities", number_of(nodes, "vulnerability"));
	put_figure(p, "identities", number_of(nodes, "identity"));
	put_figure(p, "facts", sum_of(edges));
	PUT(p, "</dl>");
}

/* The head of a table in a card. */
static void begin_table(struct page *p, const char *caption, const char *const *headings)
{
	PUT(p,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"$\"><table>"
	    "<caption class=\"unseen\">$</caption><thead><tr>",
	    hm_cstr(caption), hm_cstr(caption));
	for (size_t i = 0; headings[i]; i++)
		PUT(p, "<th scope=\"col\">$</th>", hm_cstr(headings[i]));
	PUT(p, "</tr></thead><tbody>");
}

static void end_table(struct page *p)
{
	PUT(p, "</tbody></table></div>");
	graph_page_card_end(p);
}

static struct hm_str day_of(struct json at)
{
	return hm_sub(json_str(at), 0, 10);
}

static void put_hits(struct page *p, const char *id, const char *title, struct json hits)
{
	static const char *const headings[] = { "Vulnerability", "Packages", "Since", "Exposed",
						NULL };
	graph_page_card_begin(p, id, title, (int64_t)json_size(hits));
	if (!json_size(hits)) {
		graph_page_empty(
			p, "check", "No document has found a vulnerability",
			"Reports of scans go in with:",
			"hullmark scan IMAGE -o json=REPORT && hullmark graph ingest REPORT");
		graph_page_card_end(p);
		return;
	}
	begin_table(p, title, headings);
	for (struct json_iter it = json_iter(hits); json_next(&it);) {
		struct json v = json_get(it.value, "vulnerability");
		PUT(p, "<tr><td>");
		graph_page_noun(p, v);
		PUT(p,
		    "</td><td class=\"number\">$</td><td class=\"narrow\">$</td><td class=\"narrow\">"
		    "<a href=\"/exposed?vulnerability=%\">Who is exposed</a></td></tr>",
		    graph_page_number(p, number_of(it.value, "packages")),
		    day_of(json_get(it.value, "since")), json_str(json_get(v, "label")));
	}
	end_table(p);
}

static void put_ages(struct page *p, struct json ages)
{
	static const char *const headings[] = { "Evidence", "Documents", "Newest",
						"Older than 30 days", NULL };
	static const struct {
		const char *kind, *words;
	} all[] = { { "hasSBOM", "SBOMs" },
		    { "certifyVuln", "Vulnerability reports" },
		    { "hasSLSA", "Provenance" },
		    { "certifyVEXStatement", "VEX statements" } };
	graph_page_card_begin(p, "ages", "Age of the evidence", -1);
	begin_table(p, "Age of the evidence", headings);
	for (struct json_iter it = json_iter(ages); json_next(&it);) {
		struct hm_str kind = json_str(json_get(it.value, "kind"));
		int64_t old = number_of(it.value, "old"), n = number_of(it.value, "documents");
		for (size_t i = 0; i < HM_LEN(all); i++)
			if (hm_eqz(kind, all[i].kind))
				kind = hm_cstr(all[i].words);
		PUT(p,
		    "<tr><td>$</td><td class=\"number\">$</td><td class=\"narrow\">$</td>"
		    "<td class=\"narrow\">",
		    kind, graph_page_number(p, n),
		    n ? day_of(json_get(it.value, "newest")) : HM_STR("none yet"));
		if (old)
			graph_page_badge(p, "warn", NULL,
					 hm_fmt(p->cx, "%lld old", (long long)old));
		else
			graph_page_badge(p, n ? "good" : "", NULL,
					 n ? HM_STR("all fresh") : HM_STR("none"));
		PUT(p, "</td></tr>");
	}
	end_table(p);
}

static void put_endings(struct page *p, struct json endings)
{
	static const char *const headings[] = { "Identity", "Ends", NULL };
	graph_page_card_begin(p, "endings", "Keys and certificates that end",
			      (int64_t)json_size(endings));
	if (!json_size(endings)) {
		graph_page_empty(p, "identity", "Nothing is known of keys that end",
				 "Signers become known when their signatures are read:",
				 "hullmark graph ingest REGISTRY/IMAGE");
		graph_page_card_end(p);
		return;
	}
	begin_table(p, "Keys and certificates that end", headings);
	for (struct json_iter it = json_iter(endings); json_next(&it);) {
		PUT(p, "<tr><td>");
		graph_page_noun(p, json_get(it.value, "identity"));
		PUT(p, "</td><td class=\"narrow\">$</td></tr>", day_of(json_get(it.value, "ends")));
	}
	PUT(p,
	    "</tbody></table></div><p class=\"pages\"><a href=\"/expiring\">What hangs on them</a></p>");
	graph_page_card_end(p);
}

static void put_running(struct page *p, struct json dashboard)
{
	int64_t running = number_of(dashboard, "running");
	graph_page_card_begin(p, "running", "What runs", running);
	if (running) {
		PUT(p,
		    "<div class=\"body\"><p>$ containers of $ images run. <a href=\"/unproven\">What of it "
		    "is unproven?</a></p></div>",
		    graph_page_number(p, running),
		    graph_page_number(p, number_of(dashboard, "images")));
	} else {
		graph_page_empty(p, "cluster", "No cluster is watched",
				 "What runs where becomes known with:",
				 "hullmark graph watch --kubeconfig FILE");
	}
	graph_page_card_end(p);
}

static void put_dashboard(struct page *p, struct json d)
{
	PUT(p, "<div class=\"cards\">");
	put_hits(p, "worst", "Vulnerabilities that hit most", json_get(d, "worst"));
	put_hits(p, "fresh", "Newest that hit", json_get(d, "newest"));
	put_running(p, d);
	put_ages(p, json_get(d, "ages"));
	put_endings(p, json_get(d, "endings"));
	PUT(p, "</div>");
}

static void put_newest(struct page *p, struct json documents)
{
	size_t n = 0;
	graph_page_card_begin(p, "newest", "Documents", (int64_t)json_size(documents));
	PUT(p, "<ol class=\"line\">");
	for (struct json_iter it = json_iter(documents); json_next(&it) && n++ < 8;) {
		struct hm_str at = json_str(json_get(it.value, "taken"));
		PUT(p, "<li><time datetime=\"$\">$ $</time><div>", at, hm_sub(at, 0, 10),
		    hm_sub(at, 11, 5));
		graph_page_source(p, it.value);
		PUT(p, "</div></li>");
	}
	PUT(p, "</ol><p class=\"pages\"><a href=\"/documents\">All documents</a></p>");
	graph_page_card_end(p);
}

void graph_page_view_overview(struct page *p)
{
	struct json documents = json_get(p->r->answers[1], "documents");
	PUT(p, "<div class=\"head\"><h1>Overview</h1></div>");
	if (p->r->fault)
		return;
	put_figures(p, p->r->answers[0]);
	if (!json_size(documents)) {
		PUT(p, "<section class=\"card\">");
		graph_page_empty(p, "graph", "The graph is empty",
				 "Give it SBOMs, attestations, VEX documents or a whole registry:",
				 "hullmark graph ingest PATH");
		PUT(p, "</section>");
		return;
	}
	put_dashboard(p, p->r->answers[2]);
	put_newest(p, documents);
}
