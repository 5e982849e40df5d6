/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what a command pushes is kept in the knowledge graph, too: --record, or
 * $HULLMARK_GRAPH.
 *
 * It is taken out of memory, where the pushes have left it (oci/record.h), so that the registry is
 * not asked for what was just given to it. What cannot be kept is a warning, and stands in the
 * answer: the command has done what it was for. Where the command fails after it has pushed, what
 * it pushed is kept all the same, and a warning says so.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/cli.h"
#include "gate/gate.h"

/* clang-format off */
#define CLI_RECORD(type, field) \
	CLI_OPT(type, field, "record", CLI_TEXT, 0, "GRAPH", "keep what is pushed in this knowledge graph, too: a folder, or postgresql://HOST/NAME ($HULLMARK_GRAPH)")
/* clang-format on */

/* Before a place is opened; `graph`: the option, or NULL. */
void cli_record_begin(struct hm_cx *cx, struct cli *cli, const char *graph);
/* All is pushed: it goes into the graph, and what became of it into the answer. */
void cli_record_end(struct hm_cx *cx, struct cli *cli, struct cli_outputs *outputs);

/* Where a command pushes nothing: only the option is read. */
void cli_record_to(struct cli *cli, const char *graph);
/* What a gate decided in this command goes into the graph, where there is one, as the decisions of
 * a gate that serves do. */
struct cli_decisions {
	struct gate_decision *p;
	size_t n, cap;
};
void cli_record_decisions(struct hm_cx *cx, struct cli *cli, const struct cli_decisions *all,
			  struct cli_outputs *outputs);

#endif
