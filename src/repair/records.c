/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/records.h"

#include "base/worker.h"

struct job {
	struct hm_buf record, later;
	char part;
	size_t entries;
	uint64_t control; /* bytes of it */
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
	hm_buf_done(&j->later);
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
	if (e->has_attributes)
		return hm_fail(cx, HM_INPUT,
			       "\"%.*s\" has extended attributes, which a patch would lose",
			       HM_FMT(e->path));
	HM_TRY(tar_clean_path(cx, e->path, &path));
	if (e->type == TAR_HARDLINK)
		HM_TRY(tar_clean_path(cx, link, &link));
	if (j->part == RECORD_CONTROL && e->type == TAR_FILE &&
	    (j->control += e->size) > HM_MAX_REPAIR_CONTROL)
		return hm_fail(cx, HM_LIMIT, "its control files are more than %llu bytes",
			       (unsigned long long)HM_MAX_REPAIR_CONTROL);
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, RECORD_ENTRY);
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
	HM_TRY(hm_worker_say_later(cx, &j->later, HM_STR(""), hm_buf_str(&j->record)));
	hm_release(cx, mark);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	static const char data = RECORD_DATA;
	struct job *j = arg;
	(void)offset;
	return hm_worker_say_later(cx, &j->later, hm_bytes(&data, 1), bytes);
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	static const char end = RECORD_END;
	struct job *j = arg;
	return hm_worker_say_later(cx, &j->later, hm_bytes(&end, 1), HM_STR(""));
}

hm_err repair_records_say(struct hm_cx *cx, struct stream_source source, char part)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(job_done)
	struct job j = { .record = HM_BUF(HM_RECORD_MAX),
			 .later = HM_BUF(HM_RECORD_LATER),
			 .part = part };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open_package(cx, source, &s));
	TAR_AUTO t = tar_open(cx, &events, &j);
	HM_TRY(tar_feed_stream(cx, t, &s));
	return hm_worker_say_rest(cx, &j.later);
}

bool repair_record_entry(struct hm_cur *c, char *out_part, struct tar_entry *out)
{
	*out_part = (char)hm_le(c, 1);
	uint64_t type = hm_le(c, 1);
	out->type = (enum tar_type)type;
	out->mode = (uint32_t)hm_le(c, 4) & 07777;
	out->uid = (uint32_t)hm_le(c, 4);
	out->gid = (uint32_t)hm_le(c, 4);
	out->mtime = (int64_t)hm_le(c, 8);
	out->size = hm_le(c, 8);
	out->path = hm_take_str(c, hm_uvarint(c));
	out->link = hm_take_str(c, hm_uvarint(c));
	out->user = hm_take_str(c, hm_uvarint(c));
	out->group = hm_take_str(c, hm_uvarint(c));
	return !c->bad && c->n == 0 && type <= TAR_DIR &&
	       (*out_part == RECORD_CONTROL || *out_part == RECORD_FILES);
}
