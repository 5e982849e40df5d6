/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses an order; two versions follow, one a line. An order is the same from both
 * sides, and a version is equal to itself. */
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
	size_t orders = 0;
	int there = 0, back = 0, self = 0;
	if (!size)
		return 0;
	while (advisory_orders[orders].name)
		orders++;
	const struct advisory_order *order = &advisory_orders[data[0] % orders];
	b = hm_from(b, 1);
	struct hm_str a = hm_cut(&b, '\n');
	bool ok = order->compare(a, b, &there);
	if (order->compare(b, a, &back) != ok || (ok && sign(there) != -sign(back)))
		abort();
	if (ok && (!order->compare(a, a, &self) || self != 0))
		abort();
	return 0;
}
