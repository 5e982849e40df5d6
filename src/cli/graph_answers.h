/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_answers.h - what the questions to the graph are answered with: by the commands, and by the
 * service.
 */
#ifndef CLI_GRAPH_ANSWERS_H
#define CLI_GRAPH_ANSWERS_H

#include "cli/answer.h"
#include "graph/graph.h"

extern const struct cli_answer cli_graph_node_answer;       /* of a struct graph_view */
extern const struct cli_answer cli_graph_neighbours_answer; /* of a struct graph_neighbours */
extern const struct cli_answer cli_graph_dashboard_answer;  /* of a struct graph_dashboard */

/* --- parts of them --- */

/* {"id", "kind", "key", "label"}; nothing where there is no node. `key` NULL: in an array. */
void cli_graph_put_node(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_node *node);
void cli_graph_put_nodes(struct hm_cx *cx, struct json_out *o, const char *key,
			 const struct graph_nodes *nodes);
/* {"digest", "format", "origin", "collector", "signer", "belief", "taken"} */
void cli_graph_put_witness(struct hm_cx *cx, struct json_out *o, const char *key,
			   const struct graph_witness *source);
/* {"id", "kind", "subject", "object", "detail", "links", "document"} */
void cli_graph_put_fact(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_said *fact);
void cli_graph_put_facts(struct hm_cx *cx, struct json_out *o, const char *key,
			 const struct graph_facts *facts);
void cli_graph_put_pods(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_pods *pods);
/* {"package", "licences", "said"}. A component without a package is left out. */
void cli_graph_put_component(struct hm_cx *cx, struct json_out *o, const char *key,
			     const struct graph_component *c);
/* "allowed", "denied", "unknown". */
const char *cli_graph_decision_answer(const struct graph_decision *d);
/* An empty list is left out. */
void cli_graph_put_decisions(struct hm_cx *cx, struct json_out *o, const char *key,
			     const struct graph_decisions *all);
void cli_graph_write_decision(struct hm_cx *cx, struct hm_buf *out, const char *indent,
			      const struct graph_decision *d);
/* "cut": by which limit, where there was one. */
void cli_graph_put_cut(struct json_out *o, enum graph_cut cut);

/* --- for people --- */

/* "a depends on b: DOCUMENT, signed by WHO, believed", a line behind `indent`. */
void cli_graph_write_fact(struct hm_cx *cx, struct hm_buf *out, const char *indent,
			  const struct graph_said *fact);
void cli_graph_write_facts(struct hm_cx *cx, struct hm_buf *out, const struct graph_facts *facts);
/* "ORIGIN (signed by WHO, believed)" */
struct hm_str cli_graph_witness_text(struct hm_cx *cx, const struct graph_witness *source);
/* "there is more: ..."; nothing where nothing was cut. */
void cli_graph_write_cut(struct hm_buf *out, enum graph_cut cut);
/* "CLUSTER/NAMESPACE/WORKLOAD since DATE". */
struct hm_str cli_graph_pod_text(struct hm_cx *cx, const struct graph_pod *pod);

/* Artifacts by a fact of each, with their images and what runs them. */
void cli_graph_put_made(struct hm_cx *cx, struct json_out *o, const char *key,
			const struct graph_made_list *all);
/* Two cells of one of them, what it is and where it runs; both are empty without such a thing. */
void cli_graph_add_made(struct hm_cx *cx, struct cli_table *t, const struct graph_made_list *all,
			size_t i);

#endif
