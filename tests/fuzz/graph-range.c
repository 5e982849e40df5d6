/* SPDX-License-Identifier: Apache-2.0 */
/* A version, and behind it a package with a range, a line each. What is within a range is within an
 * alternative of it. */
#include <stdlib.h>

#include "graph/questions/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct hm_str what = hm_bytes(data, size), version = hm_cut(&what, '\n');
	struct graph_range r, wider;
	if (!hm_is_utf8(what) || hm_has_control(what) || graph_range_read(&cx, what, &r) ||
	    !r.text.n || hm_find_char(r.text, '|') == SIZE_MAX ||
	    hm_find_char(what, '?') != SIZE_MAX || hm_find_char(what, '#') != SIZE_MAX || r.own ||
	    !graph_range_has(&r, version))
		return 0;
	if (hm_starts(r.text, HM_STR("vers:")) || hm_is_one_of(r.text.p[0], "[("))
		return 0;
	if (graph_range_read(&cx, hm_fmt(&cx, "%.*s||<1", HM_FMT(what)), &wider) ||
	    !graph_range_has(&wider, version))
		abort();
	return 0;
}
