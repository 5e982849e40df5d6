/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - inside graph/graphql/: the functions that the table of fields names (types.c).
 */
#ifndef GRAPH_GRAPHQL_FIELDS_H
#define GRAPH_GRAPHQL_FIELDS_H

#include "graph/graphql/graphql.h"

/* Of facts. `detail`: the member of that name in what the document says. */
gql_value_of graph_gql_id_of_fact, graph_gql_subject, graph_gql_object, graph_gql_both,
	graph_gql_detail, graph_gql_checks, graph_gql_predicate, graph_gql_member, graph_gql_origin,
	graph_gql_location, graph_gql_collector, graph_gql_reference, graph_gql_same,
	graph_gql_declared, graph_gql_discovered, graph_gql_materials, graph_gql_dependencies,
	graph_gql_occurrences, graph_gql_included;
/* Of nouns. */
gql_value_of graph_gql_part_id, graph_gql_part_text, graph_gql_below, graph_gql_purl,
	graph_gql_subpath, graph_gql_tag, graph_gql_commit, graph_gql_qualifiers,
	graph_gql_qualifier_key, graph_gql_qualifier_value, graph_gql_noun_id_of, graph_gql_key,
	graph_gql_algorithm, graph_gql_digest, graph_gql_licence_name, graph_gql_licence_list,
	graph_gql_nothing;
/* Of pages. */
gql_value_of graph_gql_total, graph_gql_page_edges, graph_gql_has_next, graph_gql_start,
	graph_gql_end, graph_gql_edge_cursor, graph_gql_edge_node;
/* Of the schema itself (introspect.c). */
gql_value_of graph_gql_in_schema, graph_gql_in_type, graph_gql_in_types, graph_gql_in_query_type,
	graph_gql_in_directives, graph_gql_in_kind, graph_gql_in_type_name, graph_gql_in_of,
	graph_gql_in_fields, graph_gql_in_interfaces, graph_gql_in_possible, graph_gql_in_words,
	graph_gql_in_inputs, graph_gql_in_name, graph_gql_in_args, graph_gql_in_directive_args,
	graph_gql_in_field_type, graph_gql_in_input_type, graph_gql_in_preset, graph_gql_in_false,
	graph_gql_in_locations;

#endif
