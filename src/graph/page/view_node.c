/* SPDX-License-Identifier: Apache-2.0 */
/* One thing: what is known of it, who says so, and whether that is believed. */
#include "graph/page/parts.h"

/* The noun that an answer is about: itself, or its member. */
static struct json noun_of(struct json answer)
{
	struct json node = json_get(answer, "node");
	return graph_page_is_noun(node) ? node : answer;
}

static void put_head(struct page *p, struct json noun)
{
	const struct page_kind *kind = graph_page_kind(json_str(json_get(noun, "kind")));
	struct hm_str label = json_str(json_get(noun, "label"));
	struct hm_str key = json_str(json_get(noun, "key"));
	PUT(p, "<div class=\"head\"><p class=\"kind\">");
	graph_page_icon(p, kind->icon);
	PUT(p, "$</p><h1><bdi>$</bdi></h1>", hm_cstr(kind->words), label.n ? label : key);
	if (label.n && !hm_eq(label, key))
		PUT(p, "<p class=\"key muted\"><bdi>$</bdi></p>", key);
	PUT(p, "</div>");
}

/* Questions that this kind of thing can be asked. */
static void put_questions(struct page *p, struct json noun)
{
	static const struct {
		const char *kind, *path, *parameter, *words, *icon;
	} all[] = {
		{ "package", "contains", "package", "Who contains it", "package" },
		{ "packageName", "contains", "package", "Who contains it", "package" },
		{ "package", "dependents", "package", "Who depends on it", "dependents" },
		{ "vulnerability", "exposed", "vulnerability", "Who is exposed", "exposed" },
		{ "vulnerability", "plan", "vulnerability", "Rebuild plan", "plan" },
		{ "identity", "signed-by", "identity", "What it signed", "identity" },
		{ "package", "radius", "node", "Blast radius", "radius" },
		{ "builder", "radius", "node", "Blast radius", "radius" },
		{ "identity", "radius", "node", "Blast radius", "radius" },
		{ "source", "radius", "node", "Blast radius", "radius" },
		{ "artifact", "diff", "a", "Compare with another", "diff" },
		{ "artifact", "licences", "name", "Licences", "licence" },
	};
	struct hm_str kind = json_str(json_get(noun, "kind"));
	struct hm_str key = json_str(json_get(noun, "key"));
	PUT(p, "<p class=\"buttons\">");
	for (size_t i = 0; i < HM_LEN(all); i++) {
		const char *path = hm_fmt(p->cx, "/%s", all[i].path).p;
		if (!hm_eqz(kind, all[i].kind) || !graph_page_is_served(p, path))
			continue;
		PUT(p, "<a class=\"button\" href=\"/%?%=%\">", hm_cstr(all[i].path),
		    hm_cstr(all[i].parameter), key);
		graph_page_icon(p, all[i].icon);
		PUT(p, "$</a>", hm_cstr(all[i].words));
	}
	PUT(p, "</p>");
}

static void put_graph(struct page *p, struct hm_str id)
{
	PUT(p,
	    "<section class=\"card\" aria-labelledby=\"title-graph\"><header>"
	    "<h2 id=\"title-graph\">Graph</h2><a class=\"more\" href=\"/graph/%\">Large</a>"
	    "</header><div class=\"graph\" data-graph=\"$\"><noscript>The drawing needs scripts; "
	    "the tables below have the same.</noscript></div></section>",
	    id, id);
}

/* The other end of a fact, seen from the noun `id`. */
static void put_other(struct page *p, struct json fact, struct hm_str id)
{
	struct json subject = json_get(fact, "subject"), object = json_get(fact, "object");
	bool is_subject = hm_eq(json_str(json_get(subject, "id")), id);
	bool is_object = hm_eq(json_str(json_get(object, "id")), id);
	if (!is_subject)
		graph_page_noun(p, subject);
	if (!is_subject && !is_object && graph_page_is_noun(object))
		PUT(p, " → ");
	if (!is_object && graph_page_is_noun(object))
		graph_page_noun(p, object);
	for (struct json_iter it = json_iter(json_get(fact, "links")); json_next(&it);) {
		struct json node = json_get(it.value, "node");
		PUT(p, "<div><span class=\"muted\">$</span> ",
		    graph_page_words(p, json_str(json_get(it.value, "role"))));
		graph_page_noun(p, node);
		PUT(p, "</div>");
	}
}

/* What a fact says of its subject, and of its object. */
static const struct phrase {
	const char *kind, *of, *to;
} phrases[] = {
	{ "isDependency", "depends on", "is needed by" },
	{ "isOccurrence", "has the digest", "is the digest of" },
	{ "hasSBOM", "has the SBOM", "is the SBOM of" },
	{ "hasSLSA", "was built by", "built" },
	{ "certifyLegal", "has the licence", "is the licence of" },
	{ "certifyScorecard", "has a scorecard", NULL },
	{ "hasMetadata", "has metadata", NULL },
	{ "certifyVuln", "a scan found", "was found in" },
	{ "certifyVEXStatement", "has VEX about", "has VEX for" },
	{ "certifyGood", "is said to be good", NULL },
	{ "certifyBad", "is said to be bad", NULL },
	{ "hashEqual", "is the same as", "is the same as" },
	{ "pkgEqual", "is the same as", "is the same as" },
	{ "vulnEqual", "is the same as", "is the same as" },
	{ "vulnMetadata", "is scored", NULL },
	{ "hasSourceAt", "has its source at", "is the source of" },
	{ "pointOfContact", "has the contact", NULL },
	{ "signedBy", "is signed by", "signed" },
	{ "loggedAt", "is logged at", "logs" },
	{ "taggedAs", "is the tag of", "is tagged as" },
	{ "decidedBy", "was decided on by", "decided on" },
	{ "basedOn", "is based on", "is the base of" },
	{ "refersTo", "refers to", "is referred to by" },
	{ "runsIn", "runs in", "runs" },
	{ "partOf", "is part of", "has the part" },
};

/* One that is neither of both, but named in the fact: what kind of fact it is. */
static struct hm_str phrase_of(struct page *p, struct json fact, struct hm_str id)
{
	struct hm_str kind = json_str(json_get(fact, "kind"));
	bool is_subject = hm_eq(json_str(json_get(json_get(fact, "subject"), "id")), id);
	bool is_object = hm_eq(json_str(json_get(json_get(fact, "object"), "id")), id);
	for (size_t i = 0; i < HM_LEN(phrases); i++)
		if (hm_eqz(kind, phrases[i].kind) && is_subject)
			return hm_cstr(phrases[i].of);
		else if (hm_eqz(kind, phrases[i].kind) && is_object && phrases[i].to)
			return hm_cstr(phrases[i].to);
	return is_subject || is_object
		       ? graph_page_words(p, kind)
		       : hm_fmt(p->cx, "is named in: %.*s", HM_FMT(graph_page_words(p, kind)));
}

static void put_facts(struct page *p, struct json answer, struct hm_str id)
{
	struct json facts = json_get(answer, "facts"), next = json_get(answer, "next");
	struct hm_str behind = json_str(next);
	graph_page_card_begin(p, "facts", "What is said of it", (int64_t)json_size(facts));
	if (!json_size(facts)) {
		graph_page_empty(p, "document", "No document says anything of it", NULL, NULL);
		graph_page_card_end(p);
		return;
	}
	PUT(p, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Facts\"><table>"
	       "<caption class=\"unseen\">Facts</caption><thead><tr><th scope=\"col\">Fact</th>"
	       "<th scope=\"col\">With</th><th scope=\"col\">Details</th>"
	       "<th scope=\"col\">Who says so</th></tr></thead><tbody>");
	for (struct json_iter it = json_iter(facts); json_next(&it);) {
		PUT(p, "<tr><td>$</td><td>", phrase_of(p, it.value, id));
		put_other(p, it.value, id);
		PUT(p, "</td><td>");
		graph_page_value(p, HM_STR("detail"), json_get(it.value, "detail"));
		PUT(p, "</td><td>");
		graph_page_source(p, json_get(it.value, "document"));
		PUT(p, "</td></tr>");
	}
	PUT(p, "</tbody></table></div>");
	if (behind.n && !hm_eqz(behind, "0"))
		PUT(p, "<p class=\"pages\"><a href=\"/node/%?after=%#facts\">Next</a></p>", id,
		    behind);
	graph_page_card_end(p);
}

/* Where it runs now. */
static void put_running(struct page *p, struct json pods)
{
	if (!json_size(pods))
		return;
	graph_page_card_begin(p, "running", "Where it runs", (int64_t)json_size(pods));
	graph_page_rows(p, "Where it runs", pods);
	graph_page_card_end(p);
}

/* What the gate has said of it. */
static void put_decisions(struct page *p, struct json decisions)
{
	if (!json_size(decisions))
		return;
	graph_page_card_begin(p, "decisions", "What the gate says", (int64_t)json_size(decisions));
	graph_page_rows(p, "What the gate says", decisions);
	graph_page_card_end(p);
}

void graph_page_view_node(struct page *p)
{
	static const char *const but[] = { "schema", "node", "id",        "kind", "key",
					   "label",  "cut",  "decisions", NULL };
	struct json answer = p->r->answers[0], noun = noun_of(answer);
	if (p->r->fault)
		return;
	put_head(p, noun);
	put_questions(p, noun);
	graph_page_cut(p, answer);
	graph_page_card_begin(p, "known", "At a glance", -1);
	PUT(p, "<div class=\"body\">");
	graph_page_terms(p, answer, but);
	PUT(p, "</div>");
	graph_page_card_end(p);
	put_running(p, json_get(answer, "running"));
	put_decisions(p, json_get(answer, "decisions"));
	put_graph(p, p->r->id);
	put_facts(p, p->r->answers[1], p->r->id);
}

/* Whoever asks by a name is sent to the page of its node; without one there is nothing to see. */
void graph_page_view_named(struct page *p)
{
	PUT(p, "<div class=\"head\"><h1>Thing</h1></div>");
	if (!p->r->fault)
		PUT(p, "<p><a href=\"/node/%\">To its page</a></p>",
		    json_str(json_get(noun_of(p->r->answers[0]), "id")));
}

void graph_page_view_graph(struct page *p)
{
	struct json noun = noun_of(p->r->answers[0]);
	if (p->r->fault)
		return;
	put_head(p, noun);
	PUT(p,
	    "<section class=\"card\" aria-labelledby=\"title-graph\">"
	    "<h2 class=\"unseen\" id=\"title-graph\">Graph</h2><div class=\"graph large\" "
	    "data-graph=\"$\"><noscript>The drawing needs scripts; <a href=\"/node/%\">tables</a> "
	    "have the same.</noscript></div></section>",
	    p->r->id, p->r->id);
}
