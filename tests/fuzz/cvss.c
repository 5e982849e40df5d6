/* SPDX-License-Identifier: Apache-2.0 */
/* A CVSS vector: a score is between 0.0 and 10.0. */
#include <stdlib.h>

#include "advisory/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned tenths = 0;
	if (advisory_cvss_score(hm_bytes(data, size), &tenths) && tenths > 100)
		abort();
	return 0;
}
