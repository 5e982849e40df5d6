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

static bool is_alnum(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c);
}

/* host[:port], the host of labels with neither edge a hyphen. */
static bool is_domain(struct hm_str s)
{
	struct hm_str host = hm_cut(&s, ':'), port = s;
	bool colon = port.p && host.p + host.n != port.p;
	uint64_t number;
	if (colon && (!port.n || port.n > 5 || !hm_u64(port, 65535, &number)))
		return false;
	if (!host.n)
		return false;
	while (host.n) {
		bool last = hm_find_char(host, '.') == SIZE_MAX;
		struct hm_str label = hm_cut(&host, '.');
		if (!label.n || !is_alnum(label.p[0]) || !is_alnum(label.p[label.n - 1]))
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!is_alnum(label.p[i]) && label.p[i] != '-')
				return false;
		if (!last && !host.n)
			return false;
	}
	return true;
}

bool trust_is_scope(struct hm_str s)
{
	size_t slash = hm_find_char(s, '/');
	if (slash == SIZE_MAX || s.n > HM_MAX_REFERENCE || !is_domain(hm_sub(s, 0, slash)))
		return false;
	for (s = hm_from(s, slash + 1);;) {
		bool last = hm_find_char(s, '/') == SIZE_MAX;
		if (!oci_path_component_is_valid(hm_cut(&s, '/')))
			return false;
		if (last)
			return true;
	}
}
