/* SPDX-License-Identifier: Apache-2.0 */
/* A version and a range of npm, one a line. A range or anything holds where the range does, if
 * both can be read; and a version satisfies itself. */
#include <stdlib.h>

#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str range = hm_bytes(data, size), version = hm_cut(&range, '\n');
	bool holds = advisory_npm_satisfies(version, range);
	int d;
	if (holds && range.n < 2000 &&
	    !advisory_npm_satisfies(version, hm_fmt(&cx, "%.*s||9.9.9", HM_FMT(range))))
		abort();
	if (advisory_npm_compare(version, version, &d) && hm_trim(version).n == version.n &&
	    !advisory_npm_satisfies(version, version))
		abort();
	return 0;
}
