/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

/* npm's packages are ordered leniently: advisories leave parts of versions out. */
const struct advisory_scheme advisory_schemes[] = {
	/* clang-format off */
	{ "deb",    advisory_deb_compare, NULL },
	{ "rpm",    advisory_rpm_compare, NULL },
	{ "apk",    advisory_apk_compare, NULL },
	{ "npm",    advisory_semver_compare, NULL },
	{ "semver", advisory_semver_compare, NULL },
	{ "pep440", advisory_pep440_compare, advisory_pep440_beside },
	{ "maven",  advisory_maven_compare, NULL },
	{ "go",     advisory_go_compare, NULL },
	{ "gem",    advisory_gem_compare, NULL },
	{ "nuget",  advisory_nuget_compare, NULL },
	{ "composer", advisory_composer_compare, NULL },
	{ 0 },
	/* clang-format on */
};

const struct advisory_scheme *advisory_scheme_of(struct hm_str purl_type)
{
	struct hm_str name = hm_cstr(inventory_type_of(purl_type)->version_scheme);
	for (const struct advisory_scheme *s = advisory_schemes; name.n && s->name; s++)
		if (hm_eqz(name, s->name))
			return s;
	return NULL;
}
