/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: a payload, whose digest is verified, becomes records: a cpio archive in the "new
 * ASCII" format (cpio(5)), and rpm's own form of it, which says the number of a file in the header
 * instead of what the header says already.
 */
#include "base/worker.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "repair/repair.h"
#include "repair/rpm/payload.h"

enum { STEP = 256 * 1024, MAGIC = 6, DIGITS = 8, FIELDS = 13, NAME_MAX_CPIO = 4096 };
enum { FIELD_SIZE = 6, FIELD_NAME = 11 };

struct job {
	struct stream s;
	struct rpm_payload_sink to;
	struct hm_buf record;
	struct {
		uint64_t *p;
		size_t n, cap;
	} sizes; /* of files, by their number */
	char *room;
	size_t entries;
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->record);
	stream_close(&j->s);
}

static hm_err read_exactly(struct hm_cx *cx, struct job *j, void *room, size_t n)
{
	size_t got;
	HM_TRY(stream_read(cx, &j->s, room, n, &got));
	HM_TRY(stream_check_bomb(cx, &j->s));
	return got == n ? NULL : hm_fail(cx, HM_INPUT, "its archive ends early");
}

static hm_err skip_to(struct hm_cx *cx, struct job *j, uint64_t align)
{
	char pad[8];
	return read_exactly(cx, j, pad, (size_t)(-j->s.total % align));
}

static bool read_hex(const char *p, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < DIGITS; i++) {
		int digit = hm_hex_digit(p[i]);
		if (digit < 0)
			return false;
		*out = *out << 4 | (uint64_t)digit;
	}
	return true;
}

static hm_err say_entry(struct hm_cx *cx, struct job *j, struct hm_str path, uint64_t number,
			uint64_t size)
{
	if (++j->entries > HM_MAX_ARCHIVE_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
	hm_buf_clear(&j->record);
	hm_buf_char(&j->record, RPM_RECORD_ENTRY);
	hm_buf_le(&j->record, number, 8);
	hm_buf_le(&j->record, size, 8);
	hm_buf_counted(&j->record, path);
	return j->to.say(cx, j->to.arg, hm_buf_str(&j->record));
}

static hm_err say_data(struct hm_cx *cx, struct job *j, uint64_t size)
{
	static const char end = RPM_RECORD_END;
	while (size) {
		size_t n = size < STEP ? (size_t)size : STEP;
		HM_TRY(read_exactly(cx, j, j->room, n));
		hm_buf_clear(&j->record);
		hm_buf_char(&j->record, RPM_RECORD_DATA);
		hm_buf_add(&j->record, hm_bytes(j->room, n));
		HM_TRY(j->to.say(cx, j->to.arg, hm_buf_str(&j->record)));
		size -= n;
	}
	return j->to.say(cx, j->to.arg, hm_bytes(&end, 1));
}

static hm_err read_stripped(struct hm_cx *cx, struct job *j, bool *out_more)
{
	char head[DIGITS];
	uint64_t number;
	HM_TRY(read_exactly(cx, j, head, sizeof(head)));
	HM_TRY(skip_to(cx, j, 4));
	bool good = read_hex(head, &number);
	if (good && number == UINT32_MAX) {
		*out_more = false;
		return NULL;
	}
	if (!good || number >= j->sizes.n)
		return hm_fail(cx, HM_INPUT, "its archive names a file that its header lacks");
	uint64_t size = j->sizes.p[number];
	HM_TRY(say_entry(cx, j, HM_STR(""), number, size));
	HM_TRY(say_data(cx, j, size));
	return skip_to(cx, j, 4);
}

/* *out_more: false at the trailer. */
static hm_err read_plain(struct hm_cx *cx, struct job *j, bool *out_more)
{
	char head[FIELDS * DIGITS], name[NAME_MAX_CPIO];
	uint64_t size, name_size;
	struct hm_str path;
	HM_TRY(read_exactly(cx, j, head, sizeof(head)));
	if (!read_hex(head + FIELD_SIZE * DIGITS, &size) ||
	    !read_hex(head + FIELD_NAME * DIGITS, &name_size) || !name_size)
		return hm_fail(cx, HM_INPUT, "its archive has a damaged header");
	if (name_size > sizeof(name))
		return hm_fail(cx, HM_LIMIT, "a path of %llu bytes", (unsigned long long)name_size);
	HM_TRY(read_exactly(cx, j, name, (size_t)name_size));
	HM_TRY(skip_to(cx, j, 4));
	path = hm_bytes(name, (size_t)name_size - 1);
	if (hm_eqz(path, "TRAILER!!!")) {
		*out_more = false;
		return NULL;
	}
	HM_TRY(tar_clean_path(cx, path, &path));
	HM_TRY(say_entry(cx, j, path, UINT64_MAX, size));
	HM_TRY(say_data(cx, j, size));
	return skip_to(cx, j, 4);
}

static hm_err read_archive(struct hm_cx *cx, struct job *j)
{
	bool more = true;
	while (more) {
		struct hm_mark mark = hm_mark(cx);
		char magic[MAGIC];
		HM_TRY(read_exactly(cx, j, magic, sizeof(magic)));
		struct hm_str m = hm_bytes(magic, sizeof(magic));
		if (hm_eqz(m, "07070X"))
			HM_TRY(read_stripped(cx, j, &more));
		else if (hm_eqz(m, "070701") || hm_eqz(m, "070702"))
			HM_TRY(read_plain(cx, j, &more));
		else
			return hm_fail(cx, HM_INPUT, "its archive is in no format that is known");
		hm_release(cx, mark);
	}
	return NULL;
}

hm_err repair_rpm_payload(struct hm_cx *cx, struct stream_source source, struct hm_str sizes,
			  struct rpm_payload_sink to)
{
	HM_CLEANUP(job_done) struct job j = { .record = HM_BUF(HM_RECORD_MAX), .to = to };
	for (struct hm_cur c = hm_cur(sizes); c.n && !c.bad;)
		*hm_push(cx, &j.sizes) = hm_uvarint(&c);
	j.room = hm_new(cx, char, STEP);
	HM_TRY(stream_open_package(cx, source, &j.s));
	return read_archive(cx, &j);
}

static hm_err say(struct hm_cx *cx, void *arg, struct hm_str record)
{
	(void)arg;
	return hm_worker_say(cx, record);
}

/* `args`: the sizes; input: the payload. */
hm_err repair_rpm_payload_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)out;
	return repair_rpm_payload(cx, (struct stream_source){ stream_read_fd, &in }, args,
				  (struct rpm_payload_sink){ say, NULL });
}
