/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx.h - what the writer and the reader of CycloneDX agree on. Private to formats/.
 *
 * Properties of a component: hullmark:cataloger, hullmark:evidence ("declared"), hullmark:range,
 * hullmark:dev ("true"), hullmark:location:N:path and hullmark:location:N:layerID, and the first of
 * each once more under Syft's names. hullmark:owner is the bom-ref of the package whose files it
 * is part of.
 */
#ifndef INVENTORY_FORMATS_CYCLONEDX_H
#define INVENTORY_FORMATS_CYCLONEDX_H

#include "inventory/inventory.h"

HM_MUST hm_err inventory_cyclonedx_write(struct hm_cx *cx, const struct inventory *inv,
					 struct hm_buf *out);
bool inventory_cyclonedx_is(struct json doc);
HM_MUST hm_err inventory_cyclonedx_read(struct hm_cx *cx, struct json doc, struct inventory *out);

#endif
