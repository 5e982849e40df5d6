/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of packages. Sources: the purl specification's type definitions (ECMA-427); osv-schema,
 * "Defined ecosystems".
 */
#include "inventory/inventory.h"

/* Distributions that the purl specification and other tools name by their vendor. */
static struct hm_str name_rpm_vendor(struct hm_str distribution)
{
	if (hm_eqz(distribution, "rhel"))
		return HM_STR("redhat");
	if (hm_starts(distribution, HM_STR("opensuse")))
		return HM_STR("opensuse");
	return distribution;
}

/* clang-format off */
const struct inventory_type inventory_types[] = {
	/* packages of distributions */
	{ "deb", .version_scheme = "deb",
	  .rules = INVENTORY_OS | INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME |
		   INVENTORY_LINKED_LICENCES },
	{ "rpm", .version_scheme = "rpm", .vendor = name_rpm_vendor,
	  .rules = INVENTORY_OS | INVENTORY_LOWER_NAMESPACE | INVENTORY_EPOCH | INVENTORY_SOURCE_FILE |
		   INVENTORY_VENDOR_SUPPLIES | INVENTORY_MODULES },
	{ "apk", .version_scheme = "apk",
	  .rules = INVENTORY_OS | INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME },

	/* packages of languages */
	{ "npm", .version_scheme = "npm", .ecosystem = "npm", .join = '/',
	  .rules = INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME | INVENTORY_SCOPE | INVENTORY_GROUP },
	{ "pypi", .version_scheme = "pep440", .ecosystem = "PyPI",
	  .rules = INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME | INVENTORY_DASH_NAME |
		   INVENTORY_KEY_PEP503 },
	{ "golang", .version_scheme = "go", .ecosystem = "Go", .join = '/',
	  .rules = INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME | INVENTORY_PATH_NAME |
		   INVENTORY_GO_LIBRARY | INVENTORY_KEY_LOWER },
	{ "maven", .version_scheme = "maven", .ecosystem = "Maven", .join = ':',
	  .rules = INVENTORY_GROUP | INVENTORY_GUESSED_GROUP },
	{ "cargo", .version_scheme = "semver", .ecosystem = "crates.io" },
	{ "bitnami", .version_scheme = "semver", .ecosystem = "Bitnami" },
	{ "hex", .version_scheme = "semver", .ecosystem = "Hex", .join = '/' },
	{ "pub", .version_scheme = "semver", .ecosystem = "Pub" },
	{ "gem", .version_scheme = "gem", .ecosystem = "RubyGems" },
	{ "nuget", .version_scheme = "nuget", .ecosystem = "NuGet", .rules = INVENTORY_KEY_LOWER },
	{ "composer", .version_scheme = "composer", .ecosystem = "Packagist", .join = '/',
	  .rules = INVENTORY_LOWER_NAMESPACE | INVENTORY_LOWER_NAME },
	{ "swift", .version_scheme = "semver", .ecosystem = "SwiftURL", .join = '/' },
	{ 0 },
};
/* clang-format on */

const struct inventory_type *inventory_type_of(struct hm_str name)
{
	const struct inventory_type *t = inventory_types;
	while (t->name && !hm_eqz(name, t->name))
		t++;
	return t;
}

const struct inventory_type *inventory_type_of_ecosystem(struct hm_str ecosystem)
{
	const struct inventory_type *t = inventory_types;
	while (t->name && (!t->ecosystem || !hm_eqz(ecosystem, t->ecosystem)))
		t++;
	return t;
}

bool inventory_type_has(struct hm_str name, enum inventory_type_rule rule)
{
	return (inventory_type_of(name)->rules & (unsigned)rule) != 0;
}

/* PEP 503: runs of these marks are one dash. */
static struct hm_str make_python_key(struct hm_cx *cx, struct hm_str name)
{
	char *key = hm_new(cx, char, name.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		bool is_mark = hm_is_one_of(name.p[i], "-_.");
		if (is_mark && n && key[n - 1] == '-')
			continue;
		key[n++] = is_mark ? '-' : hm_lower_char(name.p[i]);
	}
	return hm_bytes(key, n);
}

struct hm_str inventory_type_key(struct hm_cx *cx, const struct inventory_type *type,
				 struct hm_str name)
{
	if (type->rules & INVENTORY_KEY_PEP503)
		return make_python_key(cx, name);
	return type->rules & INVENTORY_KEY_LOWER ? hm_lower(cx, name) : name;
}
