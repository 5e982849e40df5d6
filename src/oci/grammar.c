/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/ops.h"

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || hm_is_digit(c);
}

static bool is_word(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || c == '_';
}

bool oci_tag_is_valid(struct hm_str tag)
{
	if (tag.n == 0 || tag.n > 128 || !is_word(tag.p[0]))
		return false;
	for (size_t i = 1; i < tag.n; i++)
		if (!is_word(tag.p[i]) && tag.p[i] != '.' && tag.p[i] != '-')
			return false;
	return true;
}

/* image-spec, annotations: alphanum, separated by one of -._:@+ or "--", in components with '/'. */
bool oci_ref_name_is_valid(struct hm_str name)
{
	bool letter = false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool now = hm_is_alpha(c) || hm_is_digit(c);
		if (!now && (c <= ' ' || c >= 0x7f || !hm_is_one_of(c, "-._:@+/")))
			return false;
		if (!now && !letter && c != '-' && c != '_')
			return false;
		letter = now || c == '_' || c == '-';
	}
	return letter;
}

/* distribution-spec: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*, in components with '/'. */
bool oci_path_component_is_valid(struct hm_str s)
{
	if (s.n == 0 || !is_lower_or_digit(s.p[0]) || !is_lower_or_digit(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n;) {
		if (is_lower_or_digit(s.p[i])) {
			i++;
			continue;
		}
		size_t run = 1;
		while (s.p[i + run] == s.p[i]) /* the last one is no separator */
			run++;
		bool fits =
			s.p[i] == '-' || (s.p[i] == '.' && run == 1) || (s.p[i] == '_' && run <= 2);
		if (!fits || !is_lower_or_digit(s.p[i + run]))
			return false;
		i += run;
	}
	return true;
}

bool oci_repository_is_valid(struct hm_str name)
{
	if (name.n == 0 || name.n > 255 || name.p[name.n - 1] == '/')
		return false;
	while (name.n)
		if (!oci_path_component_is_valid(hm_cut(&name, '/')))
			return false;
	return true;
}
