/* SPDX-License-Identifier: Apache-2.0 */
/* Releases that contain a package, or are exposed by it: a row each, with what a person asks first.
 */
#include "graph/page/parts.h"

bool graph_page_is_releases(struct json rows)
{
	struct json first = json_at(rows, 0);
	return graph_page_is_noun(json_get(first, "release")) &&
	       graph_page_is_noun(json_get(first, "package")) &&
	       json_is_there(json_get(first, "direct"));
}

/* By its tags where it has some; the digest stands below. */
static void put_release(struct page *p, struct json row)
{
	struct json images = json_get(row, "images"), release = json_get(row, "release");
	PUT(p, "<td>");
	for (struct json_iter it = json_iter(images); json_next(&it);) {
		PUT(p, "<div>");
		graph_page_noun(p, it.value);
		PUT(p, "</div>");
	}
	PUT(p, json_size(images) ? "<div class=\"small\">" : "<div>");
	graph_page_noun(p, release);
	PUT(p, "</div></td>");
}

static void put_chain(struct page *p, struct json path)
{
	PUT(p, "<ul class=\"chain\">");
	for (struct json_iter it = json_iter(path); json_next(&it);) {
		PUT(p, "<li>");
		graph_page_noun(p, it.value);
		PUT(p, "</li>");
	}
	PUT(p, "</ul>");
}

static void put_package(struct page *p, struct json row)
{
	struct json path = json_get(row, "path");
	bool is_direct = json_bool(json_get(row, "direct"));
	PUT(p, "<td>");
	graph_page_noun(p, json_get(row, "package"));
	PUT(p, " ");
	graph_page_badge(p, "", NULL, is_direct ? HM_STR("direct") : HM_STR("transitive"));
	if (json_size(path) > 1) {
		PUT(p, "<div class=\"small\">");
		put_chain(p, path);
		PUT(p, "</div>");
	}
	PUT(p, "</td>");
}

static void put_list(struct page *p, const char *words, struct json list)
{
	bool is_first = true;
	if (!json_size(list))
		return;
	PUT(p, "<div class=\"small\"><span class=\"muted\">$</span> ", hm_cstr(words));
	for (struct json_iter it = json_iter(list); json_next(&it); is_first = false)
		PUT(p, "$<bdi>$</bdi>", is_first ? HM_STR("") : HM_STR(", "), json_str(it.value));
	PUT(p, "</div>");
}

/* What VEX says, and who. */
static void put_vex(struct page *p, struct json vex)
{
	for (struct json_iter it = json_iter(vex); json_next(&it);) {
		struct json fact = json_get(it.value, "fact");
		struct hm_str why =
			json_str(json_get(json_get(fact, "detail"), "vexJustification"));
		PUT(p, "<div class=\"small\"><span class=\"muted\">VEX:</span> ");
		graph_page_severity(p, json_str(json_get(it.value, "status")));
		if (why.n && !hm_eqz(why, "NOT_PROVIDED"))
			PUT(p, " $", graph_page_phrase(p, why));
		PUT(p, "<div class=\"small\">");
		graph_page_source(p, json_get(fact, "document"));
		PUT(p, "</div></div>");
	}
}

static void put_status(struct page *p, struct json row)
{
	struct hm_str severity = json_str(json_get(row, "severity"));
	bool is_quiet = json_bool(json_get(row, "suppressed"));
	PUT(p, "<td>");
	graph_page_badge(p, is_quiet ? "good" : "bad", is_quiet ? "check" : "vulnerability",
			 is_quiet ? HM_STR("suppressed") : HM_STR("exposed"));
	PUT(p, " ");
	if (severity.n)
		graph_page_severity(p, severity);
	put_list(p, "fixed in", json_get(row, "fixed"));
	put_vex(p, json_get(row, "vex"));
	PUT(p, "</td>");
}

static void put_where(struct page *p, struct json pods)
{
	enum { SHOWN = 5 };
	int64_t n = 0, all = (int64_t)json_size(pods);
	PUT(p, "<td>");
	if (!all)
		PUT(p, "<span class=\"muted\">not seen</span>");
	for (struct json_iter it = json_iter(pods); n < SHOWN && json_next(&it); n++)
		graph_page_pod(p, it.value);
	if (all > n)
		PUT(p, "<div class=\"muted\">and $ more</div>", graph_page_number(p, all - n));
	PUT(p, "</td>");
}

/* The SBOM, and what else says that the release has the vulnerability. */
static void put_sources(struct page *p, struct json row)
{
	struct json said = json_get(row, "said"), advisories = json_get(row, "advisories");
	int64_t others = 0;
	json_int(json_get(row, "others"), &others);
	PUT(p, "<td>");
	graph_page_source(p, json_get(row, "document"));
	if (others)
		PUT(p, "<div class=\"muted\">and $ more</div>", graph_page_number(p, others));
	if (json_size(said) || json_size(advisories))
		PUT(p, "<details class=\"small\"><summary>Why it has the vulnerability</summary>");
	for (struct json_iter it = json_iter(said); json_next(&it);) {
		PUT(p, "<div>");
		graph_page_source(p, json_get(it.value, "document"));
		PUT(p, "</div>");
	}
	put_list(p, "advisory", advisories);
	if (json_size(said) || json_size(advisories))
		PUT(p, "</details>");
	PUT(p, "</td>");
}

void graph_page_releases(struct page *p, const char *caption, struct json rows)
{
	bool has_status = json_is_there(json_get(json_at(rows, 0), "suppressed"));
	PUT(p,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"$\"><table>"
	    "<caption class=\"unseen\">$</caption><thead><tr><th scope=\"col\">Release</th>"
	    "<th scope=\"col\">Package</th>",
	    hm_cstr(caption), hm_cstr(caption));
	if (has_status)
		PUT(p, "<th scope=\"col\">Status</th>");
	PUT(p,
	    "<th scope=\"col\">Runs in</th><th scope=\"col\">Who says so</th></tr></thead><tbody>");
	for (struct json_iter row = json_iter(rows); json_next(&row);) {
		PUT(p, "<tr>");
		put_release(p, row.value);
		put_package(p, row.value);
		if (has_status)
			put_status(p, row.value);
		put_where(p, json_get(row.value, "running"));
		put_sources(p, row.value);
		PUT(p, "</tr>");
	}
	PUT(p, "</tbody></table></div>");
}
