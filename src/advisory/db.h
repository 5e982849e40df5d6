/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - the advisory database as a file.
 *
 *     0   magic "HMADVDB\n"
 *     8   u32 version of the format, u32 number of sections
 *    16   u64 size of the file
 *    24   sha256 of all that follows; it names the database
 *    56   for each section u64 offset, u64 size
 *
 * Integers are little endian. The file is mapped and read in place; opening it checks size and
 * digest, and every number in it is checked against the bounds where it is used.
 */
#ifndef ADVISORY_DB_H
#define ADVISORY_DB_H

#include "advisory/catalog.h"
#include "advisory/record.h"

enum { ADVISORY_DB_VERSION = 4, ADVISORY_DB_HEAD = 56, ADVISORY_DB_DIGEST_AT = 24 };
#define ADVISORY_DB_MAGIC "HMADVDB\n"

enum advisory_section {
	ADVISORY_STRING_OFFSETS, /* u32[strings + 1] */
	ADVISORY_STRING_BYTES,   /* the strings most often used come first */
	ADVISORY_RECORD_OFFSETS, /* u32[records], into RECORD_BYTES; records by id */
	ADVISORY_RECORD_BYTES,   /* heads: record.h */
	ADVISORY_PACKAGES,       /* u32 ecosystem, name, first entry, entries; sorted by their text;
				    binary packages too, under ":NAME" */
	ADVISORY_ARTIFACTS,      /* u32[], packages of Maven; sorted by artifact, then group */
	ADVISORY_ENTRIES,        /* u32[], into AFFECTED_BYTES */
	ADVISORY_AFFECTED_BYTES, /* LEB128 record, then record.h */
	ADVISORY_IDS,            /* u32 id, first posting, postings; sorted by text */
	ADVISORY_POSTINGS,       /* u32[], records that name an id */
	ADVISORY_ECOSYSTEMS,     /* u32 name, records; sorted by text */
	ADVISORY_META,           /* u64 newest "modified", and date of each catalog: seconds since
				    1970, 0: none */
	ADVISORY_CATALOG_ROWS,   /* of each catalog, in the order of their kinds: catalog.h */
	ADVISORY_LAST_CATALOG = ADVISORY_CATALOG_ROWS + ADVISORY_CATALOGS - 1,
	ADVISORY_SOURCES, /* counted name, URL and tag of each; sorted by name */
	ADVISORY_SECTIONS
};

struct advisory_db {
	struct hm_str file;
	struct hm_str sections[ADVISORY_SECTIONS];
	bool mapped;
};

/* What stands beside the advisories. */
struct advisory_beside {
	struct advisory_catalog catalogs[ADVISORY_CATALOGS];
	struct advisory_source *sources; /* sorted by name */
	size_t sources_n;
};

/* A run of rows of one section. */
struct advisory_rows {
	uint32_t first, n;
};

/* Bytes that are a database; they must outlive it. HM_INPUT. */
HM_MUST hm_err advisory_db_of(struct hm_cx *cx, struct hm_str bytes, struct advisory_db *out);

size_t advisory_db_records(const struct advisory_db *db);
/* The entries of a package whose name has been normalised; none where it is not there. */
struct advisory_rows advisory_db_package(const struct advisory_db *db, struct hm_str ecosystem,
					 struct hm_str name);
/* Package number `at`, in order; false: there are no more. */
struct advisory_package_row {
	struct hm_str ecosystem, name;
	struct advisory_rows entries;
};
bool advisory_db_package_at(const struct advisory_db *db, size_t at,
			    struct advisory_package_row *out);
/* The packages of Maven that have this artifact, in whatever group; and each of them: its number
 * for advisory_db_package_at(). */
struct advisory_rows advisory_db_artifact(const struct advisory_db *db, struct hm_str artifact);
size_t advisory_db_artifact_at(const struct advisory_db *db, uint32_t at);
/* "group:artifact" without its group. */
struct hm_str advisory_artifact_of(struct hm_str name);
/* What entry `at` says, and of which record. HM_INPUT: the file is damaged. */
HM_MUST hm_err advisory_db_entry(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
				 struct advisory_affected *out, uint32_t *out_record);
/* The record alone. HM_INPUT. */
HM_MUST hm_err advisory_db_entry_record(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
					uint32_t *out);
HM_MUST hm_err advisory_db_record(struct hm_cx *cx, const struct advisory_db *db, uint32_t at,
				  struct advisory_record *out);
/* The records that name an id as theirs, an alias or an upstream; and each of them. */
struct advisory_rows advisory_db_id(const struct advisory_db *db, struct hm_str id);
uint32_t advisory_db_posting(const struct advisory_db *db, uint32_t at);
/* The ecosystems: their number, and each name. */
size_t advisory_db_ecosystems(const struct advisory_db *db);
struct hm_str advisory_db_ecosystem(const struct advisory_db *db, size_t at, uint32_t *out_records);

/* The name of a binary package's row, whose entries are its source packages'; and is this one? */
struct hm_str advisory_binary_key(struct hm_cx *cx, struct hm_str name);
bool advisory_is_binary(struct hm_str row_name);

/* In memory of cx, so that it outlives the database. */
struct advisory_db_status advisory_db_status_copy(struct hm_cx *cx,
						  const struct advisory_db_status *s);
/* They point into it. HM_INPUT: the file is damaged. */
HM_MUST hm_err advisory_db_beside(struct hm_cx *cx, const struct advisory_db *db,
				  struct advisory_beside *out);
/* What is known of the exploitation of the first of these ids that anything is known of. */
struct advisory_exploitation advisory_db_exploitation(const struct advisory_db *db,
						      struct hm_str id,
						      const struct hm_strs *aliases);

/* build.c: the file of these records, which are sorted by id and have no id twice, and of what
 * stands beside them. HM_LIMIT. */
HM_MUST hm_err advisory_db_build(struct hm_cx *cx, struct advisory_record *records, size_t n,
				 const struct advisory_beside *beside, struct hm_buf *out);

#endif
