/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the "distro" qualifier of a purl names. Tools write it as "debian-12", "12", "bookworm",
 * "debian-bookworm", "alpine-v3.18", "el9". Code names: debian.org/releases, the Debian wiki's
 * DebianReleases, and wiki.ubuntu.com/Releases.
 */
#include "inventory/inventory.h"

/* clang-format off */
const struct inventory_codename inventory_codenames[] = {
	{ "debian", "potato", "2.2" }, { "debian", "woody", "3.0" },   { "debian", "sarge", "3.1" },
	{ "debian", "etch", "4" },     { "debian", "lenny", "5" },     { "debian", "squeeze", "6" },
	{ "debian", "wheezy", "7" },   { "debian", "jessie", "8" },    { "debian", "stretch", "9" },
	{ "debian", "buster", "10" },  { "debian", "bullseye", "11" }, { "debian", "bookworm", "12" },
	{ "debian", "trixie", "13" },  { "debian", "forky", "14" },    { "debian", "duke", "15" },

	{ "ubuntu", "lucid", "10.04" },   { "ubuntu", "maverick", "10.10" }, { "ubuntu", "natty", "11.04" },
	{ "ubuntu", "oneiric", "11.10" }, { "ubuntu", "precise", "12.04" },  { "ubuntu", "quantal", "12.10" },
	{ "ubuntu", "raring", "13.04" },  { "ubuntu", "saucy", "13.10" },    { "ubuntu", "trusty", "14.04" },
	{ "ubuntu", "utopic", "14.10" },  { "ubuntu", "vivid", "15.04" },    { "ubuntu", "wily", "15.10" },
	{ "ubuntu", "xenial", "16.04" },  { "ubuntu", "yakkety", "16.10" },  { "ubuntu", "zesty", "17.04" },
	{ "ubuntu", "artful", "17.10" },  { "ubuntu", "bionic", "18.04" },   { "ubuntu", "cosmic", "18.10" },
	{ "ubuntu", "disco", "19.04" },   { "ubuntu", "eoan", "19.10" },     { "ubuntu", "focal", "20.04" },
	{ "ubuntu", "groovy", "20.10" },  { "ubuntu", "hirsute", "21.04" },  { "ubuntu", "impish", "21.10" },
	{ "ubuntu", "jammy", "22.04" },   { "ubuntu", "kinetic", "22.10" },  { "ubuntu", "lunar", "23.04" },
	{ "ubuntu", "mantic", "23.10" },  { "ubuntu", "noble", "24.04" },    { "ubuntu", "oracular", "24.10" },
	{ "ubuntu", "plucky", "25.04" },  { "ubuntu", "questing", "25.10" },
	{ 0 },
};
/* clang-format on */

/* The row of a code name; of this distribution, where one is given. */
static const struct inventory_codename *find_codename(struct hm_str id, struct hm_str name)
{
	for (const struct inventory_codename *row = inventory_codenames; row->id; row++)
		if (hm_cmp_nocase(name, hm_cstr(row->codename)) == 0 &&
		    (!id.n || hm_cmp_nocase(id, hm_cstr(row->id)) == 0))
			return row;
	return NULL;
}

/* "12", "v3.18", and what the releases of rpm packages end in: "el9", "fc39". */
static bool is_release(struct hm_str s, struct hm_str *out)
{
	static const char *const heads[] = { "v", "el", "fc" };
	for (size_t i = 0; i < HM_LEN(heads); i++) {
		struct hm_str head = hm_cstr(heads[i]);
		if (s.n > head.n && hm_cmp_nocase(hm_sub(s, 0, head.n), head) == 0 &&
		    hm_is_digit(s.p[head.n]))
			s = hm_from(s, head.n);
	}
	*out = s;
	return s.n && hm_is_digit(*s.p);
}

void inventory_distro_parse(struct hm_str distro, struct hm_str namespace, struct hm_str *out_id,
			    struct hm_str *out_release)
{
	const struct inventory_codename *row = find_codename(HM_STR(""), distro);
	size_t mark = distro.n;
	*out_id = namespace;
	if (row) {
		*out_id = hm_cstr(row->id);
		*out_release = hm_cstr(row->release);
		return;
	}
	if (is_release(distro, out_release))
		return;
	/* "opensuse-leap-15.5": the release stands behind the last mark */
	while (mark && distro.p[mark - 1] != '-' && distro.p[mark - 1] != ':')
		mark--;
	if (mark) {
		struct hm_str id = hm_sub(distro, 0, mark - 1), rest = hm_from(distro, mark);
		row = find_codename(id, rest);
		if (row)
			*out_release = hm_cstr(row->release);
		if (row || is_release(rest, out_release)) {
			*out_id = id;
			return;
		}
	}
	*out_id = distro;
	*out_release = HM_STR("");
}
