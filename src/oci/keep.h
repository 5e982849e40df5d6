/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep.h - inside oci/: what a record holds (record.h). keep.c adds to it while things are pushed,
 * record.c reads it as a place.
 */
#ifndef OCI_KEEP_H
#define OCI_KEEP_H

#include <pthread.h>

#include "oci/ops.h"

struct oci_record {
	pthread_mutex_t lock;
	struct hm_cx cx;     /* of all below */
	struct hm_map blobs; /* by digest: a struct hm_str */
	HM_VEC(struct oci_recorded) all;
	size_t bytes;
	bool is_full;
};

#endif
