/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a version scheme; two versions follow, one a line. Its order is the same
 * from both sides, and a version is equal to itself. */
#include <stdlib.h>

#include "advisory/advisory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int d)
{
	return (d > 0) - (d < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hm_str b = hm_bytes(data, size);
	size_t schemes = 0;
	int there = 0, back = 0, self = 0;
	if (!size)
		return 0;
	while (advisory_schemes[schemes].name)
		schemes++;
	const struct advisory_scheme *scheme = &advisory_schemes[data[0] % schemes];
	b = hm_from(b, 1);
	struct hm_str a = hm_cut(&b, '\n');
	bool ok = scheme->compare(a, b, &there);
	if (scheme->compare(b, a, &back) != ok || (ok && sign(there) != -sign(back)))
		abort();
	if (ok && (!scheme->compare(a, a, &self) || self != 0))
		abort();
	return 0;
}
