/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "advisory/feeds/feeds.h"
#include "crypto/crypto.h"

enum { PACKAGE_ROW = 16, ID_ROW = 12, ECOSYSTEM_ROW = 8 };

static uint32_t u32_at(struct hm_str section, size_t index)
{
	struct hm_cur c = hm_cur(hm_sub(section, index * 4, 4));
	return (uint32_t)hm_le(&c, 4);
}

static struct hm_str string_of(const void *arg, uint64_t number, bool *bad)
{
	const struct advisory_db *db = arg;
	struct hm_str offsets = db->sections[ADVISORY_STRING_OFFSETS];
	struct hm_str bytes = db->sections[ADVISORY_STRING_BYTES];
	if (number >= offsets.n / 4 || number + 1 >= offsets.n / 4) {
		*bad = true;
		return (struct hm_str){ "", 0 };
	}
	uint32_t from = u32_at(offsets, (size_t)number), to = u32_at(offsets, (size_t)number + 1);
	if (from > to || to > bytes.n) {
		*bad = true;
		return (struct hm_str){ "", 0 };
	}
	return hm_sub(bytes, from, to - from);
}

static struct hm_str string_in(const struct advisory_db *db, enum advisory_section section,
			       size_t index)
{
	bool bad = false;
	return string_of(db, u32_at(db->sections[section], index), &bad);
}

static hm_err fail_damaged(struct hm_cx *cx, const char *what)
{
	return hm_hint(cx,
		       hm_fail(cx, HM_INPUT, "not an advisory database, or a damaged one: %s",
			       what),
		       "create it again: hullmark db update TARGET, or hullmark db import PATH...");
}

static hm_err read_sections(struct hm_cx *cx, struct advisory_db *db)
{
	struct hm_cur c = hm_cur(hm_from(db->file, ADVISORY_DB_HEAD));
	for (size_t i = 0; i < ADVISORY_SECTIONS; i++) {
		uint64_t at = hm_le(&c, 8), n = hm_le(&c, 8);
		if (c.bad || at > db->file.n || n > db->file.n - at)
			return fail_damaged(cx, "a section lies outside the file");
		db->sections[i] = hm_sub(db->file, (size_t)at, (size_t)n);
	}
	return NULL;
}

hm_err advisory_db_of(struct hm_cx *cx, struct hm_str bytes, struct advisory_db *out)
{
	struct advisory_db db = { .file = bytes };
	struct hm_cur c = hm_cur(bytes);
	struct hm_str magic = hm_take_str(&c, 8);
	uint64_t version = hm_le(&c, 4), n = hm_le(&c, 4), size = hm_le(&c, 8);
	struct hm_str digest = hm_take_str(&c, 32);
	if (c.bad || !hm_eqz(magic, ADVISORY_DB_MAGIC))
		return fail_damaged(cx, "its first bytes are wrong");
	if (version != ADVISORY_DB_VERSION)
		return hm_hint(
			cx,
			hm_fail(cx, HM_INPUT,
				"an advisory database of version %llu; this program reads %d",
				(unsigned long long)version, ADVISORY_DB_VERSION),
			"create it again: hullmark db update TARGET, or hullmark db import PATH...");
	if (size != bytes.n || n != ADVISORY_SECTIONS)
		return fail_damaged(cx, "it is cut short");
	struct hm_str rest = hm_from(bytes, ADVISORY_DB_HEAD);
	if (!hm_eq(crypto_digest_raw(cx, CRYPTO_SHA256, rest), digest))
		return fail_damaged(cx, "its digest does not match");
	HM_TRY(read_sections(cx, &db));
	*out = db;
	return NULL;
}

hm_err advisory_db_open(struct hm_cx *cx, const char *path, struct advisory_db **out)
{
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */
	struct stat st;
	if (fd < 0 && errno == ENOENT)
		return hm_hint(
			cx, hm_fail(cx, HM_ABSENT, "no advisory database \"%s\"", path),
			"make one: hullmark db update TARGET (for what is in TARGET), or hullmark db import PATH... (OSV all.zip files or folders)");
	if (fd < 0 || fstat(fd, &st) < 0)
		return hm_fail_os(cx, "could not open advisory database \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return hm_fail(cx, HM_INPUT, "advisory database \"%s\" is not a regular file",
			       path);
	if (st.st_size <= ADVISORY_DB_HEAD)
		return hm_wrap(cx, fail_damaged(cx, "it is cut short"), "\"%s\"", path);
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return hm_fail_os(cx, "could not map advisory database \"%s\"", path);
	struct advisory_db *db = hm_new(cx, struct advisory_db, 1);
	hm_err err = advisory_db_of(cx, hm_bytes(p, (size_t)st.st_size), db);
	if (err) {
		munmap(p, (size_t)st.st_size);
		return hm_wrap(cx, err, "\"%s\"", path);
	}
	db->mapped = true;
	*out = db;
	return NULL;
}

void advisory_db_close(struct advisory_db *db)
{
	if (!db || !db->mapped)
		return;
	munmap((void *)(uintptr_t)db->file.p, db->file.n);
	*db = (struct advisory_db){ 0 };
}

size_t advisory_db_records(const struct advisory_db *db)
{
	return db->sections[ADVISORY_RECORD_OFFSETS].n / 4;
}

struct advisory_rows advisory_db_package(const struct advisory_db *db, struct hm_str ecosystem,
					 struct hm_str name)
{
	struct hm_str rows = db->sections[ADVISORY_PACKAGES];
	size_t low = 0, high = rows.n / PACKAGE_ROW;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = hm_cmp(string_in(db, ADVISORY_PACKAGES, middle * 4), ecosystem);
		if (!d)
			d = hm_cmp(string_in(db, ADVISORY_PACKAGES, middle * 4 + 1), name);
		if (!d)
			return (struct advisory_rows){ u32_at(rows, middle * 4 + 2),
						       u32_at(rows, middle * 4 + 3) };
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct advisory_rows){ 0 };
}

struct hm_str advisory_artifact_of(struct hm_str name)
{
	size_t colon = hm_rfind_char(name, ':');
	return colon == SIZE_MAX ? name : hm_from(name, colon + 1);
}

size_t advisory_db_artifact_at(const struct advisory_db *db, uint32_t at)
{
	struct hm_str rows = db->sections[ADVISORY_ARTIFACTS];
	return at < rows.n / 4 ? u32_at(rows, at) : SIZE_MAX;
}

/* Of the row at `at` of the index; empty where it lies outside. */
static struct hm_str artifact_at(const struct advisory_db *db, size_t at)
{
	struct advisory_package_row row;
	if (!advisory_db_package_at(db, advisory_db_artifact_at(db, (uint32_t)at), &row))
		return (struct hm_str){ "", 0 };
	return advisory_artifact_of(row.name);
}

struct advisory_rows advisory_db_artifact(const struct advisory_db *db, struct hm_str artifact)
{
	size_t low = 0, high = db->sections[ADVISORY_ARTIFACTS].n / 4, all = high;
	while (low < high) { /* the first that is not before it */
		size_t middle = low + (high - low) / 2;
		if (hm_cmp(artifact_at(db, middle), artifact) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low;
	while (end < all && hm_eq(artifact_at(db, end), artifact))
		end++;
	return (struct advisory_rows){ (uint32_t)low, (uint32_t)(end - low) };
}

struct hm_str advisory_binary_key(struct hm_cx *cx, struct hm_str name)
{
	return hm_fmt(cx, ":%.*s", HM_FMT(name));
}

bool advisory_is_binary(struct hm_str row_name)
{
	return hm_starts(row_name, HM_STR(":"));
}

bool advisory_db_package_at(const struct advisory_db *db, size_t at,
			    struct advisory_package_row *out)
{
	struct hm_str rows = db->sections[ADVISORY_PACKAGES];
	if (at >= rows.n / PACKAGE_ROW)
		return false;
	*out = (struct advisory_package_row){
		string_in(db, ADVISORY_PACKAGES, at * 4),
		string_in(db, ADVISORY_PACKAGES, at * 4 + 1),
		{ u32_at(rows, at * 4 + 2), u32_at(rows, at * 4 + 3) },
	};
	return true;
}

/* The bytes of an entry, behind the number of its record. */
static hm_err find_entry(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
			 struct advisory_dec *out, uint32_t *out_record)
{
	struct hm_str entries = db->sections[ADVISORY_ENTRIES];
	if (at >= entries.n / 4)
		return fail_damaged(cx, "an entry lies outside it");
	struct hm_str bytes = hm_from(db->sections[ADVISORY_AFFECTED_BYTES], u32_at(entries, at));
	struct advisory_dec d = { .cur = hm_cur(bytes), .string = string_of, .arg = db };
	uint64_t record = hm_uvarint(&d.cur);
	if (record >= advisory_db_records(db))
		return fail_damaged(cx, "a record lies outside it");
	*out = d;
	*out_record = (uint32_t)record;
	return NULL;
}

hm_err advisory_db_entry_record(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
				uint32_t *out)
{
	struct advisory_dec d;
	return find_entry(cx, db, at, &d, out);
}

hm_err advisory_db_entry(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
			 struct advisory_affected *out, uint32_t *out_record)
{
	struct advisory_dec d;
	uint32_t record;
	HM_TRY(find_entry(cx, db, at, &d, &record));
	HM_TRY(advisory_get_affected(cx, &d, out));
	*out_record = record;
	return NULL;
}

hm_err advisory_db_record(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
			  struct advisory_record *out)
{
	struct hm_str offsets = db->sections[ADVISORY_RECORD_OFFSETS];
	if (at >= offsets.n / 4)
		return fail_damaged(cx, "a record lies outside it");
	struct hm_str bytes = hm_from(db->sections[ADVISORY_RECORD_BYTES], u32_at(offsets, at));
	struct advisory_dec d = { .cur = hm_cur(bytes), .string = string_of, .arg = db };
	return advisory_get_head(cx, &d, out);
}

struct advisory_rows advisory_db_id(const struct advisory_db *db, struct hm_str id)
{
	struct hm_str rows = db->sections[ADVISORY_IDS];
	size_t low = 0, high = rows.n / ID_ROW;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = hm_cmp(string_in(db, ADVISORY_IDS, middle * 3), id);
		if (!d)
			return (struct advisory_rows){ u32_at(rows, middle * 3 + 1),
						       u32_at(rows, middle * 3 + 2) };
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct advisory_rows){ 0 };
}

uint32_t advisory_db_posting(const struct advisory_db *db, uint32_t at)
{
	struct hm_str postings = db->sections[ADVISORY_POSTINGS];
	return at < postings.n / 4 ? u32_at(postings, at) : UINT32_MAX;
}

size_t advisory_db_ecosystems(const struct advisory_db *db)
{
	return db->sections[ADVISORY_ECOSYSTEMS].n / ECOSYSTEM_ROW;
}

struct hm_str advisory_db_ecosystem(const struct advisory_db *db, size_t at, uint32_t *out_records)
{
	*out_records = u32_at(db->sections[ADVISORY_ECOSYSTEMS], at * 2 + 1);
	return string_in(db, ADVISORY_ECOSYSTEMS, at * 2);
}

static hm_err read_sources(struct hm_cx *cx, const struct advisory_db *db,
			   struct advisory_beside *out)
{
	struct advisory_dec d = { .cur = hm_cur(db->sections[ADVISORY_SOURCES]) };
	HM_VEC(struct advisory_source) sources = { 0 };
	while (d.cur.n && !d.cur.bad) {
		struct advisory_source s = { .name = advisory_get_str(&d) };
		s.url = advisory_get_str(&d);
		s.tag = advisory_get_str(&d);
		*hm_push(cx, &sources) = s;
	}
	out->sources = sources.p;
	out->sources_n = sources.n;
	return d.cur.bad ? fail_damaged(cx, "the list of sources is cut short") : NULL;
}

static size_t row_size_of(unsigned kind)
{
	return advisory_feed_of_catalog((enum advisory_catalog_kind)kind)->row_size;
}

hm_err advisory_db_beside(struct hm_cx *cx, const struct advisory_db *db,
			  struct advisory_beside *out)
{
	struct hm_cur meta = hm_cur(hm_from(db->sections[ADVISORY_META], 8));
	for (unsigned i = 0; i < ADVISORY_CATALOGS; i++) {
		struct advisory_catalog *c = &out->catalogs[i];
		c->date = (int64_t)hm_le(&meta, 8);
		c->rows = db->sections[ADVISORY_CATALOG_ROWS + i];
		if (meta.bad || c->rows.n % row_size_of(i))
			return fail_damaged(cx, "a catalog is cut short");
	}
	return read_sources(cx, db, out);
}

static void read_exploitation(const struct advisory_db *db, struct hm_str id,
			      struct advisory_exploitation *out)
{
	uint64_t cve;
	if (!advisory_cve_key(id, &cve))
		return;
	for (unsigned i = 0; i < ADVISORY_CATALOGS; i++) {
		const struct advisory_feed *f =
			advisory_feed_of_catalog((enum advisory_catalog_kind)i);
		struct hm_str said = advisory_catalog_find(db->sections[ADVISORY_CATALOG_ROWS + i],
							   f->row_size, cve);
		if (said.n)
			f->describe(said, out);
	}
}

struct advisory_exploitation advisory_db_exploitation(const struct advisory_db *db,
						      struct hm_str id,
						      const struct hm_strs *aliases)
{
	struct advisory_exploitation e = { 0 };
	read_exploitation(db, id, &e);
	for (size_t i = 0; i < aliases->n; i++)
		read_exploitation(db, aliases->p[i], &e);
	return e;
}

hm_err advisory_db_status(struct hm_cx *cx, const struct advisory_db *db,
			  struct advisory_db_status *out)
{
	struct hm_cur meta = hm_cur(db->sections[ADVISORY_META]);
	struct advisory_beside beside;
	HM_TRY(advisory_db_beside(cx, db, &beside));
	struct advisory_db_status s = {
		.advisories = advisory_db_records(db),
		.packages = db->sections[ADVISORY_PACKAGES].n / PACKAGE_ROW,
		.bytes = db->file.n,
		.built = hm_rfc3339(cx, (int64_t)hm_le(&meta, 8)),
		.digest = hm_fmt(cx, "sha256:%s",
				 hm_hex(cx, hm_sub(db->file, ADVISORY_DB_DIGEST_AT, 32)).p),
		.sources = beside.sources,
		.sources_n = beside.sources_n,
	};
	for (unsigned i = 0; i < ADVISORY_CATALOGS; i++) {
		const struct advisory_catalog *c = &beside.catalogs[i];
		s.catalogs[i] = (struct advisory_catalog_status){
			.date = c->date ? hm_rfc3339(cx, c->date) : HM_STR(""),
			.entries = c->rows.n / row_size_of(i),
		};
	}
	for (size_t i = 0; i < advisory_db_ecosystems(db); i++) {
		uint32_t n;
		struct hm_str name = advisory_db_ecosystem(db, i, &n);
		*hm_push(cx, &s.ecosystems) = hm_fmt(cx, "%.*s %u", HM_FMT(name), n);
	}
	*out = s;
	return NULL;
}
