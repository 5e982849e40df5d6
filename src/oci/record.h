/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what was pushed, kept in memory: a place that has no more than that can be read
 * without asking anybody.
 *
 * Places that are opened for writing with an oci_access that has a record add to it: manifests
 * with their tags, and blobs up to OCI_RECORD_BLOB. Layers are not kept, nor what the place had
 * already. Several threads may push.
 */
#ifndef OCI_RECORD_H
#define OCI_RECORD_H

#include "oci/place.h"

enum { OCI_RECORD_BLOB = 64 << 20, OCI_RECORD_STREAM = 1 << 20, OCI_RECORD_ALL = 256 << 20 };

struct oci_record;
struct oci_record *oci_record_new(struct hm_cx *cx); /* it lives in cx, and is to be ended */
void oci_record_done(struct oci_record *r);

/* A manifest that was pushed, or got a tag; in the order in which that was. */
struct oci_recorded {
	struct oci_target target; /* where */
	struct oci_descriptor d;
	struct hm_str tag; /* empty: none */
};
/* Nobody pushes any more. */
size_t oci_record_list(const struct oci_record *r, const struct oci_recorded **out);
/* Was there more than it has room for (OCI_RECORD_ALL)? */
bool oci_record_is_full(const struct oci_record *r);
/* The target, as far as the record has it, and of manifests what `access` has in its cache.
 * Everything else is HM_ABSENT. To be closed before the record is ended. */
void oci_record_open(struct oci_record *r, const struct oci_access *access,
		     const struct oci_target *t, struct oci_place **out);

#endif
