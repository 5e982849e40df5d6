/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.h - HTML is written by literals with holes.
 *
 *     PUT(p, "<a href=\"/node/%\">$</a>", id, label);
 *
 * '$' is a text or the value of an attribute in double quotes: what means something in HTML is
 * escaped, and characters that are not seen, or that change how others are shown (control,
 * direction, width), are named. '%' is a part of a path or a query: percent-encoded. There is no
 * third hole. Neither may stand where a script, a style or the start of an address stands.
 */
#ifndef GRAPH_PAGE_HTML_H
#define GRAPH_PAGE_HTML_H

#include "graph/page/page.h"

struct page {
	struct hm_cx *cx;
	struct hm_buf *to;
	const struct graph_page_request *r;
	const struct graph_page_view *views; /* all of them */
};

/* Ends the program where holes and texts are not as many. */
void graph_page_put(struct page *p, const char *form, const struct hm_str *texts, size_t n);
#define PUT(p, form, ...)                                                                         \
	graph_page_put(p, form, (const struct hm_str[]){ HM_STR("") __VA_OPT__(, ) __VA_ARGS__ }, \
		       sizeof((const struct hm_str[]){ HM_STR("") __VA_OPT__(, ) __VA_ARGS__ }) / \
				       sizeof(struct hm_str) -                                    \
			       1)

/* Is there a page of this path, and somebody who answers its question? */
bool graph_page_is_served(const struct page *p, const char *path);
/* What was given for a parameter. */
struct hm_str graph_page_given(struct page *p, const char *name);
/* The number as text, with commas: "12,345". */
struct hm_str graph_page_number(struct page *p, int64_t n);
/* "isDependency": "is dependency". */
struct hm_str graph_page_words(struct page *p, struct hm_str name);

/* "UNDER_INVESTIGATION": "under investigation". */
struct hm_str graph_page_phrase(struct page *p, struct hm_str word);
/* With a capital letter. */
struct hm_str graph_page_title(struct page *p, struct hm_str words);

void graph_page_icon(struct page *p, const char *name);
/* `tone`: "", "good", "warn" or "bad", which the text says, too. */
void graph_page_badge(struct page *p, const char *tone, const char *icon, struct hm_str text);

#endif
