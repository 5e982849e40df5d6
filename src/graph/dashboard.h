/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard.h - what needs somebody: vulnerabilities that hit most, and those that came last; how
 * old evidence is; whose keys end soon. A part of graph.h.
 */
#ifndef GRAPH_DASHBOARD_H
#define GRAPH_DASHBOARD_H

#include "graph/questions/questions.h"

/* A vulnerability, as documents have found it in packages. */
struct graph_hit {
	struct graph_node vulnerability;
	uint64_t packages;                   /* that have it */
	const struct graph_witness *witness; /* the first document that says so */
};
struct graph_hits {
	struct graph_hit *p;
	size_t n, cap;
};
/* Documents of one kind of evidence. */
struct graph_age {
	enum graph_fact_kind kind;
	uint64_t documents, old; /* old: taken longer ago than GRAPH_OLD_DAYS */
	int64_t oldest, newest;  /* taken; seconds since 1970 */
};
enum { GRAPH_OLD_DAYS = 30, GRAPH_AGES = 4 };
/* An identity that has signed, and when its certificate or key ends: what a document says of it as
 * hasMetadata "notAfter". */
struct graph_ending {
	struct graph_node identity;
	struct hm_str ends; /* RFC 3339 */
};
struct graph_dashboard {
	struct graph_hits worst, newest;
	struct graph_age ages[GRAPH_AGES];
	struct {
		struct graph_ending *p;
		size_t n, cap;
	} endings;                /* those that end first */
	uint64_t running, images; /* containers that run, and of how many images */
	enum graph_cut cut;
};
/* `now`: seconds since 1970. */
HM_MUST hm_err graph_dashboard(struct hm_cx *cx, struct graph *g, int64_t now,
			       struct graph_dashboard *out);

#endif
