/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory.h"

#include "unit.h"

static const struct distro_case {
	const char *label, *distro, *namespace, *id, *release;
} cases[] = {
	{ "a name and a release", "debian-12", "debian", "debian", "12" },
	{ "a release of three numbers", "alpine-3.18.2", "alpine", "alpine", "3.18.2" },
	{ "a name with hyphens", "opensuse-leap-15.5", "opensuse", "opensuse-leap", "15.5" },
	{ "a code name alone", "bookworm", "debian", "debian", "12" },
	{ "a code name in other letters", "Jammy", "ubuntu", "ubuntu", "22.04" },
	{ "a name and a code name", "debian-trixie", "debian", "debian", "13" },
	{ "a name and a code name, of Ubuntu", "ubuntu-noble", "ubuntu", "ubuntu", "24.04" },
	{ "a code name of another distribution", "ubuntu-bookworm", "ubuntu", "ubuntu-bookworm",
	  "" },
	{ "a release alone", "12", "debian", "debian", "12" },
	{ "a release alone, with a v", "v3.18", "alpine", "alpine", "3.18" },
	{ "a name and a release with a v", "alpine-v3.18", "alpine", "alpine", "3.18" },
	{ "a release as rpm has it", "el9", "rocky", "rocky", "9" },
	{ "between a colon", "debian:12", "debian", "debian", "12" },
	{ "a rolling distribution", "wolfi", "wolfi", "wolfi", "" },
	{ "a rolling one with hyphens", "opensuse-tumbleweed", "opensuse", "opensuse-tumbleweed",
	  "" },
	{ "a branch that is no release", "alpine-edge", "alpine", "alpine-edge", "" },
	{ "nothing", "", "debian", "", "" },
};

static void parses(void **state)
{
	const struct distro_case *t = *state;
	struct hm_str id, release;
	inventory_distro_parse(hm_cstr(t->distro), hm_cstr(t->namespace), &id, &release);
	assert_strz(id, t->id);
	assert_strz(release, t->release);
}

/* Every code name is one release, whole, and found by itself. */
static void codenames(void **state)
{
	(void)state;
	for (const struct inventory_codename *row = inventory_codenames; row->id; row++) {
		struct hm_str id, release;
		assert_true(row->codename[0] && row->release[0]);
		inventory_distro_parse(hm_cstr(row->codename), HM_STR(""), &id, &release);
		assert_strz(id, row->id);
		assert_strz(release, row->release);
	}
}

int main(void)
{
	UNIT_TABLE(parses, cases);
	UNIT(codenames);
	return unit_run("inventory/distro");
}
