/* SPDX-License-Identifier: Apache-2.0 */
/* Which distribution this is. Source: os-release(5). */
#include "inventory/catalogers/common.h"

/* A name for a purl and a file: what os-release(5) allows in ID, and nothing else. */
static bool is_id(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !memchr("._-", s.p[i], 3))
			return false;
	return s.n > 0;
}

INVENTORY_PARSE(os_release)
{
	struct inventory_distro d = { 0 };
	struct hm_str text = file->bytes, build = { 0 };

	while (text.n) {
		struct hm_str value = hm_line(&text);
		struct hm_str key = hm_trim(hm_cut(&value, '='));
		value = inventory_unquote(cx, value);
		if (hm_eqz(key, "ID"))
			d.id = value;
		else if (hm_eqz(key, "VERSION_ID"))
			d.version_id = value;
		else if (hm_eqz(key, "VERSION_CODENAME"))
			d.version_codename = value;
		else if (hm_eqz(key, "PRETTY_NAME"))
			d.name = value;
		else if (hm_eqz(key, "NAME") && !d.name.n)
			d.name = value;
		else if (hm_eqz(key, "ID_LIKE"))
			d.id_like = value;
		else if (hm_eqz(key, "BUILD_ID"))
			build = value;
	}
	if (!d.version_id.n) /* rolling distributions number their builds */
		d.version_id = build;
	if (!is_id(d.id))
		return d.id.n || d.name.n
			       ? inventory_add_warning(cx, b, HM_STR("os-release: ID is missing"))
			       : NULL;
	return inventory_add_distro(cx, b, &d);
}
