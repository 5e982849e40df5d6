/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_answers.h - what the questions to the graph are answered with: by the commands, and by the
 * service.
 */
#ifndef CLI_GRAPH_ANSWERS_H
#define CLI_GRAPH_ANSWERS_H

#include "cli/answer.h"

extern const struct cli_answer cli_graph_stats_answer; /* of a struct graph_stats */

#endif
