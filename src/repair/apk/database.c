/* SPDX-License-Identifier: Apache-2.0 */
/* lib/apk/db/installed: paragraphs of an index, then the package's folders and files. */
#include "repair/apk/apk.h"

/* ------------------------------------------------------------------ read */

static bool read_octal(struct hm_str s, uint32_t *out)
{
	uint32_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7' || n > 07777)
			return false;
		n = n * 8 + (uint32_t)(s.p[i] - '0');
	}
	*out = n;
	return s.n > 0;
}

/* "UID:GID:MODE", and the checksum of extended attributes, which is of no use here. */
static void read_owner(struct hm_str value, struct apk_file *f)
{
	uint64_t uid, gid;
	struct hm_str u = hm_cut(&value, ':'), g = hm_cut(&value, ':'), m = hm_cut(&value, ':');
	if (hm_u64(u, UINT32_MAX, &uid) && hm_u64(g, UINT32_MAX, &gid) && read_octal(m, &f->mode)) {
		f->uid = (uint32_t)uid;
		f->gid = (uint32_t)gid;
	}
}

static hm_err read_files(struct hm_cx *cx, struct apk_package *p)
{
	struct hm_str text = p->text, dir = HM_STR(""), path;
	struct apk_file *last = NULL;
	while (text.n) {
		struct hm_str line = hm_line(&text), value = hm_from(line, 2);
		if (hm_starts(line, HM_STR("F:"))) {
			HM_TRY(tar_clean_path(cx, value, &dir));
			last = hm_push(cx, &p->files);
			*last = (struct apk_file){ .path = dir, .is_dir = true, .mode = 0755 };
		} else if (hm_starts(line, HM_STR("R:")) && last) {
			HM_TRY(tar_clean_path(cx,
					      hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(value)),
					      &path));
			last = hm_push(cx, &p->files);
			*last = (struct apk_file){ .path = path, .mode = 0644 };
		} else if (last &&
			   (hm_starts(line, HM_STR("a:")) || hm_starts(line, HM_STR("M:")))) {
			read_owner(value, last);
		} else if (last && hm_starts(line, HM_STR("Z:"))) {
			last->csum = value;
		}
	}
	return NULL;
}

static void add_owners(struct hm_cx *cx, struct apk_db *db, const struct apk_package *p)
{
	struct hm_str *name = hm_new(cx, struct hm_str, 1);
	*name = p->name;
	for (size_t i = 0; i < p->files.n; i++)
		if (!p->files.p[i].is_dir)
			hm_map_put(cx, &db->owners, p->files.p[i].path, name);
}

hm_err repair_apk_db_parse(struct hm_cx *cx, struct hm_str text, struct apk_db *out)
{
	struct apk_db db = { 0 };
	while (text.n) {
		struct apk_package p = { .text = repair_apk_paragraph(&text) };
		if (!p.text.n)
			break;
		p.name = repair_apk_field(p.text, 'P');
		p.version = repair_apk_field(p.text, 'V');
		p.csum = repair_apk_field(p.text, 'C');
		if (!repair_apk_is_plain(p.name) || !p.version.n)
			return hm_fail(cx, HM_INPUT, "its records have a package without name");
		HM_TRY_IN(cx, read_files(cx, &p), "records of \"%.*s\"", HM_FMT(p.name));
		add_owners(cx, &db, &p);
		*hm_push(cx, &db.packages) = p;
	}
	*out = db;
	return NULL;
}

hm_err repair_apk_db_read(struct hm_cx *cx, const struct repair_root *root, struct hm_str folder,
			  struct apk_db *out)
{
	struct hm_str text;
	bool there;
	HM_TRY(repair_root_file(cx, root, hm_fmt(cx, "%.*s/installed", HM_FMT(folder)).p, &text,
				&there));
	HM_TRY(repair_apk_db_parse(cx, there ? text : HM_STR(""), out));
	out->folder = folder;
	return NULL;
}

struct apk_package *repair_apk_db_find(struct apk_db *db, struct hm_str name)
{
	for (size_t i = 0; i < db->packages.n; i++)
		if (hm_eq(db->packages.p[i].name, name))
			return &db->packages.p[i];
	return NULL;
}

/* New ones at the end, or by name where all are sorted so. */
void repair_apk_db_put(struct hm_cx *cx, struct apk_db *db, const struct apk_package *p)
{
	struct apk_package *old = repair_apk_db_find(db, p->name);
	size_t at = db->packages.n;
	bool sorted = true;
	if (old) {
		*old = *p;
		return;
	}
	for (size_t i = 1; i < db->packages.n; i++)
		sorted = sorted && hm_cmp(db->packages.p[i - 1].name, db->packages.p[i].name) < 0;
	while (sorted && at && hm_cmp(db->packages.p[at - 1].name, p->name) > 0)
		at--;
	(void)hm_push(cx, &db->packages);
	memmove(db->packages.p + at + 1, db->packages.p + at,
		(db->packages.n - 1 - at) * sizeof(*db->packages.p));
	db->packages.p[at] = *p;
}

/* ------------------------------------------------------------------ written */

struct hm_str repair_apk_info(struct hm_cx *cx, struct hm_str info, const char *key)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	while (info.n) {
		struct hm_str value = hm_line(&info), name = hm_trim(hm_cut(&value, '='));
		if (!hm_eqz(name, key))
			continue;
		if (b.n)
			hm_buf_char(&b, ' ');
		hm_buf_add(&b, hm_trim(value));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static void put_line(struct hm_buf *b, char name, struct hm_str value)
{
	if (value.n)
		hm_buf_fmt(b, "%c:%.*s\n", name, HM_FMT(value));
}

static void put_owner(struct hm_buf *b, char name, const struct apk_file *f, uint32_t plain)
{
	if (f->uid || f->gid || f->mode != plain)
		hm_buf_fmt(b, "%c:%u:%u:%o\n", name, f->uid, f->gid, f->mode);
}

static struct hm_str dir_of(const struct apk_file *f)
{
	return f->is_dir ? f->path : hm_dirname(f->path);
}

/* Each folder once, where it first occurs, with all its files. */
static void put_files(struct hm_cx *cx, struct hm_buf *b, const struct apk_files *files)
{
	struct hm_map done = { 0 };
	struct group {
		HM_VEC(const struct apk_file *) of;
		const struct apk_file *dir;
	} * g;
	for (size_t i = 0; i < files->n; i++) {
		void **slot = hm_map_slot(cx, &done, dir_of(&files->p[i]));
		if (!*slot)
			*slot = hm_new(cx, struct group, 1);
		g = *slot;
		if (files->p[i].is_dir)
			g->dir = &files->p[i];
		else
			*hm_push(cx, &g->of) = &files->p[i];
	}
	for (size_t i = 0; i < done.n; i++) {
		g = done.entries[i].value;
		hm_buf_fmt(b, "F:%.*s\n", HM_FMT(done.entries[i].key));
		if (g->dir)
			put_owner(b, 'M', g->dir, 0755);
		for (size_t k = 0; k < g->of.n; k++) {
			hm_buf_fmt(b, "R:%.*s\n", HM_FMT(hm_basename(g->of.p[k]->path)));
			put_owner(b, 'a', g->of.p[k], 0644);
			put_line(b, 'Z', g->of.p[k]->csum);
		}
	}
}

hm_err repair_apk_db_text(struct hm_cx *cx, struct hm_str index, struct hm_str info,
			  const struct apk_files *files, struct hm_str *out)
{
	/* The order in which apk writes them; T, U and L stand there even where they are empty. */
	static const char order[] = "CPVASITULomtckDpi";
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	for (size_t i = 0; order[i]; i++) {
		struct hm_str value = repair_apk_field(index, order[i]);
		if (value.n || hm_is_one_of(order[i], "TUL"))
			hm_buf_fmt(&b, "%c:%.*s\n", order[i], HM_FMT(value));
	}
	put_line(&b, 'r', repair_apk_info(cx, info, "replaces"));
	put_line(&b, 'q', repair_apk_info(cx, info, "replaces_priority"));
	put_files(cx, &b, files);
	HM_TRY(hm_buf_end(cx, &b, "a package's record", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

hm_err repair_apk_db_format(struct hm_cx *cx, const struct apk_db *db, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	for (size_t i = 0; i < db->packages.n; i++) {
		hm_buf_add(&b, db->packages.p[i].text);
		if (!hm_ends(db->packages.p[i].text, HM_STR("\n")))
			hm_buf_char(&b, '\n');
		hm_buf_char(&b, '\n');
	}
	HM_TRY(hm_buf_end(cx, &b, "apk's records", out));
	*out = hm_dup(cx, *out);
	return NULL;
}
