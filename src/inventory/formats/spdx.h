/* SPDX-License-Identifier: Apache-2.0 */
/* spdx.h - what the writer and the reader of SPDX agree on. Private to formats/. */
#ifndef INVENTORY_FORMATS_SPDX_H
#define INVENTORY_FORMATS_SPDX_H

#include "inventory/inventory.h"

#define SPDX_TOOL    "Tool: hullmark-" HULLMARK_VERSION
#define SPDX_ROOT    "SPDXRef-DocumentRoot"
#define SPDX_SYSTEM  "SPDXRef-OperatingSystem"
#define SPDX_PACKAGE "SPDXRef-Package-"
/* Of a relationship OTHER: the first package's files include those of the second. Syft's spelling
 * begins with the same words. */
#define SPDX_OWNERSHIP "ownership-by-file-overlap: the package is part of the files of its owner"

HM_MUST hm_err inventory_spdx_write(struct hm_cx *cx, const struct inventory *inv,
				    struct hm_buf *out);
bool inventory_spdx_is(struct json doc);
HM_MUST hm_err inventory_spdx_read(struct hm_cx *cx, struct json doc, struct inventory *out);

#endif
