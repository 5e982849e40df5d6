/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/documents/documents.h"

/* The first that knows a document reads it: wrappers before what could be in them. */
const struct graph_format graph_formats[] = {
	{ "envelope", graph_is_wrapped, graph_read_wrapped },
	{ "SPDX", graph_is_spdx, graph_read_spdx },
	{ "SPDX 3", graph_is_spdx3, graph_read_spdx3 },
	{ "CycloneDX", graph_is_cyclonedx, graph_read_cyclonedx },
	{ "SLSA", graph_is_slsa, graph_read_slsa },
	{ "in-toto", graph_is_intoto, graph_read_intoto },
	{ "Scorecard", graph_is_scorecard, graph_read_scorecard },
	{ "OpenVEX", graph_is_openvex, graph_read_openvex },
	{ "CSAF", graph_is_csaf, graph_read_csaf },
	{ "scanner's report", graph_is_report, graph_read_report },
	{ "OSV", graph_is_osv, graph_read_osv },
	{ "ClearlyDefined", graph_is_clearlydefined, graph_read_clearlydefined },
	{ "deps.dev", graph_is_depsdev, graph_read_depsdev },
	{ "GUAC predicates", graph_is_predicates, graph_read_predicates },
	{ 0 },
};

hm_err graph_read_any(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d)
{
	for (const struct graph_format *f = graph_formats; f->name; f++)
		if (f->is(doc)) {
			HM_TRY_IN(cx, f->read(cx, doc, digest, d), "%s", f->name);
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, GRAPH_NO_FORMAT);
}
