/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_backends.h - the databases of rpm that are not SQLite: each is a function from all bytes of
 * the file to the headers of its packages.
 *
 * The law: all packages, or a fault. What does not fit together is damage, and what damage hides
 * cannot be known, so that nothing is passed over that rpm itself would read. No byte of the file
 * is read twice, whatever it says.
 */
#ifndef INVENTORY_CATALOGERS_RPM_BACKENDS_H
#define INVENTORY_CATALOGERS_RPM_BACKENDS_H

#include "base/base.h"

/* Who takes the header of each package; the bytes are good only during the call. */
struct rpm_sink {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str header);
	void *arg;
};

/*
 * "Packages": a hash table of Berkeley DB, in either byte order, from the number of a package to
 * its header. HM_INPUT: damage, and what rpm never writes: encryption, checksums, partitions,
 * duplicates. Source: Berkeley DB 5.3, dbinc/db_page.h and hash/hash_page.c.
 */
bool inventory_rpm_is_bdb(struct hm_str db);
HM_MUST hm_err inventory_rpm_bdb(struct hm_cx *cx, struct hm_str db, struct rpm_sink to);

/*
 * "Packages.db": rpm's own format, NDB: slots, each the place of a blob with its checksum.
 * Source: rpm 4.18, lib/backend/ndb/rpmpkg.c.
 */
bool inventory_rpm_is_ndb(struct hm_str db);
HM_MUST hm_err inventory_rpm_ndb(struct hm_cx *cx, struct hm_str db, struct rpm_sink to);

#endif
