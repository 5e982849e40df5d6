/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

bool trust_is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!hm_is_alpha(c) && !hm_is_digit(c) && c != '_' && c != '.' && c != '-')
			return false;
	}
	return s.n > 0 && s.n < 256 && !hm_eqz(s, ".") && !hm_eqz(s, "..");
}
