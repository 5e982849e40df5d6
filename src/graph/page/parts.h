/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - what pages are made of: the frame, nouns, values, tables, forms, what stands where
 * there is nothing.
 */
#ifndef GRAPH_PAGE_PARTS_H
#define GRAPH_PAGE_PARTS_H

#include "graph/page/html.h"

/* --- frame.c --- */
void graph_page_begin(struct page *p);
void graph_page_end(struct page *p);

/* --- noun.c --- */
struct page_kind {
	const char *name; /* as the API has it; NULL ends the table */
	const char *words, *icon;
};
extern const struct page_kind graph_page_kinds[];
const struct page_kind *graph_page_kind(struct hm_str name);
bool graph_page_is_noun(struct json v);
/* Its label, as a link to its page, with its icon. */
void graph_page_noun(struct page *p, struct json noun);
/* "believed", "notBelieved", "notAsked", a number: as a badge. */
void graph_page_belief(struct page *p, struct json belief);
/* A word that says how bad something is. */
void graph_page_severity(struct page *p, struct hm_str word);
/* A document as a fact has it, with where it came from and whether it is believed. */
void graph_page_source(struct page *p, struct json document);
/* A container that runs: its workload, and since when. */
void graph_page_pod(struct page *p, struct json pod);
/* The digest in short, as a link to the document's page. */
void graph_page_digest(struct page *p, struct hm_str digest);

/* --- value.c --- */
/* Any value, in a cell of a table: nouns, lists, texts, numbers, badges. `key`: what it is called.
 */
void graph_page_value(struct page *p, struct hm_str key, struct json v);
/* Members of an object that are no lists of objects, as a list of terms. `but`: not these, ended by
 * NULL. */
void graph_page_terms(struct page *p, struct json object, const char *const *but);
/* Objects as a table: a column for each member that one of the first rows has. */
void graph_page_rows(struct page *p, const char *caption, struct json rows);
/* Are these rows of releases with a package each? As a table of what a person asks first
 * (releases.c). */
bool graph_page_is_releases(struct json rows);
void graph_page_releases(struct page *p, const char *caption, struct json rows);
/* Says by which limit an answer was cut, where it was ("cut"). */
void graph_page_cut(struct page *p, struct json answer);
/* All of an answer: terms, then a table for each list. */
void graph_page_answer(struct page *p, struct json answer);

/* --- form.c --- */
struct page_field {
	const char *name; /* NULL ends the form */
	const char *label, *placeholder;
	const char *kinds; /* of what is suggested, with blanks between; NULL: a switch */
};
void graph_page_form(struct page *p, const char *action, const struct page_field *fields,
		     const char *button);
/* Where there is nothing: what is so, and the command to run next (or NULL). */
void graph_page_empty(struct page *p, const char *icon, const char *what, const char *next,
		      const char *command);
void graph_page_card_begin(struct page *p, const char *id, const char *title, int64_t count);
void graph_page_card_end(struct page *p);

/* --- views --- */
void graph_page_view_overview(struct page *p);
void graph_page_view_search(struct page *p);
void graph_page_view_node(struct page *p);
void graph_page_view_named(struct page *p);
void graph_page_view_graph(struct page *p);
void graph_page_view_documents(struct page *p);
void graph_page_view_document(struct page *p);
void graph_page_view_timeline(struct page *p);
void graph_page_view_question(struct page *p);

#endif
