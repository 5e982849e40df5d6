/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_union.h - one record an id, one catalog a kind; with those of the old database. Private to
 * the room.
 */
#ifndef ADVISORY_IMPORT_UNION_H
#define ADVISORY_IMPORT_UNION_H

#include "advisory/db.h"
#include "advisory/import_read.h"

/*
 * The bytes of the database that is made of what the units said and, where `old` is not NULL, of
 * what that database holds; *out_warnings gets a line for each document that could not be read.
 * HM_INPUT: there is nothing in it.
 */
HM_MUST hm_err advisory_unite(struct hm_cx *cx, const struct advisory_plan *plan,
			      const struct advisory_import *what, const struct advisory_db *old,
			      struct hm_strs *out_warnings, struct hm_buf *out);

#endif
