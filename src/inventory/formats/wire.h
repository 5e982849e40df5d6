/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - an inventory as it crosses from the worker that read an SBOM to its parent: numbers are
 * LEB128, texts counted, in a fixed order. What is read is checked; its texts point into `bytes`.
 */
#ifndef INVENTORY_FORMATS_WIRE_H
#define INVENTORY_FORMATS_WIRE_H

#include "inventory/inventory.h"

void inventory_wire_write(const struct inventory *inv, struct hm_buf *out);
/* HM_INPUT: anything that the writer would not have written; HM_LIMIT. */
HM_MUST hm_err inventory_wire_read(struct hm_cx *cx, struct hm_str bytes, struct inventory *out);

#endif
