/* SPDX-License-Identifier: Apache-2.0 */
/* Import with workers that die: the document that does it is found, named and left out, and nothing
 * else is lost. This program is its own worker. */
#include <zlib.h>

#include "unit.h"

#include "advisory/db.h"
#include "base/worker.h"

enum { DOCUMENTS = 23 };

/* The real job; whoever lets it see the poison dies of it. */
static hm_err job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	hm_err err = advisory_osv_job(cx, args, in, out);
	if (hm_find(hm_buf_str(out), HM_STR("POISON")) != SIZE_MAX)
		abort();
	if (hm_find(hm_buf_str(out), HM_STR("DISTRESS")) != SIZE_MAX)
		return hm_fail(cx, HM_SYSTEM, "the machine is in distress");
	return err;
}

static const struct hm_job jobs[] = { { ADVISORY_OSV_JOB, job }, { 0 } };

static struct hm_str document(struct hm_cx *cx, int i, const char *poison)
{
	return hm_fmt(
		cx,
		"{\"id\":\"X-%02d%s\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":"
		"{\"ecosystem\":\"npm\",\"name\":\"p%d\"},\"versions\":[\"1.0.0\"]}]}",
		i, poison, i);
}

static void stored(struct hm_buf *b, struct hm_buf *directory, struct hm_str name,
		   struct hm_str text)
{
	size_t at = b->n;
	uint32_t crc = (uint32_t)crc32(0, (const Bytef *)text.p, (uInt)text.n);
	struct hm_buf *both[] = { b, directory };
	for (size_t i = 0; i < 2; i++) {
		hm_buf_le(both[i], i ? 0x02014b50 : 0x04034b50, 4);
		if (i)
			hm_buf_le(both[i], 20, 2);
		hm_buf_le(both[i], 20, 2);
		hm_buf_le(both[i], 0, 8); /* flags, stored, time */
		hm_buf_le(both[i], crc, 4);
		hm_buf_le(both[i], text.n, 4);
		hm_buf_le(both[i], text.n, 4);
		hm_buf_le(both[i], name.n, 2);
		hm_buf_le(both[i], 0, 2);
		if (i) {
			hm_buf_le(both[i], 0, 6); /* comment, disk, attributes */
			hm_buf_le(both[i], 0, 4);
			hm_buf_le(both[i], at, 4);
		}
		hm_buf_add(both[i], name);
	}
	hm_buf_add(b, text);
}

static const char *zip_of(struct hm_cx *cx, int poisoned, const char *poison)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	HM_AUTO_BUF directory = HM_BUF(HM_MIB);
	const char *path = hm_path(cx, unit_temp_dir(), "all.zip");
	for (int i = 0; i < DOCUMENTS; i++)
		stored(&b, &directory, hm_fmt(cx, "%d.json", i),
		       document(cx, i, i == poisoned ? poison : ""));
	size_t at = b.n;
	hm_buf_add(&b, hm_buf_str(&directory));
	hm_buf_le(&b, 0x06054b50, 4);
	hm_buf_le(&b, 0, 4);
	hm_buf_le(&b, DOCUMENTS, 2);
	hm_buf_le(&b, DOCUMENTS, 2);
	hm_buf_le(&b, directory.n, 4);
	hm_buf_le(&b, at, 4);
	hm_buf_le(&b, 0, 2);
	assert_ok(hm_write_file(cx, path, hm_buf_str(&b), 0644));
	return path;
}

static const char *folder_of(struct hm_cx *cx, int poisoned, const char *poison)
{
	const char *dir = unit_temp_dir();
	for (int i = 0; i < DOCUMENTS; i++)
		assert_ok(hm_write_file(cx, hm_path(cx, dir, hm_fmt(cx, "%d.json", i).p),
					document(cx, i, i == poisoned ? poison : ""), 0644));
	return dir;
}

static hm_err import_one(struct hm_cx *cx, const char *path, const char *db_path,
			 struct hm_strs *warnings, struct advisory_db_status *out)
{
	struct advisory_import_path one = { .path = path };
	struct advisory_import what = { .paths = &one, .n = 1 };
	return advisory_db_import(cx, &what, db_path, warnings, out);
}

static const struct poison_case {
	const char *label;
	bool zip;
	int poisoned;
	const char *named;
} poisons[] = {
	{ "a zip file: the first", true, 0, "document 1: " },
	{ "a zip file: one in the middle", true, 11, "document 12: " },
	{ "a zip file: the last", true, DOCUMENTS - 1, "document 23: " },
	{ "a folder: the first", false, 0, "/0.json\": " },
	{ "a folder: one in the middle", false, 11, "/11.json\": " },
	{ "a folder: the last", false, DOCUMENTS - 1, "/22.json\": " },
};

static void one_is_lost_and_named(void **state)
{
	const struct poison_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *path =
		t->zip ? zip_of(&cx, t->poisoned, "POISON") : folder_of(&cx, t->poisoned, "POISON");
	const char *db_path = hm_path(&cx, unit_temp_dir(), "a.db");
	struct hm_strs warnings;
	struct advisory_db_status s;
	struct advisory_db *db;
	assert_ok(import_one(&cx, path, db_path, &warnings, &s));
	assert_int_equal(s.advisories, DOCUMENTS - 1);
	assert_int_equal(warnings.n, 1);
	if (hm_find(warnings.p[0], hm_cstr(t->named)) == SIZE_MAX)
		print_error("%.*s\n", HM_FMT(warnings.p[0]));
	assert_true(hm_find(warnings.p[0], hm_cstr(t->named)) != SIZE_MAX);
	assert_ok(advisory_db_open(&cx, db_path, &db));
	for (int i = 0; i < DOCUMENTS; i++) {
		struct advisory_rows rows =
			advisory_db_package(db, HM_STR("npm"), hm_fmt(&cx, "p%d", i));
		assert_int_equal(rows.n, i != t->poisoned);
	}
	advisory_db_close(db);
}

static void both_give_the_same_bytes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *zip = zip_of(&cx, -1, ""), *folder = folder_of(&cx, -1, "");
	const char *a = hm_path(&cx, unit_temp_dir(), "a.db"),
		   *b = hm_path(&cx, unit_temp_dir(), "b.db");
	struct hm_strs warnings;
	struct advisory_db_status s, t;
	assert_ok(import_one(&cx, zip, a, &warnings, &s));
	assert_ok(import_one(&cx, folder, b, &warnings, &t));
	assert_str(s.digest, t.digest);
	assert_int_equal(warnings.n, 0);
}

static void what_cannot_be_read_keeps_the_old_database(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *db_path = hm_path(&cx, dir, "a.db");
	const char *bad = hm_path(&cx, dir, "bad.zip"), *nowhere = hm_path(&cx, dir, "nowhere");
	struct hm_strs warnings;
	struct advisory_db_status s;
	struct hm_str kept;
	assert_ok(hm_write_file(&cx, bad, HM_STR("PK and so on"), 0644));
	assert_ok(hm_write_file(&cx, db_path, HM_STR("old"), 0644));
	assert_fault(import_one(&cx, bad, db_path, &warnings, &s), HM_INPUT, "bad.zip");
	assert_fault(import_one(&cx, nowhere, db_path, &warnings, &s), HM_ABSENT, "nowhere");
	assert_ok(hm_read_file(&cx, db_path, 100, &kept));
	assert_strz(kept, "old");
}

/* What a worker could not read because the machine failed it would be missing for good. */
static void a_machine_that_fails_is_no_bad_document(void **state)
{
	(void)state;
	for (int zip = 0; zip < 2; zip++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		const char *path = zip ? zip_of(&cx, 7, "DISTRESS") : folder_of(&cx, 7, "DISTRESS");
		struct hm_strs warnings;
		struct advisory_db_status s;
		assert_fault(import_one(&cx, path, hm_path(&cx, unit_temp_dir(), "a.db"), &warnings,
					&s),
			     HM_SYSTEM, "in distress");
	}
}

/* --- adding to what is there --- */

static hm_err import_text(struct hm_cx *cx, const char *db_path, const char *ecosystem,
			  struct hm_str text, struct advisory_db_status *out)
{
	const char *path = hm_path(cx, unit_temp_dir(), "one.json");
	struct advisory_import_path one = { .path = path };
	struct advisory_source source = { hm_cstr(ecosystem ? ecosystem : ""), HM_STR("http://x/"),
					  HM_STR("\"tag\"") };
	struct advisory_import what = { .paths = &one, .n = 1, .add = true };
	struct hm_strs warnings;
	assert_ok(hm_write_file(cx, path, text, 0644));
	if (ecosystem) {
		*hm_push(cx, &what.renew) = hm_cstr(ecosystem);
		what.sources = &source;
		what.sources_n = 1;
	}
	return advisory_db_import(cx, &what, db_path, &warnings, out);
}

/* An advisory of one id in an ecosystem or two. */
static struct hm_str advisory(struct hm_cx *cx, const char *id, const char *day,
			      const char *ecosystem, const char *other, bool withdrawn)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_fmt(&b, "{\"id\":\"%s\",\"modified\":\"2024-01-%sT00:00:00Z\",%s\"affected\":[", id,
		   day, withdrawn ? "\"withdrawn\":\"2024-01-01T00:00:00Z\"," : "");
	for (const char *e = ecosystem; e; e = e == ecosystem ? other : NULL)
		hm_buf_fmt(
			&b,
			"%s{\"package\":{\"ecosystem\":\"%s\",\"name\":\"p\"},\"versions\":[\"1\"]}",
			e == ecosystem ? "" : ",", e);
	hm_buf_addz(&b, "]}");
	return hm_dup(cx, hm_buf_str(&b));
}

static const struct add_case {
	const char *label;
	const char *day, *ecosystem, *other; /* of OLD-1 in the database */
	const char *id, *new_day;            /* of what is added, in `renew` or npm */
	bool withdrawn;
	const char *renew; /* or NULL */
	uint64_t left;
} adds[] = {
	{ "another one is added", "05", "npm", NULL, "NEW-1", "01", false, NULL, 2 },
	{ "a newer one takes the place of the old", "05", "npm", NULL, "OLD-1", "06", false, NULL,
	  1 },
	{ "a newer one that is withdrawn removes it", "05", "npm", NULL, "OLD-1", "06", true, NULL,
	  0 },
	{ "one of the same time that is withdrawn too", "05", "npm", NULL, "OLD-1", "05", true,
	  NULL, 0 },
	{ "an older one that was withdrawn does not", "05", "npm", NULL, "OLD-1", "04", true, NULL,
	  1 },
	{ "an archive replaces its ecosystem", "05", "npm", NULL, "NEW-1", "01", false, "npm", 1 },
	{ "and all releases of its distribution", "05", "Debian:12", NULL, "NEW-1", "01", false,
	  "Debian", 1 },
	{ "but no other release than its own", "05", "Debian:12", NULL, "NEW-1", "01", false,
	  "Debian:1", 2 },
	{ "nor another ecosystem", "05", "PyPI", NULL, "NEW-1", "01", false, "npm", 2 },
	{ "nor what is of another one too", "05", "npm", "PyPI", "NEW-1", "01", false, "npm", 2 },
};

static void added(void **state)
{
	const struct add_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *db_path = hm_path(&cx, unit_temp_dir(), "a.db");
	struct advisory_db_status s;
	assert_ok(import_text(&cx, db_path, NULL,
			      advisory(&cx, "OLD-1", t->day, t->ecosystem, t->other, false), &s));
	assert_ok(import_text(&cx, db_path, NULL, advisory(&cx, "KEPT-1", "01", "Hex", NULL, false),
			      &s));
	assert_ok(import_text(&cx, db_path, t->renew,
			      advisory(&cx, t->id, t->new_day, t->renew ? t->renew : "npm", NULL,
				       t->withdrawn),
			      &s));
	assert_int_equal(s.advisories, t->left + 1);
	assert_int_equal(s.sources_n, t->renew ? 1 : 0);
	if (t->renew)
		assert_strz(s.sources[0].name, t->renew);
	/* What was added is remembered when more is added; and replaced when all is. */
	assert_ok(import_text(&cx, db_path, NULL, advisory(&cx, "KEPT-1", "02", "Hex", NULL, false),
			      &s));
	assert_int_equal(s.sources_n, t->renew ? 1 : 0);
	const char *one = hm_path(&cx, unit_temp_dir(), "one.json");
	struct hm_strs warnings;
	assert_ok(hm_write_file(&cx, one, advisory(&cx, "X", "01", "Hex", NULL, false), 0644));
	assert_ok(import_one(&cx, one, db_path, &warnings, &s));
	assert_int_equal(s.advisories, 1);
	assert_int_equal(s.sources_n, 0);
}

/* It would leave the database without that ecosystem. */
static void an_archive_of_something_else_is_refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *db_path = hm_path(&cx, unit_temp_dir(), "a.db");
	struct advisory_db_status s;
	struct hm_str debian = advisory(&cx, "OLD-1", "01", "Debian:12", "Hex", false),
		      npm = advisory(&cx, "NEW-1", "02", "npm", NULL, false);
	assert_ok(import_text(&cx, db_path, NULL, debian, &s));
	assert_fault(import_text(&cx, db_path, "Debian", npm, &s), HM_INPUT,
		     "the archive of \"Debian\" has no advisories of it");
	assert_fault(import_text(&cx, db_path, "Hex", npm, &s), HM_INPUT,
		     "the archive of \"Hex\" has no advisories of it");
	assert_ok(import_text(&cx, db_path, "PyPI", npm, &s)); /* there was nothing to lose */
	assert_int_equal(s.advisories, 2);
}

static void added_one_by_one_gives_the_same_bytes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *a = hm_path(&cx, unit_temp_dir(), "a.db"),
		   *b = hm_path(&cx, unit_temp_dir(), "b.db");
	struct hm_strs warnings;
	struct advisory_db_status s, t;
	for (int i = DOCUMENTS; i-- > 0;)
		assert_ok(import_text(&cx, a, NULL, document(&cx, i, ""), &s));
	assert_ok(import_one(&cx, zip_of(&cx, -1, ""), b, &warnings, &t));
	assert_str(s.digest, t.digest);
}

int main(int argc, char **argv)
{
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	hm_worker_program(argv[0]); /* under valgrind /proc/self/exe is valgrind */
	UNIT_TABLE(one_is_lost_and_named, poisons);
	UNIT(both_give_the_same_bytes);
	UNIT(what_cannot_be_read_keeps_the_old_database);
	UNIT(a_machine_that_fails_is_no_bad_document);
	UNIT_TABLE(added, adds);
	UNIT(an_archive_of_something_else_is_refused);
	UNIT(added_one_by_one_gives_the_same_bytes);
	return unit_run("advisory/import");
}
