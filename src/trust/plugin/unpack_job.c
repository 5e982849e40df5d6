/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: an archive of a plugin becomes records (install.h). A zip file gives what stands
 * at its root, a tar archive every regular file, by the last part of its name.
 */
#include <unistd.h>

#include "base/worker.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "codec/zip.h"
#include "trust/plugin/install.h"

enum { PIECE = 256 * 1024, MODE_TYPE = 0170000, MODE_REGULAR = 0100000, MODE_RUNS = 0111 };

struct job {
	struct hm_buf record;
	uint64_t total;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
}

/* Nothing that could lead out of a folder, however it is read: not even ".." within a name, as
 * Notation has it. */
static hm_err check_path(struct hm_cx *cx, struct hm_str path)
{
	if (!path.n || path.p[0] == '/' || hm_find(path, HM_STR("..")) != SIZE_MAX ||
	    hm_find_char(path, '\\') != SIZE_MAX || hm_has_control(path))
		return hm_fail(cx, HM_INPUT,
			       "the archive has a file with the forbidden name \"%.*s\"",
			       HM_FMT(path));
	return NULL;
}

/* Before a file is inflated. */
static hm_err count_bytes(struct hm_cx *cx, struct job *j, uint64_t n)
{
	j->total += n;
	if (n >= HM_MAX_PLUGIN || j->total >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "its files together must be smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	return NULL;
}

static hm_err say_entry(struct hm_cx *cx, struct job *j, struct hm_str name, bool runs,
			uint64_t size)
{
	HM_TRY(count_bytes(cx, j, size));
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, PLUGIN_ENTRY);
	hm_buf_char(&j->record, runs ? 1 : 0);
	hm_buf_le(&j->record, size, 8);
	hm_buf_add(&j->record, hm_sub(name, 0, NAME_MAX + 1)); /* longer ones are refused there */
	return hm_worker_say(cx, hm_buf_str(&j->record));
}

static hm_err say_data(struct hm_cx *cx, struct job *j, uint64_t offset, struct hm_str bytes)
{
	while (bytes.n) {
		struct hm_str piece = hm_sub(bytes, 0, PIECE);
		hm_buf_clear(&j->record);
		hm_buf_char(&j->record, PLUGIN_DATA);
		hm_buf_le(&j->record, offset, 8);
		hm_buf_add(&j->record, piece);
		HM_TRY(hm_worker_say(cx, hm_buf_str(&j->record)));
		offset += piece.n;
		bytes = hm_from(bytes, piece.n);
	}
	return NULL;
}

static hm_err say_end(struct hm_cx *cx)
{
	static const char end = PLUGIN_END;
	return hm_worker_say(cx, hm_bytes(&end, 1));
}

/* --- zip --- */

static hm_err read_all(struct hm_cx *cx, int in, struct hm_buf *out)
{
	for (size_t n = PIECE; n;) {
		char *room = hm_buf_room(out, PIECE);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "the archive is too large");
		HM_TRY(stream_read_fd(cx, &in, room, PIECE, &n));
		out->n -= PIECE - n;
	}
	return NULL;
}

static hm_err say_zip_entry(struct hm_cx *cx, const struct zip *z, const struct zip_entry *e,
			    struct job *j)
{
	struct hm_str bytes;
	unsigned type = e->mode & MODE_TYPE;
	HM_TRY(check_path(cx, e->name));
	if (hm_find_char(e->name, '/') != SIZE_MAX || (type && type != MODE_REGULAR))
		return NULL;
	HM_TRY(say_entry(cx, j, e->name, (e->mode & MODE_RUNS) != 0, e->size));
	struct hm_mark mark = hm_mark(cx);
	HM_TRY(zip_read(cx, z, e, HM_MAX_PLUGIN, &bytes));
	HM_TRY(say_data(cx, j, 0, bytes));
	hm_release(cx, mark);
	return say_end(cx);
}

static hm_err say_zip(struct hm_cx *cx, int in, struct job *j)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PLUGIN + PIECE);
	struct zip z;
	HM_TRY(read_all(cx, in, &b));
	HM_TRY(zip_open(cx, hm_buf_str(&b), &z));
	for (size_t i = 0; i < z.n; i++)
		HM_TRY(say_zip_entry(cx, &z, &z.entries[i], j));
	return NULL;
}

/* --- tar --- */

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	*out_data = false;
	HM_TRY(check_path(cx, e->path));
	if (e->type != TAR_FILE)
		return NULL;
	*out_data = true;
	return say_entry(cx, arg, hm_basename(e->path), (e->mode & MODE_RUNS) != 0, e->size);
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	return say_data(cx, arg, offset, bytes);
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)arg;
	return say_end(cx);
}

static hm_err on_global(struct hm_cx *cx, void *arg, struct hm_str path)
{
	(void)cx;
	(void)arg;
	(void)path;
	return NULL;
}

static hm_err say_tar(struct hm_cx *cx, int in, struct job *j)
{
	static const struct tar_events events = { on_entry, on_data, on_end, on_global };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	TAR_AUTO t = tar_open(cx, &events, j);
	char *room = hm_new(cx, char, PIECE);
	for (size_t n = PIECE; n == PIECE;) {
		HM_TRY(stream_read(cx, &s, room, PIECE, &n));
		/* headers, padding and what is left out are no more than that again */
		if (s.total > 2 * HM_MAX_PLUGIN)
			return hm_fail(cx, HM_LIMIT, "the archive is too large");
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	return tar_end(cx, t);
}

hm_err trust_plugin_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(job_done) struct job j = { .record = HM_BUF(HM_RECORD_MAX) };
	(void)out;
	return hm_eqz(args, PLUGIN_ZIP) ? say_zip(cx, in, &j) : say_tar(cx, in, &j);
}
