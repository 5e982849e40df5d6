/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what a command pushes is kept in the knowledge graph, too: --record, or
 * $HULLMARK_GRAPH.
 *
 * It is taken out of memory, where the pushes have left it (oci/record.h), so that the registry is
 * not asked for what was just given to it. What cannot be kept is a warning, and stands in the
 * answer: the command has done what it was for.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/cli.h"

/* clang-format off */
#define CLI_RECORD(type, field) \
	CLI_OPT(type, field, "record", CLI_TEXT, 0, "GRAPH", "keep what is pushed in this knowledge graph, too: a folder, or postgresql://HOST/NAME ($HULLMARK_GRAPH)")
/* clang-format on */

/* Before a place is opened; `graph`: the option, or NULL. */
void cli_record_begin(struct hm_cx *cx, struct cli *cli, const char *graph);
/* All is pushed: it goes into the graph, and what became of it into the answer. */
void cli_record_end(struct hm_cx *cx, struct cli *cli, struct cli_outputs *outputs);

#endif
