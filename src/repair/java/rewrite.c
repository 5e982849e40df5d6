/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a worker: an archive becomes another one, in which jars are replaced. They are stored, not
 * deflated, because Spring Boot reads them where they lie.
 */
#include <time.h>

#include "base/worker.h"
#include "codec/gzip.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"

enum {
	LOCAL = 0x04034b50,
	LOCAL_SIZE = 30,
	CENTRAL = 0x02014b50,
	CENTRAL_OFFSET = 42,
	END = 0x06054b50,
	VERSION = 10,        /* APPNOTE 4.4.3: stored entries */
	FLAG_UTF8 = 1 << 11, /* of its name */
	YEAR_0 = 80,         /* 1980, as struct tm counts */
};

/* What becomes of an entry. */
struct change {
	bool is_put;
	size_t put;
	struct hm_str name, comment;
	struct hm_str text; /* of one of Spring Boot's lists */
	uint64_t size;
	uint32_t crc, time; /* time: MS-DOS's, the date in the upper half */
};
struct rewriting {
	struct hm_cx *cx;
	const struct java_puts *puts;
	struct java_archive a;
	struct change **changes; /* of each entry; NULL: it stays */
	uint64_t from;           /* in the old archive: what is not copied yet */
	struct java_pieces out;
};

static uint64_t number(struct hm_str s, size_t at, size_t width)
{
	struct hm_cur c = hm_cur(hm_from(s, at));
	return hm_le(&c, width);
}

/* ------------------------------------------------------------------ what is changed */

static uint32_t dos_time(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	if (!gmtime_r(&t, &tm) || tm.tm_year < YEAR_0)
		return 1 << 21 | 1 << 16; /* 1980-01-01 */
	if (tm.tm_year > YEAR_0 + 127)
		tm.tm_year = YEAR_0 + 127;
	uint32_t date = (uint32_t)(tm.tm_year - YEAR_0) << 9 | (uint32_t)(tm.tm_mon + 1) << 5 |
			(uint32_t)tm.tm_mday;
	return date << 16 | (uint32_t)tm.tm_hour << 11 | (uint32_t)tm.tm_min << 5 |
	       (uint32_t)tm.tm_sec / 2;
}

static size_t find_entry(const struct rewriting *r, struct hm_str name)
{
	for (size_t i = 0; i < r->a.n; i++)
		if (hm_eq(r->a.entries[i].name, name))
			return i;
	return SIZE_MAX;
}

static bool is_name(struct hm_str name)
{
	return name.n && name.n <= UINT16_MAX && hm_is_utf8(name) && !hm_has_control(name) &&
	       inventory_is_archive(name);
}

/* Spring Boot unpacks what has this comment, and writes its SHA-1 behind it. */
static struct hm_str new_comment(struct hm_cx *cx, struct hm_str old, const struct java_put *p)
{
	static const struct hm_str unpack = HM_STR_INIT("UNPACK:");
	return hm_starts(old, unpack) && p->sha1.n
		       ? hm_fmt(cx, "%.*s%.*s", HM_FMT(unpack), HM_FMT(p->sha1))
		       : old;
}

static hm_err add_put(struct rewriting *r, size_t k)
{
	struct hm_cx *cx = r->cx;
	const struct java_put *p = &r->puts->p[k];
	size_t i = find_entry(r, p->entry);
	if (i == SIZE_MAX || r->changes[i])
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not there", HM_FMT(p->entry));
	if (!is_name(p->name) || !is_name(p->entry) || p->size >= UINT32_MAX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" cannot be the name of a jar",
			       HM_FMT(p->name));
	r->changes[i] = hm_new(cx, struct change, 1);
	*r->changes[i] = (struct change){ .is_put = true,
					  .put = k,
					  .name = p->name,
					  .comment = new_comment(cx, r->a.entries[i].comment, p),
					  .size = p->size,
					  .crc = p->crc,
					  .time = dos_time(p->time) };
	return NULL;
}

/* The name on a line of Spring Boot's lists: of an entry, or of a file in the folder of jars. */
static struct hm_str renamed(const struct rewriting *r, struct hm_str name)
{
	for (size_t i = 0; i < r->puts->n; i++) {
		const struct java_put *p = &r->puts->p[i];
		if (hm_eq(name, p->entry))
			return p->name;
		if (hm_eq(name, hm_basename(p->entry)))
			return hm_basename(p->name);
	}
	return name;
}

static hm_err write_index(struct rewriting *r, struct hm_str text, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	while (text.n) {
		struct hm_str rest = text, line = hm_line(&text);
		struct hm_str whole = hm_sub(rest, 0, rest.n - text.n);
		struct hm_str name = repair_java_index_name(line);
		size_t at = name.n ? hm_find_char(whole, '"') + 1 : 0;
		hm_buf_add(&b, hm_sub(whole, 0, at));
		hm_buf_add(&b, name.n ? renamed(r, name) : HM_STR(""));
		hm_buf_add(&b, hm_from(whole, at + name.n));
	}
	HM_TRY(hm_buf_end(r->cx, &b, "a list of jars", out));
	*out = hm_dup(r->cx, *out);
	return NULL;
}

static hm_err add_index(struct rewriting *r, size_t i)
{
	const struct zip_entry *z = &r->a.zip.entries[i];
	const struct java_entry *e = &r->a.entries[i];
	struct hm_str text, now;
	if (!repair_java_is_index(z->name) || !z->size)
		return NULL;
	HM_TRY(zip_read(r->cx, &r->a.zip, z, HM_MAX_REPAIR_CONTROL, &text));
	HM_TRY(write_index(r, text, &now));
	if (hm_eq(text, now))
		return NULL;
	r->changes[i] = hm_new(r->cx, struct change, 1);
	*r->changes[i] = (struct change){ .name = e->name,
					  .comment = e->comment,
					  .text = now,
					  .size = now.n,
					  .crc = gzip_crc32(now),
					  .time = (uint32_t)number(e->central, 12, 4) };
	return NULL;
}

static hm_err check_names(struct rewriting *r)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < r->a.n; i++) {
		struct hm_str name = r->changes[i] ? r->changes[i]->name : r->a.entries[i].name;
		if (hm_map_has(&seen, name) && !hm_ends(name, HM_STR("/")))
			return hm_fail(r->cx, HM_INPUT, "\"%.*s\" would be there twice",
				       HM_FMT(name));
		hm_map_put(r->cx, &seen, name, r);
	}
	return NULL;
}

/* ------------------------------------------------------------------ the new archive */

static void add_text(struct rewriting *r, struct hm_str text)
{
	if (text.n)
		*hm_push(r->cx, &r->out) = (struct java_piece){ .kind = JAVA_TEXT, .text = text };
}

static void copy_until(struct rewriting *r, uint64_t to)
{
	if (to > r->from)
		*hm_push(r->cx, &r->out) =
			(struct java_piece){ .kind = JAVA_OLD, .at = r->from, .n = to - r->from };
	r->from = to;
}

/* What its two heads have in common: 4.3.7, 4.3.12. Extra fields tell of the old file. */
static void put_head(struct hm_buf *b, const struct java_entry *e, const struct change *c)
{
	hm_buf_le(b, VERSION, 2);
	hm_buf_le(b, number(e->central, 8, 2) & FLAG_UTF8, 2);
	hm_buf_le(b, 0, 2); /* stored */
	hm_buf_le(b, c->time, 4);
	hm_buf_le(b, c->crc, 4);
	hm_buf_le(b, c->size, 4);
	hm_buf_le(b, c->size, 4);
	hm_buf_le(b, c->name.n, 2);
	hm_buf_le(b, 0, 2); /* extra fields */
}

static void change_entry(struct rewriting *r, const struct java_entry *e, const struct change *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	copy_until(r, e->at);
	hm_buf_le(&b, LOCAL, 4);
	put_head(&b, e, c);
	hm_buf_add(&b, c->name);
	add_text(r, hm_dup(r->cx, hm_buf_str(&b)));
	if (c->is_put)
		*hm_push(r->cx, &r->out) = (struct java_piece){ .kind = JAVA_PUT, .put = c->put };
	add_text(r, c->text);
	r->from = e->end;
}

static void put_central(struct hm_buf *b, const struct java_entry *e, const struct change *c,
			uint64_t offset)
{
	if (!c) {
		hm_buf_add(b, hm_sub(e->central, 0, CENTRAL_OFFSET));
		hm_buf_le(b, offset, 4);
		hm_buf_add(b, hm_from(e->central, CENTRAL_OFFSET + 4));
		return;
	}
	hm_buf_le(b, CENTRAL, 4);
	hm_buf_add(b, hm_sub(e->central, 4, 2)); /* who made it: whose attributes it has */
	put_head(b, e, c);
	hm_buf_le(b, c->comment.n, 2);
	hm_buf_add(b, hm_sub(e->central, 34, 8)); /* disk, attributes */
	hm_buf_le(b, offset, 4);
	hm_buf_add(b, c->name);
	hm_buf_add(b, c->comment);
}

/* Where each entry has come to, in the order in which they lie; how far back the directory. */
static int64_t find_places(const struct rewriting *r, uint64_t *places)
{
	int64_t moved = 0;
	for (size_t k = 0; k < r->a.n; k++) {
		size_t i = r->a.order[k];
		const struct java_entry *e = &r->a.entries[i];
		const struct change *c = r->changes[i];
		places[i] = (uint64_t)((int64_t)e->at + moved);
		if (c)
			moved += (int64_t)(LOCAL_SIZE + c->name.n + c->size) -
				 (int64_t)(e->end - e->at);
	}
	return moved;
}

static hm_err put_directory(struct rewriting *r)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	uint64_t *places = hm_new(r->cx, uint64_t, r->a.n);
	uint64_t at = (uint64_t)((int64_t)r->a.directory + find_places(r, places));
	struct hm_str text;
	if (at >= UINT32_MAX)
		return hm_fail(r->cx, HM_LIMIT, "it would be too large");
	for (size_t i = 0; i < r->a.n; i++)
		put_central(&b, &r->a.entries[i], r->changes[i], places[i] - r->a.shift);
	size_t size = b.n;
	hm_buf_le(&b, END, 4);
	hm_buf_le(&b, 0, 4); /* disks */
	hm_buf_le(&b, r->a.n, 2);
	hm_buf_le(&b, r->a.n, 2);
	hm_buf_le(&b, size, 4);
	hm_buf_le(&b, at - r->a.shift, 4);
	hm_buf_le(&b, r->a.comment.n, 2);
	hm_buf_add(&b, r->a.comment);
	HM_TRY(hm_buf_end(r->cx, &b, "the directory of an archive", &text));
	add_text(r, hm_dup(r->cx, text));
	return NULL;
}

hm_err repair_java_rewrite(struct hm_cx *cx, struct hm_str bytes, const struct java_puts *puts,
			   struct java_pieces *out)
{
	struct rewriting r = { .cx = cx, .puts = puts };
	HM_TRY(repair_java_archive(cx, bytes, &r.a));
	r.changes = hm_new(cx, struct change *, r.a.n);
	for (size_t k = 0; k < puts->n; k++)
		HM_TRY(add_put(&r, k));
	for (size_t i = 0; i < r.a.n; i++)
		HM_TRY(add_index(&r, i));
	HM_TRY(check_names(&r));
	for (size_t k = 0; k < r.a.n; k++) {
		size_t i = r.a.order[k];
		if (r.changes[i])
			change_entry(&r, &r.a.entries[i], r.changes[i]);
	}
	copy_until(&r, r.a.directory);
	HM_TRY(put_directory(&r));
	*out = r.out;
	return NULL;
}

/* ------------------------------------------------------------------ the jobs */

static hm_err read_puts(struct hm_cx *cx, struct hm_str text, struct java_puts *out)
{
	struct json question;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &question));
	for (struct json_iter it = json_iter(json_get(question, "puts")); json_next(&it);) {
		struct java_put *p = hm_push(cx, out);
		int64_t size, crc;
		HM_TRY(json_need_int(cx, it.value, "size", &size));
		HM_TRY(json_need_int(cx, it.value, "crc", &crc));
		HM_TRY(json_need_int(cx, it.value, "time", &p->time));
		p->entry = json_str(json_get(it.value, "entry"));
		p->name = json_str(json_get(it.value, "name"));
		p->sha1 = json_str(json_get(it.value, "sha1"));
		p->size = (uint64_t)size;
		p->crc = (uint32_t)crc;
	}
	return NULL;
}

/* Its input: what is asked, counted by eight bytes, and the archive. */
hm_err repair_java_write_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct java_puts puts = { 0 };
	struct java_pieces pieces = { 0 };
	struct hm_str bytes;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the archive", HM_MAX_REPAIR_JAR + HM_MAX_REPAIR_CONTROL,
			  &bytes));
	struct hm_cur c = hm_cur(bytes);
	size_t n = hm_le(&c, 8);
	struct hm_str question = hm_take_str(&c, n);
	if (c.bad)
		return hm_fail(cx, HM_INPUT, "the question is cut short");
	HM_TRY(read_puts(cx, question, &puts));
	HM_TRY(repair_java_rewrite(cx, hm_bytes(c.p, c.n), &puts, &pieces));
	for (size_t i = 0; i < pieces.n; i++) {
		const struct java_piece *p = &pieces.p[i];
		hm_buf_char(out, (char)p->kind);
		hm_buf_uvarint(out, p->kind == JAVA_PUT ? p->put : p->at);
		hm_buf_uvarint(out, p->n);
		hm_buf_counted(out, p->text);
	}
	return NULL;
}

/* What is written is read again; `args`: its path. */
hm_err repair_java_check_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str bytes;
	HM_TRY(hm_read_fd(cx, in, "the archive", HM_MAX_REPAIR_JAR, &bytes));
	return repair_java_look(cx, args, bytes, out);
}
