/* SPDX-License-Identifier: Apache-2.0 */
/* Documents for the graph; what is read of them crosses to the parent unchanged. */
#include "cli/graph.h"
#include "graph/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct graph_docs docs = { 0 }, got = { 0 };
	if (graph_read_documents(&cx, hm_bytes(data, size), HM_STR("sha256:00"), &cli_graph_reports,
				 &docs))
		return 0;
	graph_docs_write(&docs, &b);
	if (b.over)
		return 0;
	if (graph_docs_read(&cx, hm_buf_str(&b), &got) || got.n != docs.n)
		abort();
	for (size_t i = 0; i < docs.n; i++)
		if (got.p[i].nouns.n != docs.p[i].nouns.n ||
		    got.p[i].facts.n != docs.p[i].facts.n ||
		    !hm_eq(got.p[i].format, docs.p[i].format))
			abort();
	return 0;
}
