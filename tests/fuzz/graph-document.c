/* SPDX-License-Identifier: Apache-2.0 */
/* A document for the graph; what is read of it crosses to the parent unchanged. */
#include "graph/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct json doc;
	if (json_parse(&cx, hm_bytes(data, size), JSON_NO_NUL, &doc))
		return 0;
	for (const struct graph_format *f = graph_formats; f->name; f++) {
		struct graph_doc d = { 0 }, got = { 0 };
		if (!f->is(doc) || f->read(&cx, doc, HM_STR("sha256:00"), &d))
			continue;
		graph_doc_write(&d, &b);
		if (d.format.n <= 64 && hm_is_utf8(d.format) && !b.over &&
		    (graph_doc_read(&cx, hm_buf_str(&b), &got) || got.nouns.n != d.nouns.n ||
		     got.facts.n != d.facts.n))
			abort();
		hm_buf_clear(&b);
	}
	return 0;
}
