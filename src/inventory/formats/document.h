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

/* Put the digest's UUID in the place of the first DOCUMENT_NO_UUID. */
void inventory_document_seal(struct hm_buf *doc);

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
/* "alg:hex": the name that a format has for the algorithm (names in the order sha1, sha256, sha384,
 * sha512); NULL where it is none of these or the hex is not as long as it has to be. */
const char *inventory_hash_name(const char *const names[4], struct hm_str hash,
				struct hm_str *out_hex);

#endif
