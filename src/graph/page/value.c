/* SPDX-License-Identifier: Apache-2.0 */
/* Any answer as HTML: what has no page of its own form is shown all the same, and whole. */
#include "graph/page/parts.h"

enum { COLUMNS = 10, SAMPLE = 50, INLINE = 24 };

static bool is_one_of(struct hm_str name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (hm_eqz(name, names[i]))
			return true;
	return false;
}

static bool is_list_of_objects(struct json v)
{
	return json_is_array(v) && json_is_object(json_at(v, 0)) &&
	       !graph_page_is_noun(json_at(v, 0));
}

/* A list or an object without anything in it. */
static bool is_empty(struct json v)
{
	return (json_is_array(v) || json_is_object(v)) && json_size(v) == 0;
}

/* ------------------------------------------------------------------ one value */

static void put_text_value(struct page *p, struct hm_str key, struct hm_str text)
{
	static const char *const keys[] = {
		"purl", "key", "package", "origin", "path", "name", NULL
	};
	if (hm_eqz(key, "severity") || hm_eqz(key, "status"))
		graph_page_severity(p, text);
	else if (hm_eqz(key, "digest") || hm_eqz(key, "document"))
		graph_page_digest(p, text);
	else if (is_one_of(key, keys) && hm_starts(text, HM_STR("pkg:")))
		PUT(p, "<a class=\"key\" href=\"/node?key=%\"><bdi>$</bdi></a>", text, text);
	else
		PUT(p, "<bdi>$</bdi>", text);
}

/* No list, and no object that is no noun. */
static void put_scalar(struct page *p, struct hm_str key, struct json v)
{
	struct hm_str text;
	if (hm_eqz(key, "belief"))
		graph_page_belief(p, v);
	else if (graph_page_is_noun(v))
		graph_page_noun(p, v);
	else if (json_is_string(v))
		put_text_value(p, key, json_str(v));
	else if (json_is_bool(v))
		PUT(p, "$", json_bool(v) ? HM_STR("yes") : HM_STR("no"));
	else if (json_is_there(v) && !json_is_null(v) && !json_text(p->cx, v, &text))
		PUT(p, "$", text);
}

/* The members of a small object: "name: value, name: value". */
static void put_members(struct page *p, struct json object)
{
	bool is_first = true;
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		if (hm_eqz(it.key, "id") || json_is_null(it.value))
			continue;
		PUT(p, "$<span class=\"muted\">$:</span> ", is_first ? HM_STR("") : HM_STR(", "),
		    graph_page_words(p, it.key));
		put_scalar(p, it.key, it.value);
		is_first = false;
	}
}

static void put_list(struct page *p, struct hm_str key, struct json list)
{
	bool is_chain = hm_eqz(key, "path") || hm_eqz(key, "nodes");
	size_t n = 0;
	if (!json_size(list))
		return;
	PUT(p, "<ul class=\"$\">", is_chain ? HM_STR("chain") : HM_STR("inline"));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (n++ == INLINE) {
			PUT(p, "<li>and $ more</li>",
			    graph_page_number(p, (int64_t)(json_size(list) - INLINE)));
			break;
		}
		PUT(p, "<li>");
		if (json_is_object(it.value) && !graph_page_is_noun(it.value))
			put_members(p, it.value);
		else
			put_scalar(p, key, it.value);
		PUT(p, "</li>");
	}
	PUT(p, "</ul>");
}

void graph_page_value(struct page *p, struct hm_str key, struct json v)
{
	if (json_is_array(v))
		put_list(p, key, v);
	else if (hm_eqz(key, "document") && json_is_object(v))
		graph_page_source(p, v);
	else if (json_is_object(v) && !graph_page_is_noun(v))
		put_members(p, v);
	else
		put_scalar(p, key, v);
}

/* ------------------------------------------------------------------ tables */

static void find_columns(struct page *p, struct json rows, struct hm_strs *out)
{
	size_t sample = 0;
	for (struct json_iter row = json_iter(rows); json_next(&row) && sample++ < SAMPLE;)
		for (struct json_iter it = json_iter(row.value); json_next(&it);)
			if (!hm_eqz(it.key, "id") && out->n < COLUMNS && !hm_strs_has(out, it.key))
				*hm_push(p->cx, out) = it.key;
}

void graph_page_rows(struct page *p, const char *caption, struct json rows)
{
	struct hm_strs columns = { 0 };
	find_columns(p, rows, &columns);
	PUT(p,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"$\"><table>"
	    "<caption class=\"unseen\">$</caption><thead><tr>",
	    hm_cstr(caption), hm_cstr(caption));
	for (size_t i = 0; i < columns.n; i++)
		PUT(p, "<th scope=\"col\">$</th>", graph_page_words(p, columns.p[i]));
	PUT(p, "</tr></thead><tbody>");
	for (struct json_iter row = json_iter(rows); json_next(&row);) {
		PUT(p, "<tr>");
		for (size_t i = 0; i < columns.n; i++) {
			struct json v = json_get_str(row.value, columns.p[i]);
			PUT(p, "<td class=\"$\">",
			    json_is_number(v) ? HM_STR("number") : HM_STR(""));
			graph_page_value(p, columns.p[i], v);
			PUT(p, "</td>");
		}
		PUT(p, "</tr>");
	}
	PUT(p, "</tbody></table></div>");
}

/* ------------------------------------------------------------------ whole answers */

void graph_page_terms(struct page *p, struct json object, const char *const *but)
{
	PUT(p, "<dl class=\"facts\">");
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		if (is_one_of(it.key, but) || is_list_of_objects(it.value) ||
		    json_is_null(it.value) || is_empty(it.value))
			continue;
		PUT(p, "<dt>$</dt><dd>", graph_page_words(p, it.key));
		graph_page_value(p, it.key, it.value);
		PUT(p, "</dd>");
	}
	PUT(p, "</dl>");
}

void graph_page_cut(struct page *p, struct json answer)
{
	static const struct {
		const char *word, *why;
	} all[] = {
		{ "rows", "These are the first rows; there are more." },
		{ "depth", "What is farther away was not looked at." },
		{ "time", "The time for a question was over; there may be more." },
	};
	struct hm_str word = json_str(json_get(answer, "cut"));
	const char *why = word.n || json_bool(json_get(answer, "cut")) ? all[0].why : NULL;
	for (size_t i = 0; i < HM_LEN(all); i++)
		if (hm_eqz(word, all[i].word))
			why = all[i].why;
	if (why)
		PUT(p, "<p class=\"notice\">$</p>", hm_cstr(why));
}

void graph_page_answer(struct page *p, struct json answer)
{
	static const char *const but[] = { "schema", "cut", "next", NULL };
	size_t terms = 0;
	graph_page_cut(p, answer);
	for (struct json_iter it = json_iter(answer); json_next(&it);)
		if (!is_one_of(it.key, but) && !json_is_array(it.value))
			terms++;
	if (terms) {
		graph_page_card_begin(p, "answer", "Answer", -1);
		PUT(p, "<div class=\"body\">");
		graph_page_terms(p, answer, but);
		PUT(p, "</div>");
		graph_page_card_end(p);
	}
	for (struct json_iter it = json_iter(answer); json_next(&it);) {
		const char *name;
		if (!json_is_array(it.value))
			continue;
		name = graph_page_words(p, it.key).p;
		graph_page_card_begin(p, hm_dupz(p->cx, it.key), name,
				      (int64_t)json_size(it.value));
		if (!json_size(it.value))
			graph_page_empty(p, "check", "Nothing", NULL, NULL);
		else if (graph_page_is_noun(json_at(it.value, 0)) ||
			 !json_is_object(json_at(it.value, 0))) {
			PUT(p, "<div class=\"body\">");
			graph_page_value(p, it.key, it.value);
			PUT(p, "</div>");
		} else
			graph_page_rows(p, name, it.value);
		graph_page_card_end(p);
	}
}
