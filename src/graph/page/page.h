/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - the pages that show a graph: HTML, made of the answers of /api/v1. A part of graph.h.
 *
 * A page is a row of graph_page_views: a path, and the questions that its answer is made of. Who
 * serves it asks these, and gives the answers to graph_page_write(). All is there without scripts;
 * scripts add to it. What documents say is a stranger's text: it gets into HTML only through the
 * holes of html.h, which escape it, and never becomes the address of a link.
 */
#ifndef GRAPH_PAGE_PAGE_H
#define GRAPH_PAGE_PAGE_H

#include "base/base.h"
#include "codec/json.h"

/* Scripts, styles and icons. They are in the program where it was built with them (web/); else the
 * table is empty. */
struct graph_page_file {
	const char *path; /* as it is asked for; NULL ends the table */
	const char *type; /* its Content-Type */
	const unsigned char *bytes;
	size_t size;
	const char *etag; /* strong, with its quotes */
};
extern const struct graph_page_file graph_page_files[];

enum { GRAPH_PAGE_QUESTIONS = 4 };

struct page;
struct graph_page_view {
	const char *path; /* "/exposed", "/node/{id}"; NULL ends the table */
	const char *title;
	const char *icon;
	/* Below /api/v1/; "{id}" stands for that of the path. The first must be answered, the
	 * others may be. */
	const char *questions[GRAPH_PAGE_QUESTIONS];
	/* The parameters that must be given before anything is asked; until then the page is a
	 * form. */
	const char *needs[2];
	void (*write)(struct page *p);
};
extern const struct graph_page_view graph_page_views[];

/* What a page is asked for, and what it is made of. */
struct graph_page_request {
	const struct graph_page_view *view; /* NULL: there is no such page */
	struct hm_str id;                   /* of the path, decoded; or empty */
	/* The value of a parameter of the request; empty: none. */
	struct hm_str (*given)(struct hm_cx *cx, void *arg, const char *name);
	/* Is a question of /api/v1 answered here? NULL: all are. */
	bool (*can_ask)(void *arg, const char *question);
	void *arg;
	struct json answers[GRAPH_PAGE_QUESTIONS]; /* those that were asked and answered */
	hm_err fault;                              /* why the first one was not; or NULL */
	bool has_login;  /* documents are taken from whoever has a token */
	bool has_events; /* /api/v1/events says what comes in */
};
/* The view of a path, and what stands for "{id}" in it; NULL: none. */
const struct graph_page_view *graph_page_find(struct hm_cx *cx, struct hm_str path,
					      struct hm_str *out_id);
/* Is all there that the view needs before it asks? */
bool graph_page_is_asked(struct hm_cx *cx, const struct graph_page_request *r);
/* The page, whole. HM_LIMIT: it would be larger than HM_MAX_JSON. */
HM_MUST hm_err graph_page_write(struct hm_cx *cx, const struct graph_page_request *r,
				struct hm_str *out);
/* The form that takes a token, by POST to /login; `why` the last one was not taken, or "". With an
 * issuer that logs browsers in a link to GRAPH_PAGE_ISSUER stands before it; "": the issuer is left
 * out. */
#define GRAPH_PAGE_ISSUER "/login/oidc"
HM_MUST hm_err graph_page_login(struct hm_cx *cx, struct hm_str why, struct hm_str issuer,
				struct hm_str *out);
/* Whoever was sent here by another site goes on to "/" by a step of this one's: else the browser
 * would not show its cookie there (RFC 6265bis, 8.8.2). */
HM_MUST hm_err graph_page_logged_in(struct hm_cx *cx, struct hm_str *out);

#endif
