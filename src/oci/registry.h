/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - the embedded registry.
 */
#ifndef OCI_REGISTRY_H
#define OCI_REGISTRY_H

#include "http/http.h"

struct oci_registry;
/*
 * DATA/repos/NAME/ is an OCI layout whose blobs are hard links into DATA/blobs/. One process a
 * folder (HM_BUSY). What goes away when: DELETE of a tag leaves its manifest; DELETE of a manifest
 * takes its tags and itself, not its blobs; DELETE of a blob takes it from its repository, and from
 * the disk when no other has it. Opening removes blobs that no repository links to, and uploads
 * that nobody touched for a day. Where there are HM_MAX_UPLOADS of them, the one that nobody
 * touched for the longest time, HM_MAX_HTTP_STALL at least, goes.
 */
struct oci_registry_config {
	const char *data_dir;
	bool sparse; /* manifests and indexes are taken although what they name is not there */
};
HM_MUST hm_err oci_registry_open(struct hm_cx *cx, const struct oci_registry_config *config,
				 struct oci_registry **out);
void oci_registry_close(struct oci_registry *r);
/* Routes under /v2/ for http_server; ended by a row without prefix. */
const struct http_route *oci_registry_routes(struct oci_registry *r);

#endif
