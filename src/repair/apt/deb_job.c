/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: deb(5), a package, becomes records. */
#include "base/worker.h"
#include "codec/ar.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "repair/apt/deb.h"
#include "repair/repair.h"

enum { STEP = 256 * 1024 };

struct job {
	struct hm_buf record;
	char part;
	size_t entries;
	uint64_t control; /* bytes of it */
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	struct hm_mark mark = hm_mark(cx);
	struct hm_str path, link = e->link;
	if (++j->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	if (e->type == TAR_DEVICE || e->type == TAR_OTHER || e->sparse || e->redirected)
		return hm_fail(cx, HM_INPUT,
			       "\"%.*s\" is neither a plain file, a folder nor a link",
			       HM_FMT(e->path));
	HM_TRY(tar_clean_path(cx, e->path, &path));
	if (e->type == TAR_HARDLINK)
		HM_TRY(tar_clean_path(cx, link, &link));
	if (j->part == DEB_CONTROL && e->type == TAR_FILE &&
	    (j->control += e->size) > HM_MAX_REPAIR_CONTROL)
		return hm_fail(cx, HM_LIMIT, "its control files are more than %llu bytes",
			       (unsigned long long)HM_MAX_REPAIR_CONTROL);
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, DEB_ENTRY);
	hm_buf_char(&j->record, j->part);
	hm_buf_char(&j->record, (char)e->type);
	hm_buf_le(&j->record, e->mode, 4);
	hm_buf_le(&j->record, e->uid, 4);
	hm_buf_le(&j->record, e->gid, 4);
	hm_buf_le(&j->record, (uint64_t)e->mtime, 8);
	hm_buf_le(&j->record, e->type == TAR_FILE ? e->size : 0, 8);
	hm_buf_counted(&j->record, path);
	hm_buf_counted(&j->record, link);
	hm_buf_counted(&j->record, e->user);
	hm_buf_counted(&j->record, e->group);
	*out_data = e->type == TAR_FILE;
	HM_TRY(hm_worker_say(cx, hm_buf_str(&j->record)));
	hm_release(cx, mark);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	(void)offset;
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, DEB_DATA);
	hm_buf_add(&j->record, bytes);
	return hm_worker_say(cx, hm_buf_str(&j->record));
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	static const char end = DEB_END;
	(void)arg;
	return hm_worker_say(cx, hm_bytes(&end, 1));
}

static hm_err read_tar(struct hm_cx *cx, struct ar *a, struct job *j)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open_package(cx, (struct stream_source){ ar_read, a }, &s));
	TAR_AUTO t = tar_open(cx, &events, j);
	char *room = hm_new(cx, char, STEP);
	for (size_t n = STEP; n == STEP;) {
		HM_TRY(stream_read(cx, &s, room, STEP, &n));
		HM_TRY(stream_check_bomb(cx, &s));
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	return tar_end(cx, t);
}

static hm_err check_version(struct hm_cx *cx, struct ar *a, const struct ar_member *m)
{
	char room[8];
	size_t n = 0;
	if (hm_eqz(m->name, "debian-binary") && m->size < sizeof(room))
		HM_TRY(ar_read(cx, a, room, sizeof(room), &n));
	return hm_starts(hm_bytes(room, n), HM_STR("2."))
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "it is no Debian package of format 2");
}

/* Names that begin so are for others (deb(5)). */
static hm_err next_member(struct hm_cx *cx, struct ar *a, struct ar_member *out)
{
	bool more = true;
	do
		HM_TRY(ar_next(cx, a, out, &more));
	while (more && hm_starts(out->name, HM_STR("_")));
	return more ? NULL : hm_fail(cx, HM_INPUT, "the package has no more parts");
}

static hm_err read_part(struct hm_cx *cx, struct ar *a, struct job *j, const char *name, char part)
{
	struct ar_member m;
	HM_TRY(next_member(cx, a, &m));
	struct hm_str end =
		hm_starts(m.name, hm_cstr(name)) ? hm_from(m.name, strlen(name)) : HM_STR("?");
	if (end.n && !hm_eqz(end, ".gz") && !hm_eqz(end, ".xz") && !hm_eqz(end, ".zst"))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" where %s should be", HM_FMT(m.name), name);
	j->part = part;
	HM_TRY_IN(cx, read_tar(cx, a, j), "%.*s", HM_FMT(m.name));
	return NULL;
}

hm_err repair_deb_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(job_done) struct job j = { .record = HM_BUF(HM_RECORD_MAX) };
	struct ar a;
	struct ar_member m;
	(void)args;
	(void)out;
	HM_TRY(ar_open(cx, (struct stream_source){ stream_read_fd, &in }, &a));
	HM_TRY(next_member(cx, &a, &m));
	HM_TRY(check_version(cx, &a, &m));
	HM_TRY(read_part(cx, &a, &j, "control.tar", DEB_CONTROL));
	return read_part(cx, &a, &j, "data.tar", DEB_FILES);
}
