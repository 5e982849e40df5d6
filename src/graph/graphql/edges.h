/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edges.h - inside graph/graphql/: the edges of GUAC's graph, as clients name them.
 */
#ifndef GRAPH_GRAPHQL_EDGES_H
#define GRAPH_GRAPHQL_EDGES_H

#include "graph/graph.h"

/* As what a noun stands in a fact, as bits; and what an SBOM includes. */
enum {
	GQL_AS_SUBJECT = 1,
	GQL_AS_OBJECT = 2,
	GQL_AS_LINK = 4,
	GQL_SOFTWARE = 8,
	GQL_DEPENDENCIES = 16,
	GQL_OCCURRENCES = 32,
};
struct gql_edge_row {
	const char *name;          /* NULL ends the table */
	enum graph_noun_kind noun; /* GRAPH_PACKAGE: its name, too; none: see `as` */
	enum graph_fact_kind fact; /* none: between the parts of a path */
	unsigned as;
	bool from_noun; /* to the fact; else back */
};
extern const struct gql_edge_row graph_gql_edges[];

#endif
