/* SPDX-License-Identifier: Apache-2.0 */
/* What was read is written and read again: it must still list the same. */
#include <stdlib.h>

#include "oci/layout/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t listed(const struct layout_index *x)
{
	size_t n = 0;
	for (size_t i = 0; i < x->n; i++)
		n += !x->p[i].removed;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct layout_index x, y;
	struct hm_str text;
	if (oci_layout_index_parse(&cx, hm_bytes(data, size), &x))
		return 0;
	if (x.n)
		oci_layout_index_put(&cx, &x, &x.p[x.n - 1].d, HM_STR("again"));
	if (oci_layout_index_format(&cx, &x, &text))
		return 0;
	if (oci_layout_index_parse(&cx, text, &y) || listed(&x) != y.n)
		abort();
	return 0;
}
