/* SPDX-License-Identifier: Apache-2.0 */
/* SBOM documents: what is read crosses to the parent unharmed, and is written in both formats so
 * that it reads as the same number of packages. */
#include "inventory/formats/wire.h"
#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF wire = HM_BUF(64 * HM_MIB);
	struct json doc;
	struct inventory inv, other;
	if (inventory_wire_read(&cx, hm_bytes(data, size), &other) == NULL)
		inventory_wire_write(&other, &wire);
	if (json_parse(&cx, hm_bytes(data, size), JSON_PLAIN, &doc))
		return 0;
	for (const struct inventory_format *f = inventory_formats; f->name; f++) {
		HM_AUTO_BUF text = HM_BUF(64 * HM_MIB);
		if (!f->is(doc) || f->read(&cx, doc, &inv))
			continue;
		hm_buf_clear(&wire);
		inventory_wire_write(&inv, &wire);
		if (inventory_wire_read(&cx, hm_buf_str(&wire), &other) || other.n != inv.n ||
		    other.edges_n != inv.edges_n)
			__builtin_trap();
		if (f->write(&cx, &inv, &text) ||
		    json_parse(&cx, hm_buf_str(&text), JSON_PLAIN, &doc) || !f->is(doc))
			__builtin_trap();
	}
	return 0;
}
