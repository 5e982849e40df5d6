/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installed rpm packages, from whichever kind of database rpm has them in: a header for each.
 *
 * rpmdb.sqlite has them in the table Packages. The file is read from memory. It is in WAL mode,
 * which a database in memory cannot have: bytes 18 and 19 of the file header are set to 1
 * (sqlite.org/fileformat2.html, 1.3), and what its write-ahead log has is put into it first, as a
 * checkpoint does both.
 */
#include "inventory/catalogers/common.h"

#include <sqlite3.h>

#include "inventory/catalogers/rpm_backends.h"
#include "inventory/catalogers/rpm_header.h"
#include "inventory/catalogers/rpm_wal.h"

static void database_close(sqlite3 **db)
{
	sqlite3_close(*db);
}

static void statement_finish(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

/* Where /bin is /usr/bin, a requirement may be written either way: one spelling for both. */
static struct hm_str normalise_capability(struct hm_str s)
{
	return hm_starts(s, HM_STR("/usr/bin/")) || hm_starts(s, HM_STR("/usr/sbin/"))
		       ? hm_from(s, 4)
		       : s;
}

static bool is_program(struct hm_str folder)
{
	static const char *const folders[] = { "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/" };
	for (size_t i = 0; i < HM_LEN(folders); i++)
		if (hm_eqz(folder, folders[i]))
			return true;
	return false;
}

static void add_names(struct hm_cx *cx, const struct rpm_header *h, enum rpm_tag tag,
		      struct hm_strs *list)
{
	struct rpm_values v = inventory_rpm_strings(h, tag);
	struct hm_str name, last = { 0 };
	while (inventory_rpm_next_string(&v, &name)) {
		/* neither what rpm itself must be able to do nor boolean expressions are
		 * packages */
		if (hm_starts(name, HM_STR("rpmlib(")) || hm_starts(name, HM_STR("(")))
			continue;
		name = normalise_capability(name);
		if (!hm_eq(name, last))
			*hm_push(cx, list) = name;
		last = name;
	}
}

/* Files: BASENAMES, each with the number of its folder in DIRNAMES. */
static hm_err add_files(struct hm_cx *cx, const struct rpm_header *h, struct inventory_component *c,
			struct inventory_builder *b)
{
	struct rpm_values folders = inventory_rpm_strings(h, RPM_DIRNAMES);
	struct rpm_values names = inventory_rpm_strings(h, RPM_BASENAMES);
	struct rpm_values numbers = inventory_rpm_numbers(h, RPM_DIRINDEXES);
	struct hm_strs dirs = { 0 };
	struct hm_str s;
	uint32_t number;

	while (inventory_rpm_next_string(&folders, &s))
		*hm_push(cx, &dirs) = s;
	while (inventory_rpm_next_string(&names, &s) &&
	       inventory_rpm_next_number(&numbers, &number)) {
		if (number >= dirs.n)
			return hm_fail(cx, HM_INPUT, "package \"%.*s\" has a file without folder",
				       HM_FMT(c->name));
		if (is_program(dirs.p[number]))
			*hm_push(cx, &c->provides) = normalise_capability(
				hm_fmt(cx, "%.*s%.*s", HM_FMT(dirs.p[number]), HM_FMT(s)));
		struct hm_mark mark = hm_mark(cx);
		HM_TRY(inventory_add_owned(cx, b, "rpm", c->name, c->arch,
					   hm_fmt(cx, "%.*s%.*s", HM_FMT(dirs.p[number]),
						  HM_FMT(s))));
		hm_release(cx, mark);
	}
	return NULL;
}

static hm_err add_package(struct hm_cx *cx, void *arg, struct hm_str blob)
{
	struct inventory_builder *b = arg;
	struct rpm_header h;
	HM_TRY(inventory_rpm_header(cx, blob, &h));
	struct inventory_component c = {
		.type = HM_STR("rpm"),
		.name = inventory_rpm_string(&h, RPM_NAME),
		.arch = inventory_rpm_string(&h, RPM_ARCH),
		.supplier = inventory_rpm_string(&h, RPM_VENDOR),
		.homepage = inventory_rpm_string(&h, RPM_URL),
		.description = inventory_rpm_string(&h, RPM_SUMMARY),
	};
	struct hm_str version = inventory_rpm_string(&h, RPM_VERSION);
	struct hm_str release = inventory_rpm_string(&h, RPM_RELEASE);
	struct hm_str source = inventory_rpm_string(&h, RPM_SOURCERPM);
	struct rpm_values epochs = inventory_rpm_numbers(&h, RPM_EPOCH);
	uint32_t epoch = 0;

	if (!c.name.n || !version.n)
		return hm_fail(cx, HM_INPUT, "a package without name or version");
	inventory_rpm_next_number(&epochs, &epoch);
	c.version = release.n ? hm_fmt(cx, "%.*s-%.*s", HM_FMT(version), HM_FMT(release)) : version;
	if (epoch)
		c.version = hm_fmt(cx, "%u:%.*s", (unsigned)epoch, HM_FMT(c.version));
	if (source.n && !hm_eqz(source, "(none)"))
		inventory_source_rpm(source, &c.source_name, &c.source_version);
	inventory_list_add(cx, &c.licenses, inventory_rpm_string(&h, RPM_LICENSE));
	add_names(cx, &h, RPM_REQUIRENAME, &c.depends);
	add_names(cx, &h, RPM_PROVIDENAME, &c.provides);
	HM_TRY(add_files(cx, &h, &c, b));
	return inventory_add(cx, b, &c);
}

static hm_err read_rows(struct hm_cx *cx, sqlite3 *db, struct rpm_sink to)
{
	HM_CLEANUP(statement_finish) sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, "SELECT blob FROM Packages ORDER BY hnum", -1, &s, NULL) !=
	    SQLITE_OK)
		return hm_fail(cx, HM_INPUT, "%s", sqlite3_errmsg(db));
	for (;;) {
		int step = sqlite3_step(s);
		if (step == SQLITE_DONE)
			return NULL;
		if (step != SQLITE_ROW)
			return hm_fail(cx, HM_INPUT, "%s", sqlite3_errmsg(db));
		struct hm_mark mark = hm_mark(cx);
		const void *blob = sqlite3_column_blob(s, 0);
		int size = sqlite3_column_bytes(s, 0);
		HM_TRY(hm_alive(cx));
		HM_TRY(to.add(cx, to.arg, hm_bytes(blob ? blob : "", blob ? (size_t)size : 0)));
		hm_release(cx, mark);
	}
}

static bool is_sqlite(struct hm_str bytes)
{
	return hm_starts(bytes, HM_STR("SQLite format 3\0")) && bytes.n >= 100;
}

static hm_err read_sqlite(struct hm_cx *cx, struct hm_str bytes, struct rpm_sink to)
{
	HM_CLEANUP(database_close) sqlite3 *db = NULL;
	HM_TRY(hm_charge(cx, bytes.n));
	unsigned char *copy = hm_new(cx, unsigned char, bytes.n);
	memcpy(copy, bytes.p, bytes.n);
	copy[18] = copy[19] = 1;
	if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) !=
	    SQLITE_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start SQLite");
	/* a hostile schema is not trusted, and what it holds is checked before it is used */
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	if (sqlite3_deserialize(db, "main", copy, (sqlite3_int64)bytes.n, (sqlite3_int64)bytes.n,
				SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
		return hm_fail(cx, HM_INPUT, "%s", sqlite3_errmsg(db));
	return read_rows(cx, db, to);
}

static const struct backend {
	bool (*is)(struct hm_str db);
	hm_err (*read)(struct hm_cx *cx, struct hm_str db, struct rpm_sink to);
} backends[] = {
	{ is_sqlite, read_sqlite },
	{ inventory_rpm_is_ndb, inventory_rpm_ndb },
	{ inventory_rpm_is_bdb, inventory_rpm_bdb },
};

hm_err inventory_rpm_database(struct hm_cx *cx, struct hm_str db, struct hm_str log,
			      struct hm_str *out)
{
	struct rpm_wal wal;
	*out = db;
	HM_TRY(inventory_rpm_wal(cx, log, &wal));
	return wal.frames.n ? inventory_rpm_wal_apply(cx, &wal, db, out) : NULL;
}

hm_err inventory_rpm_headers(struct hm_cx *cx, struct hm_str db, struct inventory_rpm_sink to)
{
	for (size_t i = 0; i < HM_LEN(backends); i++)
		if (backends[i].is(db))
			return backends[i].read(cx, db, (struct rpm_sink){ to.add, to.arg });
	return hm_fail(cx, HM_INPUT,
		       "this is not an rpm database: neither SQLite nor NDB nor a hash table of "
		       "Berkeley DB");
}

INVENTORY_PARSE(rpm)
{
	struct hm_str bytes = file->bytes;
	struct rpm_wal wal;
	if (hm_ends(file->path, HM_STR("-wal"))) {
		HM_TRY_IN(cx, inventory_rpm_wal(cx, bytes, &wal), "rpm");
		return wal.frames.n ? inventory_add_part(cx, b) : NULL;
	}
	if (!bytes.n && hm_ends(file->path, HM_STR(".sqlite"))) /* SQLite throws a log away whose
								   database is empty */
		return NULL;
	HM_TRY_IN(cx, inventory_rpm_database(cx, bytes, file->part, &bytes), "rpm");
	HM_TRY_IN(cx,
		  inventory_rpm_headers(cx, bytes, (struct inventory_rpm_sink){ add_package, b }),
		  "rpm");
	return NULL;
}
