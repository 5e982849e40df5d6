/* SPDX-License-Identifier: Apache-2.0 */
/* XML into a tree: each node is in its parent, and every text is one. */
#include "codec/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const struct xml_node *n;
	size_t depth = 0;
	if (xml_parse(&cx, hm_bytes(data, size), &n))
		return 0;
	while (n) {
		if (!n->name.n || !hm_is_utf8(n->text) || depth > HM_MAX_XML_DEPTH)
			abort();
		if (n->first) {
			if (n->first->parent != n)
				abort();
			n = n->first;
			depth++;
			continue;
		}
		while (n && !n->next) {
			n = n->parent;
			depth -= depth > 0;
		}
		n = n ? n->next : NULL;
	}
	return 0;
}
