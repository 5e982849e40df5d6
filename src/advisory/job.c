/* SPDX-License-Identifier: Apache-2.0 */
/* The job of the sandboxed worker that reads what feeds publish. */
#include "advisory/job.h"

#include "advisory/feeds/feeds.h"
#include "codec/zip.h"

struct hm_str advisory_osv_args(struct hm_cx *cx, enum advisory_input kind, uint64_t first,
				uint64_t n)
{
	HM_AUTO_BUF b = HM_BUF(64);
	hm_buf_uvarint(&b, kind);
	hm_buf_uvarint(&b, first);
	hm_buf_uvarint(&b, n);
	return hm_dup(cx, hm_buf_str(&b));
}

/* The first feed that knows the document says what it is. */
static hm_err ask_feeds(struct hm_cx *cx, struct hm_str text, enum advisory_said *out_said,
			struct hm_buf *out)
{
	*out_said = ADVISORY_SAID_NOTHING;
	for (const struct advisory_feed *const *f = advisory_feeds; *f && !*out_said; f++) {
		if (!(*f)->read_document)
			continue;
		hm_buf_clear(out);
		if ((*f)->row_size)
			hm_buf_char(out, (char)(*f)->kind);
		HM_TRY((*f)->read_document(cx, text, out_said, out));
	}
	return NULL;
}

/* Say what one document is; its memory is given back. */
static void say_document(struct hm_cx *cx, struct hm_str name, hm_err err, struct hm_str text,
			 struct hm_buf *out)
{
	HM_AUTO_BUF one = HM_BUF(HM_MAX_ADVISORY);
	enum advisory_said said = ADVISORY_SAID_BAD;
	if (!err)
		err = ask_feeds(cx, text, &said, &one);
	if (err) {
		said = ADVISORY_SAID_BAD;
		hm_buf_clear(&one);
		hm_buf_add(&one, hm_fmt(cx, "\"%.*s\": %s", HM_FMT(name), err->why));
	}
	hm_buf_char(out, (char)said);
	hm_buf_counted(out, hm_buf_str(&one));
}

static hm_err read_archive(struct hm_cx *cx, struct hm_str input, uint64_t first, uint64_t n,
			   struct hm_buf *out)
{
	struct zip zip;
	uint64_t seen = 0;
	HM_TRY(zip_open(cx, input, &zip));
	for (size_t i = 0; i < zip.n; i++)
		seen += hm_ends(zip.entries[i].name, HM_STR(".json"));
	hm_buf_uvarint(out, seen);
	seen = 0;
	for (size_t i = 0; i < zip.n; i++) {
		struct hm_str text = { "", 0 };
		if (!hm_ends(zip.entries[i].name, HM_STR(".json")) || seen++ < first ||
		    seen - first > n)
			continue;
		struct hm_mark mark = hm_mark(cx);
		size_t budget = cx->budget;
		hm_err err = zip_read(cx, &zip, &zip.entries[i], HM_MAX_ADVISORY, &text);
		say_document(cx, zip.entries[i].name, err, text, out);
		hm_release(cx, mark);
		cx->budget = budget;
	}
	return NULL;
}

static hm_err read_documents(struct hm_cx *cx, struct hm_str input, struct hm_buf *out)
{
	struct advisory_dec d = { .cur = hm_cur(input) };
	while (d.cur.n) {
		struct hm_str name = advisory_get_str(&d), text = advisory_get_str(&d);
		if (d.cur.bad)
			return hm_fail(cx, HM_INPUT, "damaged list of documents");
		struct hm_mark mark = hm_mark(cx);
		size_t budget = cx->budget;
		say_document(cx, name, NULL, text, out);
		hm_release(cx, mark);
		cx->budget = budget;
	}
	return NULL;
}

static hm_err read_whole_file(struct hm_cx *cx, struct hm_str input, uint64_t number,
			      struct hm_buf *out)
{
	const struct advisory_feed *const *f = advisory_feeds;
	while (*f && number--)
		f++;
	if (!*f || !(*f)->read_file)
		return hm_fail(cx, HM_INPUT, "damaged arguments");
	HM_AUTO_BUF one = HM_BUF((*f)->max);
	enum advisory_said said;
	if ((*f)->row_size)
		hm_buf_char(&one, (char)(*f)->kind);
	HM_TRY((*f)->read_file(cx, input, &said, &one));
	hm_buf_char(out, (char)said);
	hm_buf_counted(out, hm_buf_str(&one));
	return NULL;
}

hm_err advisory_osv_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_cur c = hm_cur(args);
	uint64_t kind = hm_uvarint(&c), first = hm_uvarint(&c), n = hm_uvarint(&c);
	struct hm_str input;
	if (c.bad)
		return hm_fail(cx, HM_INPUT, "damaged arguments");
	HM_TRY(hm_read_fd(cx, in, "advisories", HM_GIB, &input));
	if (kind == ADVISORY_INPUT_ZIP)
		return read_archive(cx, input, first, n, out);
	if (kind == ADVISORY_INPUT_FILE)
		return read_whole_file(cx, input, first, out);
	return read_documents(cx, input, out);
}
