/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalog.h - the repositories of a registry, beside oci.h for the few who ask.
 */
#ifndef OCI_CATALOG_H
#define OCI_CATALOG_H

#include "oci/oci.h"

/* The repositories of a registry, which answers for those that the credential may read: sorted,
 * each once; all pages. HM_LIMIT: HM_MAX_TAGS. HM_INPUT: something else is in the list. */
HM_MUST hm_err oci_catalog(struct hm_cx *cx, const struct oci_access *access,
			   struct hm_str registry, struct hm_strs *out);

#endif
