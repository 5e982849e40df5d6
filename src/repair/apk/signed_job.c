/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: where the members of a file end, and what the first one says of signatures. */
#include "base/worker.h"
#include "codec/gzip_members.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "repair/apk/apk.h"

enum { SIGNATURES_MAX = 16, SIGNATURE_MAX = 16384 };

struct job {
	struct hm_buf found; /* name and bytes of each */
	struct hm_buf bytes; /* of the one that is open */
	struct hm_str name;
	size_t n;
	struct tar *tar; /* of the first member */
	uint64_t inflated;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->found);
	hm_buf_done(&j->bytes);
	tar_close_ptr(&j->tar);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	*out_data = e->type == TAR_FILE && hm_starts(e->path, HM_STR(".SIGN."));
	if (!*out_data)
		return NULL;
	if (++j->n > SIGNATURES_MAX || e->size > SIGNATURE_MAX)
		return hm_fail(cx, HM_LIMIT, "more or larger signatures than anybody makes");
	j->name = hm_dup(cx, e->path);
	hm_buf_clear(&j->bytes);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	(void)cx;
	(void)offset;
	hm_buf_add(&j->bytes, bytes);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	struct job *j = arg;
	(void)cx;
	hm_buf_counted(&j->found, j->name);
	hm_buf_counted(&j->found, hm_buf_str(&j->bytes));
	return NULL;
}

static hm_err on_bytes(struct hm_cx *cx, void *arg, size_t member, struct hm_str bytes)
{
	struct job *j = arg;
	j->inflated += bytes.n;
	if (j->inflated > HM_MAX_REPAIR_INDEX)
		return hm_fail(cx, HM_LIMIT, "it inflates to more than %llu bytes",
			       (unsigned long long)HM_MAX_REPAIR_INDEX);
	return member ? NULL : tar_feed(cx, j->tar, bytes);
}

hm_err repair_apk_signed_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(job_done)
	struct job j = { .found = HM_BUF(HM_MIB), .bytes = HM_BUF(SIGNATURE_MAX) };
	struct gzip_members_to to = { on_bytes, &j };
	struct gzip_ends ends;
	(void)args;
	j.tar = tar_open(cx, &events, &j);
	HM_TRY(gzip_members(cx, (struct stream_source){ stream_read_fd, &in }, &to, &ends));
	HM_TRY(tar_end(cx, j.tar));
	hm_buf_uvarint(out, ends.at[0]);
	hm_buf_uvarint(out, ends.n > 1 ? ends.at[1] : 0);
	hm_buf_uvarint(out, j.n);
	hm_buf_add(out, hm_buf_str(&j.found));
	return NULL;
}
