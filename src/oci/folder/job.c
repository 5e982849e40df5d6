/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: a packed folder becomes records. */
#include "base/worker.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "oci/folder/folder.h"

enum { STEP = 256 * 1024 };

struct job {
	struct hm_buf record;
	size_t entries;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	struct hm_str path, link = e->link;
	struct hm_mark mark = hm_mark(cx);
	if (++j->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	HM_TRY(tar_clean_path(cx, e->path, &path));
	if (e->type == TAR_HARDLINK)
		HM_TRY(tar_clean_path(cx, link, &link));
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, FOLDER_ENTRY);
	hm_buf_char(&j->record, (char)e->type);
	hm_buf_le(&j->record, e->mode, 4);
	hm_buf_le(&j->record, e->type == TAR_FILE ? e->size : 0, 8);
	hm_buf_counted(&j->record, path);
	hm_buf_counted(&j->record, link);
	*out_data = true;
	HM_TRY(hm_worker_say(cx, hm_buf_str(&j->record)));
	hm_release(cx, mark);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, FOLDER_DATA);
	hm_buf_le(&j->record, offset, 8);
	hm_buf_add(&j->record, bytes);
	return hm_worker_say(cx, hm_buf_str(&j->record));
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	static const char end = FOLDER_END;
	(void)arg;
	return hm_worker_say(cx, hm_bytes(&end, 1));
}

hm_err oci_folder_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(job_done) struct job j = { .record = HM_BUF(HM_RECORD_MAX) };
	(void)args;
	STREAM_AUTO s = { 0 };
	CRYPTO_AUTO_HASH hash = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	TAR_AUTO t = tar_open(cx, &events, &j);
	char *room = hm_new(cx, char, STEP);
	crypto_hash_start(&hash, CRYPTO_SHA256);
	for (size_t n = STEP; n == STEP;) {
		HM_TRY(stream_read(cx, &s, room, STEP, &n));
		HM_TRY(stream_check_bomb(cx, &s));
		crypto_hash_add(&hash, hm_bytes(room, n));
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	HM_TRY(tar_end(cx, t));
	hm_buf_add(out, crypto_hash_text(cx, &hash));
	return NULL;
}
