/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: a document becomes nouns and facts. */
#include "base/worker.h"
#include "codec/stream.h"
#include "crypto/crypto.h"
#include "graph/doc.h"

static hm_err read_all(struct hm_cx *cx, int in, struct hm_buf *out)
{
	STREAM_AUTO s = { 0 };
	size_t n;
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	do {
		char *room = hm_buf_room(out, 64 * HM_KIB);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "it is larger than %llu bytes",
				       (unsigned long long)HM_MAX_JSON);
		HM_TRY(stream_read(cx, &s, room, 64 * HM_KIB, &n));
		out->n -= 64 * HM_KIB - n;
	} while (n);
	return NULL;
}

hm_err graph_document_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_AUTO_BUF bytes = HM_BUF(HM_MAX_JSON + 64 * HM_KIB);
	struct graph_doc d = { 0 };
	struct json doc;
	HM_TRY(read_all(cx, in, &bytes));
	HM_TRY(json_parse(cx, hm_buf_str(&bytes), JSON_NO_NUL, &doc));
	for (const struct graph_format *f = graph_formats; f->name; f++) {
		if (!f->is(doc))
			continue;
		HM_TRY_IN(cx, f->read(cx, doc, args, &d), "%s", f->name);
		graph_doc_write(&d, out);
		return NULL;
	}
	return hm_fail(cx, HM_INPUT, "it is of no format that is known");
}
