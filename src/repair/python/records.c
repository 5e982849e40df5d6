/* SPDX-License-Identifier: Apache-2.0 */
/* RECORD: a table of comma-separated values (RFC 4180, as Python's csv module has it). */
#include "base/worker.h"
#include "repair/python/python.h"

/* A field, and what ended it: ',', '\n', or 0 at the end. */
static bool cut_field(struct hm_cx *cx, struct hm_str *s, struct hm_str *out, char *out_end)
{
	size_t n = 0;
	*out_end = '\0';
	if (s->n && *s->p == '"') {
		char *room = hm_new(cx, char, s->n);
		size_t i = 1;
		for (; i < s->n && (s->p[i] != '"' || (i + 1 < s->n && s->p[i + 1] == '"')); i++) {
			i += s->p[i] == '"';
			room[n++] = s->p[i];
		}
		if (i >= s->n)
			return false;
		*out = hm_bytes(room, n);
		*s = hm_from(*s, i + 1);
		if (s->n && !hm_is_one_of(*s->p, ",\r\n"))
			return false;
	} else {
		while (n < s->n && !hm_is_one_of(s->p[n], ",\r\n"))
			n++;
		*out = hm_sub(*s, 0, n);
		*s = hm_from(*s, n);
	}
	if (hm_starts(*s, HM_STR("\r\n")))
		*s = hm_from(*s, 1);
	if (s->n) {
		*out_end = *s->p == ',' ? ',' : '\n';
		*s = hm_from(*s, 1);
	}
	return true;
}

static bool cut_row(struct hm_cx *cx, struct hm_str *s, struct python_entry *out)
{
	struct hm_str fields[3] = { 0 }, more;
	char end = ',';
	for (size_t i = 0; end == ','; i++)
		if (!cut_field(cx, s, i < HM_LEN(fields) ? &fields[i] : &more, &end))
			return false;
	*out = (struct python_entry){ fields[0], fields[1], fields[2] };
	return true;
}

hm_err repair_python_record_parse(struct hm_cx *cx, struct hm_str text, struct python_entries *out)
{
	struct python_entry e;
	while (text.n) {
		if (!cut_row(cx, &text, &e))
			return hm_fail(cx, HM_INPUT, "RECORD is not a table");
		if (!e.path.n)
			continue;
		if (e.path.n > HM_MAX_PATH || hm_has_control(e.path))
			return hm_fail(cx, HM_INPUT, "RECORD has a path that is not valid");
		if (out->n >= HM_MAX_ARCHIVE_ENTRIES)
			return hm_fail(cx, HM_LIMIT, "RECORD has more than %llu rows",
				       (unsigned long long)HM_MAX_ARCHIVE_ENTRIES);
		*hm_push(cx, out) = e;
	}
	return NULL;
}

static void put_field(struct hm_buf *b, struct hm_str s)
{
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++)
		quoted = quoted || hm_is_one_of(s.p[i], ",\"\r\n");
	if (!quoted) {
		hm_buf_add(b, s);
		return;
	}
	hm_buf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			hm_buf_char(b, '"');
		hm_buf_char(b, s.p[i]);
	}
	hm_buf_char(b, '"');
}

void repair_python_record_put(struct hm_buf *b, const struct python_entry *e)
{
	put_field(b, e->path);
	hm_buf_char(b, ',');
	put_field(b, e->hash);
	hm_buf_char(b, ',');
	put_field(b, e->size);
	hm_buf_addz(b, "\r\n");
}

bool repair_python_record_place(struct hm_cx *cx, struct hm_str site, struct hm_str path,
				struct hm_str *out)
{
	struct hm_str done = hm_starts(path, HM_STR("/")) ? HM_STR("") : site;
	while (path.n) {
		struct hm_str part = hm_cut(&path, '/');
		if (!part.n || hm_eqz(part, "."))
			continue;
		if (hm_eqz(part, "..")) {
			if (!done.n)
				return false;
			done = hm_dirname(done);
			continue;
		}
		done = done.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(done), HM_FMT(part)) : part;
	}
	*out = done;
	return done.n > 0;
}

/* In the worker: the folder of packages and its RECORD, pair for pair, become lists of places. */
hm_err repair_python_record_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str bytes, place;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the tables", HM_MAX_REPAIR_QUESTION, &bytes));
	for (struct hm_cur c = hm_cur(bytes); c.n && !c.bad;) {
		HM_AUTO_BUF places = HM_BUF(HM_MAX_REPAIR_QUESTION);
		struct python_entries entries = { 0 };
		struct hm_str site = hm_take_str(&c, hm_uvarint(&c));
		struct hm_str text = hm_take_str(&c, hm_uvarint(&c)), why = HM_STR("");
		hm_err err = repair_python_record_parse(cx, text, &entries);
		if (err)
			why = hm_cstr(err->why);
		for (size_t i = 0; !err && i < entries.n; i++)
			if (repair_python_record_place(cx, site, entries.p[i].path, &place))
				hm_buf_counted(&places, place);
		hm_buf_counted(out, why);
		hm_buf_counted(out, hm_buf_str(&places));
	}
	return NULL;
}
