/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - the embedded registry.
 */
#ifndef OCI_REGISTRY_H
#define OCI_REGISTRY_H

#include "http/http.h"

struct oci_registry;
struct oci_place; /* place.h */

/* A manifest that was taken. */
struct oci_registry_push {
	struct hm_str repository, digest;
	const struct hm_strs *tags; /* that it got; none: by its digest */
};
/* Told of each, once it is listed, and before whoever pushed it is answered: on the thread of the
 * request, so it must not wait. What it gets is good during the call. */
typedef void oci_registry_pushed(void *arg, const struct oci_registry_push *push);

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
	oci_registry_pushed *pushed; /* NULL: nobody is told */
	void *pushed_arg;
};
HM_MUST hm_err oci_registry_open(struct hm_cx *cx, const struct oci_registry_config *config,
				 struct oci_registry **out);
void oci_registry_close(struct oci_registry *r);
/* The names of its repositories, sorted. */
HM_MUST hm_err oci_registry_list(struct hm_cx *cx, struct oci_registry *r, struct hm_strs *out);
/* One of them as a place that is read, without asking over the network; `called`: the registry's
 * name, HOST[:PORT]. To be closed before the registry is. HM_ABSENT; HM_INPUT: it cannot be called
 * so. */
HM_MUST hm_err oci_registry_place(struct hm_cx *cx, struct oci_registry *r, struct hm_str called,
				  struct hm_str name, struct oci_place **out);
/* Routes under /v2/ for http_server; ended by a row without prefix. */
const struct http_route *oci_registry_routes(struct oci_registry *r);

#endif
