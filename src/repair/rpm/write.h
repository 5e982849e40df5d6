/* SPDX-License-Identifier: Apache-2.0 */
/* write.h - inside repair/rpm/: a database that is written, in its worker. */
#ifndef REPAIR_RPM_WRITE_H
#define REPAIR_RPM_WRITE_H

#include "repair/rpm/rpm.h"

/* Frames of the job's input: a kind, the length in eight bytes, the bytes. */
enum { RPM_WRITE_DATABASE = 'D', RPM_WRITE_WAL = 'W', RPM_WRITE_REMOVE = 'X', RPM_WRITE_NEW = 'N' };

/* A package that is there now. */
struct rpm_new {
	uint32_t when, color;
	struct hm_str signatures, header; /* as they are in the package, without magic */
	struct hm_str states;             /* a byte a file */
};
struct rpm_writing {
	struct hm_str database;
	struct {
		uint64_t *p;
		size_t n, cap;
	} removed; /* numbers of packages, in the database's own order */
	struct {
		struct rpm_new *p;
		size_t n, cap;
	} new;
	bool big_endian; /* of the machine whose database it is */
};
bool repair_rpm_is_removed(const struct rpm_writing *w, uint64_t number);
/* The header as it stands in a database. */
HM_MUST hm_err repair_rpm_installed_header(struct hm_cx *cx, const struct rpm_new *n,
					   struct hm_buf *out);

/* --- index.c: what is looked up in a database --- */

enum rpm_index_key { RPM_KEY_TEXT, RPM_KEY_BYTES };
struct rpm_index_row {
	const char *name; /* of the table */
	uint32_t tag;
	enum rpm_index_key key;
};
extern const struct rpm_index_row repair_rpm_indexes[]; /* ended by a row without name */
/* Who takes the keys of a package under one row. */
struct rpm_index_sink {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str key, uint32_t number);
	void *arg;
};
HM_MUST hm_err repair_rpm_index(struct hm_cx *cx, const struct rpm_header *h,
				const struct rpm_index_row *row, bool big_endian,
				struct rpm_index_sink to);

/* --- write_sqlite.c, write_ndb.c --- */
HM_MUST hm_err repair_rpm_write_ndb(struct hm_cx *cx, const struct rpm_writing *w,
				    struct hm_buf *out);
HM_MUST hm_err repair_rpm_write_sqlite(struct hm_cx *cx, const struct rpm_writing *w,
				       struct hm_buf *out);

#endif
