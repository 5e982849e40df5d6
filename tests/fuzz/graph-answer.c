/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker says of a document, and purls. */
#include "graph/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct graph_doc d = { 0 };
	struct graph_docs docs = { 0 };
	struct hm_str bytes = hm_bytes(data, size), key, name, again;
	if (!graph_purl(&cx, bytes, &key, &name)) {
		if (!hm_starts(key, name) || graph_purl(&cx, key, &again, &name))
			abort();
		(void)graph_purl_version(&cx, key);
	}
	if (!graph_docs_read(&cx, bytes, &docs) && !docs.n)
		abort();
	if (graph_doc_read(&cx, bytes, &d))
		return 0;
	for (size_t i = 0; i < d.facts.n; i++)
		if (!d.facts.p[i].subject || d.facts.p[i].subject > d.nouns.n ||
		    d.facts.p[i].object > d.nouns.n || d.facts.p[i].detail > d.nouns.n)
			abort();
	graph_doc_write(&d, &b);
	return 0;
}
