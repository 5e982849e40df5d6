/* SPDX-License-Identifier: Apache-2.0 */
/* In workers: the archives that lie in another one, and what names them there. */
#include "base/worker.h"
#include "codec/tar.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"

/* ------------------------------------------------------------------ Spring Boot's lists */

bool repair_java_is_index(struct hm_str entry)
{
	static const char *const names[] = { "BOOT-INF/classpath.idx", "BOOT-INF/layers.idx",
					     "WEB-INF/classpath.idx", "WEB-INF/layers.idx" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(entry, names[i]))
			return true;
	return false;
}

struct hm_str repair_java_index_name(struct hm_str line)
{
	static const struct hm_str head = HM_STR_INIT("- \"");
	line = hm_trim(line);
	if (line.n <= head.n + 1 || !hm_starts(line, head) || line.p[line.n - 1] != '"')
		return HM_STR("");
	struct hm_str name = hm_sub(line, head.n, line.n - head.n - 1);
	return hm_find_char(name, '"') == SIZE_MAX && hm_find_char(name, '\\') == SIZE_MAX
		       ? name
		       : HM_STR("");
}

/* ------------------------------------------------------------------ what is inside */

struct inside {
	struct hm_cx *cx;
	struct hm_str path;
	const struct java_archive *a;
	struct json_out *o;
	uint64_t read; /* inflated */
	size_t said, n;
	bool is_cut;
};

static bool is_plain_path(struct hm_cx *cx, struct hm_str name)
{
	struct hm_str clean;
	return hm_is_utf8(name) && !hm_has_control(name) && hm_find_char(name, '\\') == SIZE_MAX &&
	       hm_find(name, HM_STR("!/")) == SIZE_MAX && !tar_clean_path(cx, name, &clean) &&
	       hm_eq(name, clean);
}

/* False: the limits are reached, and nobody speaks of the rest. */
static bool has_room(struct inside *s, const struct zip_entry *e)
{
	s->is_cut = s->is_cut || e->size > HM_MAX_REPAIR_INSIDE - s->read;
	s->read += s->is_cut ? 0 : e->size;
	return !s->is_cut;
}

/* In JSON its quotes are written in two bytes. */
static bool says(struct inside *s, struct hm_str text)
{
	s->said += 2 * text.n;
	s->is_cut = s->is_cut || s->said > HM_MAX_REPAIR_INSIDE_SAID;
	return !s->is_cut;
}

typedef hm_err put_more_fn(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			   struct json_out *o);

static hm_err put_look(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
		       put_more_fn *put_more, struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	json_open(&o, NULL, '{');
	HM_TRY(repair_java_put_archive(cx, path, bytes, false, &o));
	if (put_more)
		HM_TRY(put_more(cx, path, bytes, &o));
	json_close(&o, '}');
	return NULL;
}

/* What cannot be read says that instead. */
static hm_err put_why(hm_err err, size_t was, struct hm_buf *out)
{
	if (!err || (err->code != HM_INPUT && err->code != HM_LIMIT))
		return err;
	struct json_out o = json_out(out, false);
	out->n = was;
	json_open(&o, NULL, '{');
	json_putz(&o, "why", err->why);
	json_close(&o, '}');
	return NULL;
}

static hm_err put_nested(struct inside *s, const struct zip_entry *e)
{
	struct hm_cx *cx = s->cx;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_INSIDE_SAID);
	if (++s->n > HM_MAX_REPAIR_NAMES) {
		s->is_cut = true;
		return NULL;
	}
	struct hm_str bytes, path = hm_fmt(cx, "%.*s!/%.*s", HM_FMT(s->path), HM_FMT(e->name));
	hm_err err = zip_read(cx, &s->a->zip, e, HM_MAX_REPAIR_JAR, &bytes);
	if (!err)
		err = put_look(cx, path, bytes, NULL, &b);
	HM_TRY(put_why(err, 0, &b));
	if (b.over || !says(s, hm_buf_str(&b)) || !says(s, e->name)) {
		s->is_cut = true;
		return NULL;
	}
	json_open(s->o, NULL, '{');
	json_put_str(s->o, "entry", e->name);
	json_put_str(s->o, "look", hm_buf_str(&b));
	json_close(s->o, '}');
	return NULL;
}

/* Of a list that is written again the lines count that nobody writes. */
static struct hm_str without_lines(struct hm_cx *cx, struct hm_str text)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (!repair_java_index_name(line).n)
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(line));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err put_names(struct inside *s, const struct zip_entry *e)
{
	struct hm_cx *cx = s->cx;
	struct hm_strs names = { 0 };
	struct hm_str text;
	hm_err err = zip_read(cx, &s->a->zip, e, HM_MAX_REPAIR_CONTROL, &text);
	if (err) {
		s->is_cut = s->is_cut || err->code == HM_INPUT || err->code == HM_LIMIT;
		return s->is_cut ? NULL : err;
	}
	if (repair_java_is_index(e->name))
		text = without_lines(cx, text);
	repair_java_names(cx, text, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (!says(s, names.p[i]) || !says(s, e->name))
			return NULL;
		json_open(s->o, NULL, '{');
		json_put_str(s->o, "name", names.p[i]);
		json_put_str(s->o, "by", e->name);
		json_close(s->o, '}');
	}
	return NULL;
}

static bool is_nested(const struct inside *s, const struct zip_entry *e)
{
	return inventory_is_archive(e->name) && e->size && is_plain_path(s->cx, e->name);
}

/* The manifest's lines are wrapped: what its Class-Path has is said by its look. */
static bool may_name(const struct inside *s, const struct zip_entry *e)
{
	return e->size && !inventory_is_archive(e->name) && is_plain_path(s->cx, e->name) &&
	       hm_cmp_nocase(e->name, HM_STR("META-INF/MANIFEST.MF")) != 0 &&
	       repair_java_is_looked_at(e->name, e->size);
}

typedef bool is_of_fn(const struct inside *s, const struct zip_entry *e);
typedef hm_err put_fn(struct inside *s, const struct zip_entry *e);

/* What one entry takes of the budget is not missing for the next. */
static hm_err put_one(struct hm_cx *cx, struct inside *s, const struct zip_entry *e,
		      is_of_fn *is_of, put_fn *put)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	s->cx = &own;
	hm_err err = is_of(s, e) && has_room(s, e) ? put(s, e) : NULL;
	s->cx = cx;
	return err ? hm_fail(cx, err->code, "%s", err->why) : NULL;
}

static hm_err put_all(struct inside *s, const char *key, is_of_fn *is_of, put_fn *put)
{
	struct hm_cx *cx = s->cx;
	json_open(s->o, key, '[');
	for (size_t i = 0; i < s->a->n; i++) {
		HM_TRY(hm_alive(cx));
		HM_TRY(put_one(cx, s, &s->a->zip.entries[i], is_of, put));
	}
	json_close(s->o, ']');
	return NULL;
}

static bool has_nested(const struct zip *zip)
{
	for (size_t i = 0; i < zip->n; i++)
		if (inventory_is_archive(zip->entries[i].name) && zip->entries[i].size)
			return true;
	return false;
}

static hm_err put_inside(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			 struct json_out *o)
{
	struct java_archive a;
	struct inside s = { .cx = cx, .path = path, .a = &a, .o = o };
	struct zip zip;
	HM_TRY(zip_open(cx, bytes, &zip));
	if (!has_nested(&zip))
		return NULL;
	hm_err err = repair_java_archive(cx, bytes, &a);
	if (err && (err->code == HM_INPUT || err->code == HM_LIMIT)) {
		json_putz(o, "whyWhole", err->why);
		return NULL;
	}
	HM_TRY(err);
	/* First what names them: where that is cut, nothing of it may be replaced. */
	HM_TRY(put_all(&s, "indexed", may_name, put_names));
	if (s.is_cut) {
		json_putz(o, "whyWhole", "not all files in it that may name jars can be read");
		return NULL;
	}
	HM_TRY(put_all(&s, "nested", is_nested, put_nested));
	json_put_bool(o, "isCut", s.is_cut);
	return NULL;
}

/* What one archive takes of the budget is not missing for the next. */
static hm_err look_into(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			struct hm_buf *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	size_t was = out->n;
	hm_err err = put_look(&own, path, bytes, put_inside, out);
	err = put_why(err, was, out);
	return err ? hm_fail(cx, err->code, "%s", err->why) : NULL;
}

hm_err repair_java_look(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			struct hm_buf *out)
{
	struct hm_strs names = { 0 };
	if (inventory_is_archive(path))
		return look_into(cx, path, bytes, out);
	repair_java_names(cx, bytes, &names);
	for (size_t i = 0; i < names.n; i++)
		hm_buf_fmt(out, "%.*s\n", HM_FMT(names.p[i]));
	return NULL;
}
