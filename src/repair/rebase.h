/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rebase.h - inside repair/: an image with its configuration, and one made of two.
 */
#ifndef REPAIR_REBASE_H
#define REPAIR_REBASE_H

#include "repair/repair.h"

struct repair_built {
	struct oci_descriptor d;
	struct oci_manifest m;
	struct json config;
};
/* HM_INPUT: its layers are not those of its configuration. */
HM_MUST hm_err repair_built_read(struct hm_cx *cx, struct oci_place *p,
				 const struct oci_descriptor *d,
				 const struct oci_platform *platform, struct repair_built *out);
/* How many layers of `base` the image begins with: all of them, or 0. */
size_t repair_built_on(const struct repair_built *image, const struct repair_built *base);
/* The configuration of the image on `now` instead of `old`. */
HM_MUST hm_err repair_rebased_config(struct hm_cx *cx, const struct repair_built *image,
				     const struct repair_built *old, const struct repair_built *now,
				     struct hm_str *out);

#endif
