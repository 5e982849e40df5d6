/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables. An entry is one of index.json: a manifest under one name or none; a manifest that has
 * two tags has two of them, and one row in `manifest` with what only its own bytes tell. What
 * index.json may still have although it is removed stands in `gone` until the file is written.
 * "ORDER BY +id" is sorted after the rows were found: by their order they would be looked for among
 * all of the repository's.
 */
#include "oci/registry/registry.h"

/* Bytes of one manifest's annotations that are kept in its row. */
enum { ANNOTATIONS_KEPT = 4096, MANIFEST_BUDGET = 64 * 1024 * 1024, CONNECTIONS = 8 };

static const char *const schema[] = {
	"CREATE TABLE repository (name TEXT NOT NULL PRIMARY KEY, id BIGINT NOT NULL UNIQUE, "
	"generation BIGINT NOT NULL, written BIGINT NOT NULL, modified BIGINT NOT NULL, "
	"inode BIGINT NOT NULL, size BIGINT NOT NULL, entries BIGINT NOT NULL, "
	"bytes BIGINT NOT NULL, tail TEXT NOT NULL)",
	"CREATE TABLE entry (repository BIGINT NOT NULL, id BIGINT NOT NULL, digest TEXT NOT NULL, "
	"name TEXT NOT NULL, is_tag BIGINT NOT NULL, generation BIGINT NOT NULL, "
	"raw TEXT NOT NULL, PRIMARY KEY (repository, id))",
	"CREATE INDEX entry_digest ON entry (repository, digest)",
	"CREATE INDEX entry_name ON entry (repository, name) WHERE name <> ''",
	"CREATE TABLE manifest (repository BIGINT NOT NULL, digest TEXT NOT NULL, "
	"media_type TEXT NOT NULL, size BIGINT NOT NULL, subject TEXT NOT NULL, "
	"artifact_type TEXT NOT NULL, annotations TEXT, PRIMARY KEY (repository, digest))",
	"CREATE INDEX manifest_subject ON manifest (repository, subject, digest) "
	"WHERE subject <> ''",
	"CREATE TABLE gone (repository BIGINT NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, "
	"generation BIGINT NOT NULL)",
	"CREATE INDEX gone_repository ON gone (repository)",
	NULL,
};

hm_err oci_registry_tables_open(struct hm_cx *cx, struct oci_registry *r)
{
	char *folder = hm_path(cx, r->data, "tables");
	struct store_config config = { .backend = &store_sqlite,
				       .where = hm_path(cx, folder, "registry.db"),
				       .schema = schema,
				       .connections = CONNECTIONS };
	HM_TRY(hm_mkdirs_flushed(cx, folder, 0755));
	hm_err err = store_open(cx, &config, &r->tables);
	if (err && err->code == HM_INPUT)
		return hm_hint(cx, err,
			       "remove the folder \"%s\": it is made anew from the repositories",
			       folder);
	return err;
}

/* --- what a manifest tells --- */

void oci_registry_read_facts(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct registry_entry *e)
{
	HM_AUTO_CX own = HM_CX(MANIFEST_BUDGET);
	struct hm_str bytes;
	struct oci_manifest m;
	size_t n = 0;
	e->d.annotations = (struct oci_annotations){ 0 };
	if (hm_read_file(&own, oci_registry_blob_path(&own, r, name, e->d.digest), HM_MAX_MANIFEST,
			 &bytes) ||
	    oci_manifest_parse(&own, bytes, e->d.media_type, &m))
		return;
	e->subject = hm_dup(cx, m.subject.digest);
	e->d.artifact_type = hm_dup(cx, oci_manifest_artifact_type(&m));
	/* anybody who may push decides how much there is: what is much stays where it is */
	for (size_t i = 0; i < m.annotations.n; i++)
		n += m.annotations.p[i].key.n + m.annotations.p[i].value.n;
	e->bulky = e->subject.n && n > ANNOTATIONS_KEPT;
	if (e->subject.n && !e->bulky)
		e->d.annotations = oci_annotations_copy(cx, &m.annotations);
}

/* NULL: there are too many; empty: none. */
static hm_err format_annotations(struct hm_cx *cx, const struct registry_entry *e,
				 struct store_value *out)
{
	struct hm_str text;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	*out = e->bulky ? store_null() : store_text(HM_STR(""));
	if (e->bulky || !e->d.annotations.n)
		return NULL;
	json_open(&o, NULL, '{');
	oci_annotations_put(cx, &o, &e->d.annotations);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "annotations", &text));
	*out = store_text(hm_dup(cx, text));
	return NULL;
}

hm_err oci_registry_add_manifest(struct hm_cx *cx, struct registry_rows *rows,
				 const struct registry_entry *e)
{
	struct store_value annotations;
	HM_TRY(format_annotations(cx, e, &annotations));
	return store_run(cx, rows->use,
			 "INSERT INTO manifest (repository, digest, media_type, size, subject, "
			 "artifact_type, annotations) VALUES ($1, $2, $3, $4, $5, $6, $7) "
			 "ON CONFLICT (repository, digest) DO NOTHING",
			 STORE_VALUES(store_int(rows->s.id), store_text(e->d.digest),
				      store_text(e->d.media_type), store_int((int64_t)e->d.size),
				      store_text(e->subject), store_text(e->d.artifact_type),
				      annotations),
			 NULL, NULL);
}

static hm_err read_found(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct registry_entry *e = arg;
	*e = (struct registry_entry){ .d = { .digest = hm_dup(cx, row[0].text),
					     .media_type = hm_dup(cx, row[1].text),
					     .size = (uint64_t)row[2].number } };
	return NULL;
}

hm_err oci_registry_find_rows(struct hm_cx *cx, struct store_use *use, int64_t id,
			      struct hm_str reference, struct registry_entry *out, bool *out_found)
{
	bool by_digest = hm_find_char(reference, ':') != SIZE_MAX;
	*out = (struct registry_entry){ 0 };
	HM_TRY(store_run(cx, use,
			 by_digest ? "SELECT digest, media_type, size FROM manifest "
				     "WHERE repository = $1 AND digest = $2"
				   : "SELECT m.digest, m.media_type, m.size FROM entry e "
				     "JOIN manifest m ON m.repository = e.repository "
				     "AND m.digest = e.digest WHERE e.repository = $1 "
				     "AND e.name = $2 AND e.name <> '' ORDER BY +e.id DESC LIMIT 1",
			 STORE_VALUES(store_int(id), store_text(reference)), read_found, out));
	*out_found = out->d.digest.n > 0;
	return NULL;
}

/* --- entries --- */

struct row {
	int64_t id;
	struct hm_str digest, name, raw;
};
struct found_rows {
	struct row *p;
	size_t n, cap;
};

static hm_err read_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct found_rows *found = arg;
	*hm_push(cx, found) = (struct row){ row[0].number, hm_dup(cx, row[1].text),
					    hm_dup(cx, row[2].text), hm_dup(cx, row[3].text) };
	return NULL;
}

static hm_err find_named(struct hm_cx *cx, const struct registry_rows *rows, struct hm_str name,
			 struct found_rows *out)
{
	return store_run(cx, rows->use,
			 "SELECT id, digest, name, raw FROM entry WHERE repository = $1 "
			 "AND name = $2 AND name <> '' ORDER BY +id",
			 STORE_VALUES(store_int(rows->s.id), store_text(name)), read_row, out);
}

static hm_err find_of_digest(struct hm_cx *cx, const struct registry_rows *rows,
			     struct hm_str digest, struct found_rows *out)
{
	return store_run(cx, rows->use,
			 "SELECT id, digest, name, raw FROM entry WHERE repository = $1 "
			 "AND digest = $2 ORDER BY +id",
			 STORE_VALUES(store_int(rows->s.id), store_text(digest)), read_row, out);
}

static hm_err note_gone(struct hm_cx *cx, const struct registry_rows *rows, const struct row *e)
{
	return store_run(cx, rows->use,
			 "INSERT INTO gone (repository, digest, name, generation) "
			 "VALUES ($1, $2, $3, $4)",
			 STORE_VALUES(store_int(rows->s.id), store_text(e->digest),
				      store_text(e->name), store_int(rows->s.generation)),
			 NULL, NULL);
}

static hm_err remove_row(struct hm_cx *cx, struct registry_rows *rows, const struct row *e)
{
	HM_TRY(note_gone(cx, rows, e));
	rows->s.entries--;
	rows->s.bytes -= (int64_t)e->raw.n + 1;
	return store_run(cx, rows->use, "DELETE FROM entry WHERE repository = $1 AND id = $2",
			 STORE_VALUES(store_int(rows->s.id), store_int(e->id)), NULL, NULL);
}

static hm_err check_room(struct hm_cx *cx, const struct registry_rows *rows)
{
	/* what could not be read again is not written either */
	if (rows->s.entries > (int64_t)HM_MAX_LAYOUT_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "index.json: more than %llu entries",
			       (unsigned long long)HM_MAX_LAYOUT_ENTRIES);
	if (rows->s.bytes > (int64_t)(HM_MAX_LAYOUT_INDEX - HM_KIB))
		return hm_fail(cx, HM_LIMIT, "index.json: more than %llu bytes",
			       (unsigned long long)HM_MAX_LAYOUT_INDEX);
	return NULL;
}

static hm_err rename_row(struct hm_cx *cx, struct registry_rows *rows, const struct row *e,
			 struct hm_str name)
{
	struct json doc;
	struct layout_entry entry;
	struct hm_str raw;
	HM_TRY(json_parse(cx, e->raw, JSON_STRICT, &doc));
	HM_TRY(oci_layout_entry_parse(cx, doc, &entry));
	entry.name = name;
	entry.renamed = true;
	HM_TRY(oci_layout_entry_format(cx, &entry, &raw));
	HM_TRY(note_gone(cx, rows, e));
	rows->s.bytes += (int64_t)raw.n - (int64_t)e->raw.n;
	HM_TRY(store_run(cx, rows->use,
			 "UPDATE entry SET name = $1, is_tag = $2, generation = $3, raw = $4 "
			 "WHERE repository = $5 AND id = $6",
			 STORE_VALUES(store_text(name), store_int(oci_tag_is_valid(name)),
				      store_int(rows->s.generation), store_text(raw),
				      store_int(rows->s.id), store_int(e->id)),
			 NULL, NULL));
	return check_room(cx, rows);
}

static hm_err read_id(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[0].number;
	return NULL;
}

hm_err oci_registry_add_entry(struct hm_cx *cx, struct registry_rows *rows,
			      const struct layout_entry *e, int64_t generation)
{
	struct hm_str raw;
	HM_TRY(oci_layout_entry_format(cx, e, &raw));
	rows->s.entries++;
	rows->s.bytes += (int64_t)raw.n + 1;
	HM_TRY(check_room(cx, rows));
	if (!rows->last_id)
		HM_TRY(store_run(cx, rows->use,
				 "SELECT id FROM entry WHERE repository = $1 "
				 "ORDER BY id DESC LIMIT 1",
				 STORE_VALUES(store_int(rows->s.id)), read_id, &rows->last_id));
	return store_run(
		cx, rows->use,
		"INSERT INTO entry (repository, id, digest, name, is_tag, generation, raw) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7)",
		STORE_VALUES(store_int(rows->s.id), store_int(++rows->last_id),
			     store_text(e->d.digest), store_text(e->name),
			     store_int(oci_tag_is_valid(e->name)), store_int(generation),
			     store_text(raw)),
		NULL, NULL);
}

/* A manifest that loses its name stays listed: under another one, or without. */
static hm_err take_name(struct hm_cx *cx, struct registry_rows *rows, const struct row *e)
{
	struct found_rows same = { 0 };
	HM_TRY(find_of_digest(cx, rows, e->digest, &same));
	return same.n > 1 ? remove_row(cx, rows, e) : rename_row(cx, rows, e, HM_STR(""));
}

hm_err oci_registry_put_entry(struct hm_cx *cx, struct registry_rows *rows,
			      const struct oci_descriptor *d, struct hm_str tag)
{
	struct found_rows named = { 0 }, same = { 0 };
	HM_TRY(find_named(cx, rows, tag, &named));
	for (size_t i = 0; i < named.n; i++)
		if (!hm_eq(named.p[i].digest, d->digest))
			HM_TRY(take_name(cx, rows, &named.p[i]));
	HM_TRY(find_of_digest(cx, rows, d->digest, &same));
	if (same.n && !tag.n)
		return NULL;
	for (size_t i = 0; i < same.n; i++)
		if (hm_eq(same.p[i].name, tag))
			return NULL;
	for (size_t i = 0; i < same.n; i++)
		if (!same.p[i].name.n)
			return rename_row(cx, rows, &same.p[i], tag);
	struct layout_entry e = { .d = *d, .name = tag };
	e.d.annotations = (struct oci_annotations){ 0 };
	e.d.data = HM_STR("");
	return oci_registry_add_entry(cx, rows, &e, rows->s.generation);
}

hm_err oci_registry_remove_manifest(struct hm_cx *cx, struct registry_rows *rows,
				    struct hm_str digest)
{
	struct found_rows same = { 0 };
	HM_TRY(find_of_digest(cx, rows, digest, &same));
	for (size_t i = 0; i < same.n; i++)
		HM_TRY(remove_row(cx, rows, &same.p[i]));
	return store_run(cx, rows->use,
			 "DELETE FROM manifest WHERE repository = $1 AND digest = $2",
			 STORE_VALUES(store_int(rows->s.id), store_text(digest)), NULL, NULL);
}

hm_err oci_registry_remove_tag(struct hm_cx *cx, struct registry_rows *rows, struct hm_str tag)
{
	struct found_rows named = { 0 };
	HM_TRY(find_named(cx, rows, tag, &named));
	for (size_t i = 0; i < named.n; i++)
		HM_TRY(take_name(cx, rows, &named.p[i]));
	return NULL;
}

/* --- the repository itself --- */

static hm_err read_state(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(struct registry_state *)arg = (struct registry_state){
		.id = row[0].number,
		.generation = row[1].number,
		.written = row[2].number,
		.stamp = { row[3].number, row[4].number, row[5].number },
		.entries = row[6].number,
		.bytes = row[7].number,
	};
	return NULL;
}

hm_err oci_registry_load_state(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			       struct registry_state *out)
{
	STORE_AUTO_USE use = NULL;
	*out = (struct registry_state){ 0 };
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	return store_run(cx, use,
			 "SELECT id, generation, written, modified, inode, size, entries, bytes "
			 "FROM repository WHERE name = $1",
			 STORE_VALUES(store_text(name)), read_state, out);
}

hm_err oci_registry_save_state(struct hm_cx *cx, struct registry_rows *rows, struct hm_str tail)
{
	struct registry_state *s = &rows->s;
	if (!s->id) {
		HM_TRY(store_run(cx, rows->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM repository",
				 STORE_NO_VALUES, read_id, &s->id));
		return store_run(
			cx, rows->use,
			"INSERT INTO repository (name, id, generation, written, modified, inode, "
			"size, entries, bytes, tail) VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, $3)",
			STORE_VALUES(store_text(rows->name), store_int(s->id), store_text(tail)),
			NULL, NULL);
	}
	return store_run(
		cx, rows->use,
		"UPDATE repository SET generation = $1, written = $2, modified = $3, inode = $4, "
		"size = $5, entries = $6, bytes = $7, tail = $8 WHERE id = $9",
		STORE_VALUES(store_int(s->generation), store_int(s->written),
			     store_int(s->stamp[0]), store_int(s->stamp[1]), store_int(s->stamp[2]),
			     store_int(s->entries), store_int(s->bytes), store_text(tail),
			     store_int(s->id)),
		NULL, NULL);
}
