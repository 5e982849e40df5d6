/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

/* npm's packages are ordered leniently: advisories leave parts of versions out. */
const struct advisory_order advisory_orders[] = {
	/* clang-format off */
	{ "deb",    "deb",     advisory_deb_compare, NULL },
	{ "rpm",    "rpm",     advisory_rpm_compare, NULL },
	{ "apk",    "apk",     advisory_apk_compare, NULL },
	{ "npm",    "npm",     advisory_semver_compare, NULL },
	{ "semver", "cargo",   advisory_semver_compare, NULL },
	{ "pep440", "pypi",    advisory_pep440_compare, advisory_pep440_beside },
	{ "maven",  "maven",   advisory_maven_compare, NULL },
	{ "go",     "golang",  advisory_go_compare, NULL },
	{ "semver", "bitnami", advisory_semver_compare, NULL },
	{ "semver", "hex",     advisory_semver_compare, NULL },
	{ "semver", "pub",     advisory_semver_compare, NULL },
	{ "semver", "swift",   advisory_semver_compare, NULL },
	{ 0 },
	/* clang-format on */
};

const struct advisory_order *advisory_order_of(struct hm_str purl_type)
{
	for (const struct advisory_order *o = advisory_orders; o->name; o++)
		if (hm_eqz(purl_type, o->purl_type))
			return o;
	return NULL;
}
