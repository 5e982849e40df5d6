/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/layer_file.h"

#include <unistd.h>

#include "base/worker.h"
#include "base/worker_flow.h"
#include "codec/stream.h"

enum { STEP = 256 * 1024 };
/* What a record begins with: something lies at the path, a plain file or not; bytes of it. */
enum { RECORD_FILE = 'F', RECORD_OTHER = 'O', RECORD_DATA = 'D' };

/* ------------------------------------------------------------------ in the worker */

struct job {
	struct hm_str path;
	uint64_t at; /* of the file */
	struct hm_buf record;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
}

/* Of several entries at one path the last one counts. */
static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	struct hm_mark mark = hm_mark(cx);
	struct hm_str path;
	*out_data = false;
	HM_TRY(tar_clean_path(cx, e->path, &path));
	if (hm_eq(path, j->path)) {
		*out_data = e->type == TAR_FILE && !e->sparse && !e->redirected;
		char kind = *out_data ? RECORD_FILE : RECORD_OTHER;
		j->at = 0;
		HM_TRY(hm_worker_say(cx, hm_bytes(&kind, 1)));
	}
	hm_release(cx, mark);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	if (offset != j->at)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" has holes", HM_FMT(j->path));
	j->at += bytes.n;
	while (bytes.n) {
		struct hm_str some = hm_sub(bytes, 0, STEP);
		hm_buf_clear(&j->record);
		hm_buf_char(&j->record, RECORD_DATA);
		hm_buf_add(&j->record, some);
		HM_TRY(hm_worker_say(cx, hm_buf_str(&j->record)));
		bytes = hm_from(bytes, some.n);
	}
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)cx;
	(void)arg;
	return NULL;
}

hm_err repair_layer_file_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(job_done) struct job j = { .path = args, .record = HM_BUF(HM_RECORD_MAX) };
	STREAM_AUTO s = { 0 };
	(void)out;
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	TAR_AUTO t = tar_open(cx, &events, &j);
	return tar_feed_stream(cx, t, &s);
}

/* ------------------------------------------------------------------ in the parent */

static hm_err on_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	return hm_write_all(cx, *(int *)arg, "a temporary file", bytes);
}

static hm_err on_again(struct hm_cx *cx, void *arg)
{
	int fd = *(int *)arg;
	return ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET)
		       ? hm_fail_os(cx, "could not write a temporary file")
		       : NULL;
}

static hm_err rewind_fd(struct hm_cx *cx, int fd)
{
	return lseek(fd, 0, SEEK_SET) ? hm_fail_os(cx, "could not read a temporary file") : NULL;
}

hm_err repair_layer_blob(struct hm_cx *cx, const struct repair_base *base, size_t layer,
			 int *out_fd)
{
	HM_AUTO_FD fd = -1;
	if (layer >= base->n)
		return hm_fail(cx, HM_INPUT, "the image has no layer %zu", layer + 1);
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY_IN(cx,
		  oci_fetch_to(cx, base->from, &base->layers[layer],
			       (struct oci_sink){ on_bytes, on_again, &fd }),
		  "layer %zu (\"%.*s\")", layer + 1, HM_FMT(base->layers[layer].digest));
	*out_fd = fd;
	fd = -1;
	return NULL;
}

struct extracting {
	int from, to;
	uint64_t size, max;
	bool is_file;
};

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct extracting *x = arg;
	return stream_read_fd(cx, &x->from, room, n, out_n);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct extracting *x = arg;
	struct hm_str bytes = hm_from(record, 1);
	char kind = record.n ? *record.p : '\0';
	if (kind == RECORD_DATA && x->is_file && bytes.n <= x->max - x->size) {
		x->size += bytes.n;
		return hm_write_all(cx, x->to, "a temporary file", bytes);
	}
	if (bytes.n || (kind != RECORD_FILE && kind != RECORD_OTHER))
		return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
	x->is_file = kind == RECORD_FILE;
	x->size = 0;
	return on_again(cx, &x->to);
}

hm_err repair_layer_extract(struct hm_cx *cx, int blob, const struct repair_node *n, int *out_fd)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_FD fd = -1;
	struct extracting x = { .from = blob, .max = n->size };
	struct hm_flow flow = { on_read, on_record, &x };
	struct hm_str none;
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY(rewind_fd(cx, blob));
	x.to = fd;
	HM_TRY(hm_worker_start(cx, REPAIR_FILE_JOB, n->path, 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	if (!x.is_file || x.size != n->size)
		return hm_fail(cx, HM_INPUT, "the layer has no such file");
	HM_TRY(rewind_fd(cx, fd));
	*out_fd = fd;
	fd = -1;
	return NULL;
}
