/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: the documents of an input become nouns and facts. */
#include "base/worker.h"
#include "codec/stream.h"
#include "crypto/crypto.h"
#include "graph/documents/documents.h"

static hm_err read_all(struct hm_cx *cx, int in, struct hm_buf *out, bool *out_is_packed)
{
	STREAM_AUTO s = { 0 };
	size_t n;
	HM_TRY(stream_open_document(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	do {
		char *room = hm_buf_room(out, 64 * HM_KIB);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "it is larger than %llu bytes",
				       (unsigned long long)HM_MAX_JSON);
		HM_TRY(stream_read(cx, &s, room, 64 * HM_KIB, &n));
		out->n -= 64 * HM_KIB - n;
	} while (n);
	*out_is_packed = strcmp(s.format->name, "plain") != 0;
	return NULL;
}

#define MARK "\xef\xbb\xbf" /* byte order mark */

static bool is_xml(struct hm_str bytes)
{
	if (hm_starts(bytes, HM_STR(MARK)))
		bytes = hm_from(bytes, sizeof(MARK) - 1);
	return hm_starts(hm_trim(bytes), HM_STR("<"));
}

/* A line that is a whole value, and more behind it. */
static bool is_lines(struct hm_cx *cx, struct hm_str bytes)
{
	struct json first;
	struct hm_str rest = hm_trim(bytes), line = hm_trim(hm_line(&rest));
	return hm_starts(line, HM_STR("{")) && hm_trim(rest).n &&
	       !json_parse(cx, line, JSON_NO_NUL, &first);
}

static struct graph_doc *add_doc(struct hm_cx *cx, const struct graph_reports *reports,
				 struct graph_docs *out)
{
	struct graph_doc *d = hm_push(cx, out);
	d->reading = hm_new(cx, struct graph_reading, 1);
	*d->reading = (struct graph_reading){ .reports = reports, .any = graph_read_any };
	return d;
}

static hm_err read_lines(struct hm_cx *cx, struct hm_str bytes, const struct graph_reports *reports,
			 struct graph_docs *out)
{
	size_t number = 0;
	while (bytes.n) {
		struct hm_str line = hm_trim(hm_line(&bytes));
		struct json doc;
		number++;
		if (!line.n)
			continue;
		if (out->n >= HM_MAX_GRAPH_DOCUMENTS)
			return hm_fail(cx, HM_LIMIT, "more than %zu documents",
				       (size_t)HM_MAX_GRAPH_DOCUMENTS);
		struct graph_doc *d = add_doc(cx, reports, out);
		d->digest = crypto_digest_text(cx, CRYPTO_SHA256, line);
		d->size = line.n;
		HM_TRY_IN(cx, json_parse(cx, line, JSON_STRICT, &doc), "line %zu", number);
		HM_TRY_IN(cx, graph_read_any(cx, doc, d->digest, d), "line %zu", number);
	}
	return NULL;
}

hm_err graph_read_documents(struct hm_cx *cx, struct hm_str bytes, struct hm_str digest,
			    const struct graph_reports *reports, struct graph_docs *out)
{
	struct json doc;
	if (is_xml(bytes)) {
		HM_TRY(graph_cyclonedx_of_xml(cx, bytes, &doc));
	} else if (graph_is_spdx_tags(bytes)) {
		HM_TRY_IN(cx, graph_spdx_of_tags(cx, bytes, &doc), "SPDX");
	} else {
		/* RFC 8259, 8.1: who reads JSON may pass over the mark, which tools of Windows
		 * write */
		if (hm_starts(bytes, HM_STR(MARK)))
			bytes = hm_from(bytes, sizeof(MARK) - 1);
		if (is_lines(cx, bytes))
			return read_lines(cx, bytes, reports, out);
		HM_TRY(json_parse(cx, bytes, JSON_STRICT, &doc));
	}
	return graph_read_any(cx, doc, digest, add_doc(cx, reports, out));
}

hm_err graph_document_job(struct hm_cx *cx, struct hm_str digest, int in,
			  const struct graph_reports *reports, struct hm_buf *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON + 64 * HM_KIB);
	struct graph_docs docs = { 0 };
	bool is_packed;
	HM_TRY(read_all(cx, in, &b, &is_packed));
	struct hm_str bytes = hm_buf_str(&b);
	if (is_packed)
		digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes);
	HM_TRY(graph_read_documents(cx, bytes, digest, reports, &docs));
	graph_docs_write(&docs, out);
	return NULL;
}
