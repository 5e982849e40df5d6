/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/record.h"

bool advisory_cvss4_score(struct hm_str vector, unsigned *out)
{
	(void)vector;
	(void)out;
	return false;
}
