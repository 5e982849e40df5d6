/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading.h - what the readers of SBOM formats share: components by the document's own references,
 * and dependencies between references that become edges when all components are known.
 */
#ifndef INVENTORY_FORMATS_READING_H
#define INVENTORY_FORMATS_READING_H

#include "codec/json.h"
#include "inventory/inventory.h"

struct reading_edge {
	struct hm_str from, to;
	bool owns; /* `from` owns the files of `to` */
};

struct reading {
	struct hm_cx *cx;
	struct inventory inv;
	HM_VEC(struct inventory_component) components;
	HM_VEC(struct reading_edge) edges;
	struct hm_map refs; /* to index + 1 */
	size_t passed_over; /* packages that have no purl */
};

/* A component from its purl, with the name in the document's spelling where it is the same name:
 * purls of some types are lower case. Where it is no purl the package is passed over, and the type
 * stays empty. */
HM_MUST hm_err inventory_reading_component(struct reading *r, struct hm_str purl,
					   struct hm_str name, struct inventory_component *out);
HM_MUST hm_err inventory_reading_add(struct reading *r, struct hm_str ref,
				     const struct inventory_component *c);
HM_MUST hm_err inventory_reading_relate(struct reading *r, struct hm_str from, struct hm_str to,
					bool owns);
/* A path, a layer, or both in either order, of location number `i` of a component. HM_LIMIT. */
HM_MUST hm_err inventory_reading_location(struct reading *r, struct inventory_component *c,
					  uint64_t i, const struct hm_str *path,
					  const struct hm_str *layer);
/* Unknown content number `i`: one that is there, or the next. HM_LIMIT. */
HM_MUST hm_err inventory_reading_unknown(struct reading *r, uint64_t i,
					 struct inventory_unknown **out);
/* Sort, make the edges, and take the distribution from the packages where the document does not
 * say it. */
HM_MUST hm_err inventory_reading_end(struct reading *r, struct inventory *out);

#endif
