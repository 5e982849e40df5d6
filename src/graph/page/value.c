/* SPDX-License-Identifier: Apache-2.0 */
/* Any answer as HTML: what has no page of its own form is shown all the same, and whole. */
#include "graph/page/parts.h"

enum { COLUMNS = 10, MANY = 6, SAMPLE = 50, INLINE = 24 };

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

/* "2026-01-02T03:04:05Z" */
static bool is_time(struct hm_str s)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	if (s.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (form[i] == '0' ? !hm_is_digit(s.p[i]) : s.p[i] != form[i])
			return false;
	return true;
}

static void put_text_value(struct page *p, struct hm_str key, struct hm_str text)
{
	static const char *const keys[] = {
		"purl", "key", "package", "origin", "path", "name", NULL
	};
	if (is_time(text))
		PUT(p, "<time datetime=\"$\">$ $</time>", text, hm_sub(text, 0, 10),
		    hm_sub(text, 11, 5));
	else if (hm_eqz(key, "severity") || hm_eqz(key, "status"))
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

/* Members that have a text or a number: "name: value, name: value". */
static void put_pairs(struct page *p, struct json object)
{
	bool is_first = true;
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		if (json_is_null(it.value) || is_empty(it.value))
			continue;
		PUT(p, "$<span class=\"muted\">$:</span> ", is_first ? HM_STR("") : HM_STR(", "),
		    graph_page_words(p, it.key));
		put_scalar(p, it.key, it.value);
		is_first = false;
	}
}

/* ------------------------------------------------------------------ objects that are known */

static bool is_source(struct json v)
{
	return json_is_string(json_get(v, "digest")) && json_is_there(json_get(v, "belief"));
}

static bool is_pod(struct json v)
{
	return json_is_string(json_get(v, "workload")) && json_is_string(json_get(v, "cluster"));
}

static bool is_fact(struct json v)
{
	return graph_page_is_noun(json_get(v, "subject")) && is_source(json_get(v, "document"));
}

/* What an identity signed. */
static bool is_made(struct json v)
{
	return graph_page_is_noun(json_get(v, "artifact")) && is_fact(json_get(v, "fact"));
}

static void put_fact(struct page *p, struct json fact)
{
	PUT(p, "<div class=\"small\">");
	put_pairs(p, json_get(fact, "detail"));
	PUT(p, "</div>");
	graph_page_source(p, json_get(fact, "document"));
}

static void put_made(struct page *p, struct json made)
{
	for (struct json_iter it = json_iter(json_get(made, "images")); json_next(&it);) {
		graph_page_noun(p, it.value);
		PUT(p, " ");
	}
	graph_page_noun(p, json_get(made, "artifact"));
	PUT(p, "<div class=\"small\">");
	put_pairs(p, json_get(json_get(made, "fact"), "detail"));
	PUT(p, "</div>");
	for (struct json_iter it = json_iter(json_get(made, "running")); json_next(&it);)
		graph_page_pod(p, it.value);
}

static const struct known {
	bool (*is)(struct json v);
	void (*put)(struct page *p, struct json v);
} known[] = {
	{ graph_page_is_noun, graph_page_noun },
	{ is_source, graph_page_source },
	{ is_pod, graph_page_pod },
	{ is_fact, put_fact },
	{ is_made, put_made },
};

static bool put_known(struct page *p, struct json v)
{
	for (size_t i = 0; i < HM_LEN(known); i++)
		if (known[i].is(v)) {
			known[i].put(p, v);
			return true;
		}
	return false;
}

/* ------------------------------------------------------------------ objects and lists */

/* A member of an object in a list: no deeper. */
static void put_member(struct page *p, struct hm_str key, struct json v)
{
	bool is_first = true;
	if (!json_is_array(v)) {
		if (!put_known(p, v))
			put_scalar(p, key, v);
		return;
	}
	for (struct json_iter it = json_iter(v); json_next(&it); is_first = false) {
		PUT(p, "$", is_first ? HM_STR("") : HM_STR(", "));
		if (!put_known(p, it.value))
			put_scalar(p, key, it.value);
	}
}

/* The members of a small object: "name: value, name: value". */
static void put_members(struct page *p, struct json object)
{
	bool is_first = true;
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		if (hm_eqz(it.key, "id") || json_is_null(it.value) || is_empty(it.value))
			continue;
		PUT(p, "$<span class=\"muted\">$:</span> ", is_first ? HM_STR("") : HM_STR(", "),
		    graph_page_words(p, it.key));
		put_member(p, it.key, it.value);
		is_first = false;
	}
}

static void put_list(struct page *p, struct hm_str key, struct json list)
{
	bool is_chain = hm_eqz(key, "path");
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
		if (json_is_object(it.value) && !put_known(p, it.value))
			put_members(p, it.value);
		else if (!json_is_object(it.value))
			put_scalar(p, key, it.value);
		PUT(p, "</li>");
	}
	PUT(p, "</ul>");
}

void graph_page_value(struct page *p, struct hm_str key, struct json v)
{
	if (json_is_array(v))
		put_list(p, key, v);
	else if (put_known(p, v))
		return;
	else if (hm_eqz(key, "document") && json_is_object(v))
		graph_page_source(p, v);
	else if (json_is_object(v))
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
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"$\"><table class=\"$\">"
	    "<caption class=\"unseen\">$</caption><thead><tr>",
	    hm_cstr(caption), columns.n > MANY ? HM_STR("dense") : HM_STR(""), hm_cstr(caption));
	for (size_t i = 0; i < columns.n; i++)
		PUT(p, "<th scope=\"col\">$</th>",
		    graph_page_title(p, graph_page_words(p, columns.p[i])));
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

/* A list of its own card: of objects, nouns among them. One of texts is a term. */
static bool is_card(struct json v)
{
	return json_is_array(v) && (!json_size(v) || json_is_object(json_at(v, 0)));
}

/* Members that are no terms. */
static const char *const *list_cards(struct page *p, struct json answer)
{
	struct hm_str first[] = { HM_STR("schema"), HM_STR("cut"), HM_STR("next") };
	const char **but = hm_new(p->cx, const char *, HM_LEN(first) + json_size(answer) + 1);
	size_t n = 0;
	while (n < HM_LEN(first)) {
		but[n] = hm_dupz(p->cx, first[n]);
		n++;
	}
	for (struct json_iter it = json_iter(answer); json_next(&it);)
		if (is_card(it.value))
			but[n++] = hm_dupz(p->cx, it.key);
	return but;
}

static void put_card_rows(struct page *p, struct hm_str key, const char *name, struct json rows)
{
	if (!json_size(rows)) {
		graph_page_empty(p, "check", "Nothing", NULL, NULL);
	} else if (graph_page_is_noun(json_at(rows, 0))) {
		PUT(p, "<div class=\"body\">");
		graph_page_value(p, key, rows);
		PUT(p, "</div>");
	} else if (graph_page_is_releases(rows)) {
		graph_page_releases(p, name, rows);
	} else {
		graph_page_rows(p, name, rows);
	}
}

void graph_page_answer(struct page *p, struct json answer)
{
	const char *const *but = list_cards(p, answer);
	size_t terms = 0;
	graph_page_cut(p, answer);
	for (struct json_iter it = json_iter(answer); json_next(&it);)
		terms += !is_one_of(it.key, but);
	if (terms) {
		graph_page_card_begin(p, "answer", "Answer", -1);
		PUT(p, "<div class=\"body\">");
		graph_page_terms(p, answer, but);
		PUT(p, "</div>");
		graph_page_card_end(p);
	}
	for (struct json_iter it = json_iter(answer); json_next(&it);) {
		const char *name;
		if (!is_card(it.value))
			continue;
		name = hm_dupz(p->cx, graph_page_title(p, graph_page_words(p, it.key)));
		graph_page_card_begin(p, hm_dupz(p->cx, it.key), name,
				      (int64_t)json_size(it.value));
		put_card_rows(p, it.key, name, it.value);
		graph_page_card_end(p);
	}
}
