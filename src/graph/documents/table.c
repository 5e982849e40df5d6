/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/documents/documents.h"

const struct graph_format graph_formats[] = {
	{ "SPDX", graph_is_spdx, graph_read_spdx },
	{ "CycloneDX", graph_is_cyclonedx, graph_read_cyclonedx },
	{ "SLSA", graph_is_slsa, graph_read_slsa },
	{ "Scorecard", graph_is_scorecard, graph_read_scorecard },
	{ 0 },
};
