/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

/* The names are Cosign's (attest --type), which scripts know. */
const struct statement_type statement_types[] = {
	{ "slsaprovenance1", "https://slsa.dev/provenance/v1", "SLSA provenance" },
	{ "slsaprovenance02", "https://slsa.dev/provenance/v0.2", "SLSA provenance" },
	{ "slsaprovenance", "https://slsa.dev/provenance/v0.2", "SLSA provenance" },
	{ "vsa", "https://slsa.dev/verification_summary/v1", "verification summary" },
	{ "spdx", "https://spdx.dev/Document", "SBOM" },
	{ "spdxjson", "https://spdx.dev/Document", "SBOM" },
	{ "cyclonedx", "https://cyclonedx.org/bom", "SBOM" },
	{ "vuln", "https://cosign.sigstore.dev/attestation/vuln/v1", "vulnerability report" },
	{ "openvex", STATEMENT_VEX, "VEX" },
	{ "testresult", "https://in-toto.io/attestation/test-result/v0.1", "test result" },
	{ "link", "https://in-toto.io/Link/v1", "link" },
	{ "custom", "https://cosign.sigstore.dev/attestation/v1", "custom predicate" },
	{ 0 },
};

bool statement_is_vex(struct hm_str type)
{
	return hm_eqz(type, STATEMENT_VEX) || hm_starts(type, HM_STR(STATEMENT_VEX "/v"));
}

hm_err statement_type_uri(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	for (const struct statement_type *t = statement_types; t->name; t++)
		if (hm_eqz(text, t->name)) {
			*out = hm_cstr(t->uri);
			return NULL;
		}
	if (hm_find(text, HM_STR("://")) == SIZE_MAX || hm_has_control(text))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is neither a type of predicate nor a URI",
			       HM_FMT(text));
	*out = text;
	return NULL;
}
