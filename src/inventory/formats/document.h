/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h - what the writers of SBOM formats share.
 *
 * A document is a function of the inventory: its time is SOURCE_DATE_EPOCH, else 1970-01-01, and
 * its identity is a UUID (version 8, RFC 9562) made from the digest of all its bytes.
 */
#ifndef INVENTORY_FORMATS_DOCUMENT_H
#define INVENTORY_FORMATS_DOCUMENT_H

#include "codec/json.h"
#include "inventory/inventory.h"

#define DOCUMENT_NO_UUID "00000000-0000-8000-8000-000000000000"

struct document_time {
	bool is_given; /* SOURCE_DATE_EPOCH */
	struct hm_str text;
};
struct document_time inventory_document_time(struct hm_cx *cx);

/* The document is whole: put its digest's UUID in the place of the first DOCUMENT_NO_UUID.
 * HM_LIMIT: it did not fit. */
HM_MUST hm_err inventory_document_seal(struct hm_cx *cx, struct hm_buf *doc);

/* An identifier for each component, unique in the document: 16 hex digits. */
struct hm_str *inventory_document_ids(struct hm_cx *cx, const struct inventory *inv);
/* The first component of this purl; SIZE_MAX. For owners. */
size_t inventory_document_owner(const struct hm_map *by_purl, struct hm_str purl);
void inventory_document_purls(struct hm_cx *cx, const struct inventory *inv,
			      struct hm_map *by_purl);

/* "@scope/name" of npm, the name of all others. */
struct hm_str inventory_document_name(struct hm_cx *cx, const struct inventory_component *c);
/* An absolute http or https URL that a schema's "uri" accepts. */
bool inventory_is_url(struct hm_str s);
/* The name of an image or folder for a document; never empty. */
struct hm_str inventory_document_title(const struct inventory *inv);
/* pkg:oci/NAME@DIGEST?repository_url=...; empty for folders. */
struct hm_str inventory_document_image(struct hm_cx *cx, const struct inventory *inv);
/* How a format writes hashes: as an array of objects under `key`. */
struct document_hashes {
	const char *key, *algorithm, *value; /* names of members */
	const char *names[4];                /* of SHA-1, SHA-256, SHA-384 and SHA-512 */
};
/* Hashes ("alg:hex") of these algorithms and of the right length; nothing where there is none. */
void inventory_document_hashes(struct json_out *o, const struct document_hashes *format,
			       const struct hm_strs *hashes);

#endif
