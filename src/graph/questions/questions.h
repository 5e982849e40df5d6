/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questions.h - what the graph can be asked. A part of graph.h.
 *
 * Every question is one transaction that reads, is bounded (rows, depth, time) and says where it
 * was cut. Every answer carries who said it: the document, where that came from, who signed it, and
 * whether the trust policy believes the signer.
 */
#ifndef GRAPH_QUESTIONS_QUESTIONS_H
#define GRAPH_QUESTIONS_QUESTIONS_H

#include "base/base.h"
#include "graph/kinds.h"

struct graph;

/* How far a question goes; 0 of each: HM_MAX_GRAPH_ROWS, _DEPTH, _MILLISECONDS, which nothing can
 * pass. */
struct graph_limits {
	size_t rows;
	unsigned depth, milliseconds;
};
/* Which of them cut an answer short. */
enum graph_cut { GRAPH_UNCUT, GRAPH_CUT_ROWS, GRAPH_CUT_DEPTH, GRAPH_CUT_TIME, GRAPH_CUTS };
extern const char *const graph_cut_names[GRAPH_CUTS]; /* "rows"; of GRAPH_UNCUT "" */

/* --- nouns --- */

struct graph_node {
	int64_t id; /* 0: none */
	enum graph_noun_kind kind;
	struct hm_str key;
};
struct graph_nodes {
	struct graph_node *p;
	size_t n, cap;
};
/* A short text for people: of a package "name@version", of a digest its first digits. */
struct hm_str graph_label(struct hm_cx *cx, const struct graph_node *node);

/*
 * What somebody means by `name`: a node's id, a purl (without version: the package and all its
 * versions; without qualifiers: whatever they are), a digest, an image reference, the id of a
 * vulnerability, an identity, a builder, a workload, any key. `kinds`: bits (1 << kind) of what is
 * meant; 0: anything. HM_USAGE: empty. HM_ABSENT: there is none; the hint has names that are like
 * it.
 */
HM_MUST hm_err graph_resolve(struct hm_cx *cx, struct graph *g, struct hm_str name, uint64_t kinds,
			     struct graph_nodes *out);

/* Nouns that have all these words, or words that begin with them; the best first. */
struct graph_found {
	struct graph_nodes nodes;
	enum graph_cut cut;
};
HM_MUST hm_err graph_search(struct hm_cx *cx, struct graph *g, struct hm_str words,
			    const struct graph_limits *limits, struct graph_found *out);

/* --- who says what --- */

/* A document, as the source of a fact. */
struct graph_witness {
	int64_t id;
	struct hm_str digest, format, origin, collector;
	struct graph_node signer; /* .id 0: nobody */
	enum graph_belief belief;
	int64_t taken; /* seconds since 1970 */
	uint64_t size;
};
struct graph_linked {
	struct hm_str role; /* "material" */
	struct graph_node node;
};
/* A fact. */
struct graph_said {
	int64_t id;
	enum graph_fact_kind kind;
	struct graph_node subject, object; /* .id 0: none */
	struct hm_str detail;              /* a JSON object, a text, or empty */
	struct graph_linked *links;
	size_t links_n;
	const struct graph_witness *source;
};
struct graph_facts {
	struct graph_said *p;
	size_t n, cap;
};

/* What runs: a container of a cluster. */
struct graph_pod {
	struct hm_str cluster, namespace, name, container, owner, image, host;
	int64_t since, gone; /* seconds since 1970; gone 0: it runs */
	struct graph_node artifact;
};
struct graph_pods {
	struct graph_pod *p;
	size_t n, cap;
};

/* --- one noun --- */

struct graph_view {
	struct graph_node node, parent;
	struct graph_nodes versions; /* of a package name, the first of them */
	uint64_t facts[GRAPH_FACT_KINDS];
	const struct graph_witness *document; /* that has this digest; or NULL */
	struct graph_pods pods;               /* that run it now */
	enum graph_cut cut;
};
/* HM_ABSENT. */
HM_MUST hm_err graph_view(struct hm_cx *cx, struct graph *g, int64_t id,
			  const struct graph_limits *limits, struct graph_view *out);

struct graph_page {
	int64_t after; /* the id of the last fact of the page before; 0: the first page */
	enum graph_fact_kind kind; /* GRAPH_NO_FACT: all */
	size_t limit;
};
struct graph_neighbours {
	struct graph_node node;
	struct graph_facts facts; /* in which it is subject, object or linked; by kind, then id */
	int64_t next;             /* what `after` is for the next page; 0: this is the last */
};
/* HM_ABSENT: no such noun, or no such fact in page->after. */
HM_MUST hm_err graph_neighbours(struct hm_cx *cx, struct graph *g, int64_t id,
				const struct graph_page *page, struct graph_neighbours *out);

#endif
