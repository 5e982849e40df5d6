/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: scripts.tar of an image, without those of packages that are replaced. */
#include "codec/stream.h"
#include "codec/tar.h"
#include "repair/apk/apk.h"

enum { STEP = 256 * 1024 };

struct job {
	struct hm_strs drop;    /* what their names begin with */
	struct hm_buf kept;     /* entries of the archive */
	struct hm_buf triggers; /* name and bytes of each that is kept */
	struct hm_buf bytes;
	struct tar_entry e;
	size_t entries, n;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->kept);
	hm_buf_done(&j->triggers);
	hm_buf_done(&j->bytes);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	if (++j->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	*out_data = e->type == TAR_FILE;
	for (size_t i = 0; *out_data && i < j->drop.n; i++)
		*out_data = !hm_starts(e->path, j->drop.p[i]);
	if (!*out_data)
		return NULL;
	j->e = *e;
	j->e.path = hm_dup(cx, e->path);
	hm_buf_clear(&j->bytes);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	(void)cx;
	while (j->bytes.n < offset && !j->bytes.over) /* a hole */
		hm_buf_char(&j->bytes, '\0');
	hm_buf_add(&j->bytes, bytes);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	struct job *j = arg;
	struct hm_str bytes;
	HM_TRY(hm_buf_end(cx, &j->bytes, "a script", &bytes));
	struct tar_entry e = { .path = j->e.path,
			       .type = TAR_FILE,
			       .size = bytes.n,
			       .mode = j->e.mode,
			       .uid = j->e.uid,
			       .gid = j->e.gid,
			       .mtime = j->e.mtime };
	HM_TRY(tar_write_header(cx, &e, &j->kept));
	hm_buf_add(&j->kept, bytes);
	hm_buf_add(&j->kept, tar_padding(bytes.n));
	if (!hm_ends(e.path, HM_STR(".trigger")))
		return NULL;
	hm_buf_counted(&j->triggers, e.path);
	hm_buf_counted(&j->triggers, bytes);
	j->n++;
	return NULL;
}

static hm_err read_tar(struct hm_cx *cx, int in, struct job *j)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	TAR_AUTO t = tar_open(cx, &events, j);
	char *room = hm_new(cx, char, STEP);
	for (size_t n = 1; n;) {
		HM_TRY(stream_read_fd(cx, &in, room, STEP, &n));
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	return tar_end(cx, t);
}

hm_err repair_apk_scripts_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(job_done)
	struct job j = { .kept = HM_BUF(HM_MAX_REPAIR_FILE),
			 .triggers = HM_BUF(HM_MAX_REPAIR_FILE),
			 .bytes = HM_BUF(HM_MAX_REPAIR_CONTROL) };
	struct hm_str kept, triggers;
	for (struct hm_cur c = hm_cur(args); c.n && !c.bad;)
		*hm_push(cx, &j.drop) = hm_take_str(&c, hm_uvarint(&c));
	HM_TRY(read_tar(cx, in, &j));
	HM_TRY(hm_buf_end(cx, &j.kept, "scripts.tar", &kept));
	HM_TRY(hm_buf_end(cx, &j.triggers, "scripts.tar", &triggers));
	hm_buf_counted(out, kept);
	hm_buf_uvarint(out, j.n);
	hm_buf_add(out, triggers);
	return NULL;
}
