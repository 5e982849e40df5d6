/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: a wheel becomes records, an entry with its bytes for each of its files. What its
 * own RECORD says of them is checked by the parent, which hashes them anyway.
 */
#include <sys/stat.h>

#include "base/worker.h"
#include "codec/stanza.h"
#include "codec/tar.h"
#include "codec/zip.h"
#include "repair/python/python.h"

enum { STEP = 256 * 1024, METADATA_MAX = 16 * 1024 * 1024 };

struct wheel {
	struct zip zip;
	struct hm_str info, data; /* "name-1.0.dist-info", "name-1.0.data" */
	struct hm_map hashes;     /* of its RECORD: path -> struct python_entry */
	struct hm_map seen;       /* paths, in lower case */
};

void repair_python_wheel_entry_put(struct hm_buf *b, const struct wheel_entry *e)
{
	hm_buf_char(b, e->kind);
	hm_buf_char(b, e->is_program);
	hm_buf_le(b, (uint64_t)e->mtime, 8);
	hm_buf_le(b, e->size, 8);
	hm_buf_counted(b, e->path);
	hm_buf_counted(b, e->hash);
}

bool repair_python_wheel_entry_read(struct hm_cur *c, struct wheel_entry *out)
{
	static const char kinds[] = { WHEEL_SITE, WHEEL_SCRIPT, WHEEL_BASE, WHEEL_HEADER, '\0' };
	out->kind = (char)hm_le(c, 1);
	out->is_program = hm_le(c, 1) != 0;
	out->mtime = (int64_t)hm_le(c, 8);
	out->size = hm_le(c, 8);
	out->path = hm_take_str(c, hm_uvarint(c));
	out->hash = hm_take_str(c, hm_uvarint(c));
	return !c->bad && c->n == 0 && hm_is_one_of(out->kind, kinds);
}

/* ------------------------------------------------------------------ what it says of itself */

static hm_err read_info(struct hm_cx *cx, const struct wheel *w, const char *name,
			struct hm_str *out, bool *out_there)
{
	const struct zip_entry *e = zip_find(&w->zip, hm_fmt(cx, "%.*s/%s", HM_FMT(w->info), name));
	*out_there = e != NULL;
	*out = HM_STR("");
	return e ? zip_read(cx, &w->zip, e, METADATA_MAX, out) : NULL;
}

/* The one folder of that name at its top. */
static hm_err find_info(struct hm_cx *cx, struct wheel *w)
{
	for (size_t i = 0; i < w->zip.n; i++) {
		struct hm_str rest = w->zip.entries[i].name, top = hm_cut(&rest, '/');
		if (!hm_ends(top, HM_STR(".dist-info")) || hm_eq(top, w->info))
			continue;
		if (w->info.n)
			return hm_fail(cx, HM_INPUT, "it has two folders of metadata");
		w->info = top;
	}
	if (!w->info.n)
		return hm_fail(cx, HM_INPUT, "it has no folder of metadata (dist-info)");
	w->data = hm_fmt(cx, "%.*s.data", HM_FMT(hm_sub(w->info, 0, w->info.n - 10)));
	return NULL;
}

static hm_err read_hashes(struct hm_cx *cx, struct wheel *w)
{
	struct python_entries entries = { 0 };
	struct hm_str text;
	bool there;
	HM_TRY(read_info(cx, w, "RECORD", &text, &there));
	if (!there)
		return hm_fail(cx, HM_INPUT, "it has no RECORD");
	HM_TRY(repair_python_record_parse(cx, text, &entries));
	for (size_t i = 0; i < entries.n; i++)
		hm_map_put(cx, &w->hashes, entries.p[i].path, &entries.p[i]);
	return NULL;
}

static hm_err open_wheel(struct hm_cx *cx, int in, struct wheel *w)
{
	struct hm_str bytes, text;
	struct stanza s = { 0 };
	bool there;
	HM_TRY(hm_read_fd(cx, in, "the wheel", HM_MAX_REPAIR_ARCHIVE, &bytes));
	HM_TRY(zip_open(cx, bytes, &w->zip));
	HM_TRY(find_info(cx, w));
	HM_TRY(read_info(cx, w, "WHEEL", &text, &there));
	stanza_next(cx, &text, &s);
	if (!hm_starts(stanza_get(&s, "Wheel-Version"), HM_STR("1.")))
		return hm_fail(cx, HM_INPUT, "it is not a wheel of version 1");
	return read_hashes(cx, w);
}

/* ------------------------------------------------------------------ its files */

/* Where it goes: "X.data/scripts/run" is a script. */
static hm_err place_entry(struct hm_cx *cx, const struct wheel *w, struct wheel_entry *e)
{
	static const struct {
		const char *name;
		char kind;
	} rows[] = { { "purelib", WHEEL_SITE },
		     { "platlib", WHEEL_SITE },
		     { "scripts", WHEEL_SCRIPT },
		     { "data", WHEEL_BASE },
		     { "headers", WHEEL_HEADER } };
	struct hm_str rest = e->path, top = hm_cut(&rest, '/');
	e->kind = WHEEL_SITE;
	if (!hm_eq(top, w->data))
		return NULL;
	top = hm_cut(&rest, '/');
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(top, rows[i].name) && rest.n) {
			e->kind = rows[i].kind;
			e->path = rest;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is in no folder that wheels have", HM_FMT(e->path));
}

/* Names that one file system keeps apart and another does not; twice the same. */
static hm_err check_name(struct hm_cx *cx, struct wheel *w, const struct zip_entry *z,
			 struct hm_str *out)
{
	struct hm_str folded;
	HM_TRY(tar_clean_path(cx, z->name, out));
	if (!hm_eq(*out, z->name) || hm_has_control(*out) || hm_find_char(*out, '\\') != SIZE_MAX ||
	    !hm_is_utf8(*out))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a plain path", HM_FMT(z->name));
	if (S_ISLNK(z->mode) || (z->mode & S_IFMT && !S_ISREG(z->mode)))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a plain file", HM_FMT(z->name));
	folded = hm_lower(cx, *out);
	if (hm_map_has(&w->seen, folded))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is there twice", HM_FMT(z->name));
	hm_map_put(cx, &w->seen, folded, w);
	return NULL;
}

static bool is_unsigned_file(struct hm_cx *cx, const struct wheel *w, struct hm_str path)
{
	static const char *const names[] = { "RECORD", "RECORD.jws", "RECORD.p7s" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eq(path, hm_fmt(cx, "%.*s/%s", HM_FMT(w->info), names[i])))
			return true;
	return false;
}

static hm_err say_bytes(struct hm_cx *cx, struct hm_str bytes)
{
	static const char end = WHEEL_END;
	HM_AUTO_BUF b = HM_BUF(HM_RECORD_MAX);
	while (bytes.n) {
		struct hm_str some = hm_sub(bytes, 0, STEP);
		hm_buf_clear(&b);
		hm_buf_char(&b, WHEEL_DATA);
		hm_buf_add(&b, some);
		HM_TRY(hm_worker_say(cx, hm_buf_str(&b)));
		bytes = hm_from(bytes, some.n);
	}
	return hm_worker_say(cx, hm_bytes(&end, 1));
}

static hm_err say_entry(struct hm_cx *cx, struct wheel *w, const struct zip_entry *z)
{
	HM_AUTO_BUF b = HM_BUF(HM_RECORD_MAX);
	struct wheel_entry e = { .is_program = z->mode & 0111, .mtime = z->mtime, .size = z->size };
	struct hm_str bytes;
	HM_TRY(check_name(cx, w, z, &e.path));
	const struct python_entry *recorded = hm_map_get(&w->hashes, e.path);
	if (!is_unsigned_file(cx, w, e.path)) {
		if (!recorded || !hm_starts(recorded->hash, HM_STR("sha256=")))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" has no SHA-256 in its RECORD",
				       HM_FMT(e.path));
		e.hash = recorded->hash;
	}
	HM_TRY(place_entry(cx, w, &e));
	HM_TRY(zip_read(cx, &w->zip, z, 0, &bytes));
	hm_buf_char(&b, WHEEL_ENTRY);
	repair_python_wheel_entry_put(&b, &e);
	HM_TRY(hm_worker_say(cx, hm_buf_str(&b)));
	return say_bytes(cx, bytes);
}

/* ------------------------------------------------------------------ its commands */

static bool is_command(struct hm_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!hm_is_alpha(name.p[i]) && !hm_is_digit(name.p[i]) &&
		    !hm_is_one_of(name.p[i], "._-+"))
			return false;
	return name.n && *name.p != '.' && *name.p != '-';
}

/* entry_points.txt, an INI file: [console_scripts] and [gui_scripts]. */
static hm_err put_commands(struct hm_cx *cx, const struct wheel *w, struct hm_buf *out)
{
	struct hm_str text, section = HM_STR("");
	bool there;
	HM_TRY(read_info(cx, w, "entry_points.txt", &text, &there));
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text)), value = line;
		struct hm_str name = hm_trim(hm_cut(&value, '='));
		if (hm_starts(line, HM_STR("[")))
			section = line;
		if (!line.n || hm_is_one_of(*line.p, "#;[") ||
		    (!hm_eqz(section, "[console_scripts]") && !hm_eqz(section, "[gui_scripts]")))
			continue;
		if (!is_command(name))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a name of a command",
				       HM_FMT(name));
		hm_buf_counted(out, name);
		hm_buf_counted(out, hm_trim(hm_cut(&value, '[')));
	}
	return NULL;
}

/* `args`: empty: its metadata is the answer, and nothing else is said. */
hm_err repair_python_wheel_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct wheel w = { 0 };
	struct hm_str metadata;
	bool there;
	HM_TRY(open_wheel(cx, in, &w));
	HM_TRY(read_info(cx, &w, "METADATA", &metadata, &there));
	if (!there)
		return hm_fail(cx, HM_INPUT, "it has no METADATA");
	hm_buf_counted(out, w.info);
	hm_buf_counted(out, metadata);
	HM_TRY(put_commands(cx, &w, out));
	for (size_t i = 0; args.n && i < w.zip.n; i++)
		if (!hm_ends(w.zip.entries[i].name, HM_STR("/")))
			HM_TRY(say_entry(cx, &w, &w.zip.entries[i]));
	return NULL;
}
