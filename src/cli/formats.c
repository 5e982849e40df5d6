/* SPDX-License-Identifier: Apache-2.0 */
/* The table of output formats; a command's row says which it has. */
#include "cli/answer.h"

/* clang-format off */
const struct cli_format cli_formats[] = {
	{ "text", NULL, NULL, ".txt", "as it is", CLI_AS_TEXT },
	{ "tree", NULL, NULL, ".txt", "what refers to what, for people", CLI_AS_TREE },
	{ "table", NULL, NULL, ".txt", "for people; it may change", CLI_AS_TABLE },
	{ "json", NULL, "application/json", ".json",
	  "begins with its schema, {\"schema\":\"hullmark.VERB/1\",...}; members may be added to it, none goes or changes", CLI_AS_JSON },
	{ "yaml", NULL, "application/yaml", ".yaml",
	  "the same as JSON, value for value", CLI_AS_YAML },
	{ "spdx-json", NULL, "application/spdx+json", ".spdx.json",
	  "an SBOM, SPDX 2.3", CLI_AS_SPDX },
	{ "cyclonedx-json", NULL, "application/vnd.cyclonedx+json", ".cdx.json",
	  "an SBOM, CycloneDX 1.6", CLI_AS_CYCLONEDX },
	{ "sarif", NULL, "application/sarif+json", ".sarif",
	  "a vulnerability report, SARIF 2.1.0", CLI_AS_SARIF },
	{ "go-template", "TEMPLATE", NULL, ".txt",
	  "what a Go template makes of the members that ORAS has for its own", CLI_AS_TEMPLATE },
	{ "copa", NULL, "application/json", ".copa.json",
	  "what has a fix, as Copacetic's scanner plug-ins say it (v1alpha1): packages of the distribution", CLI_AS_COPA },
	{ "copa-v1alpha2", NULL, "application/json", ".copa2.json",
	  "the same as v1alpha2: packages of languages, too", CLI_AS_COPA_2 },
	{ "openvex", NULL, "application/json", ".openvex.json",
	  "what is known of vulnerabilities in a product (VEX): OpenVEX 0.2.0", CLI_AS_OPENVEX },
	{ "csaf", NULL, "application/json", ".csaf.json", "the same as CSAF 2.0, profile VEX", CLI_AS_CSAF },
	{ "cyclonedx", NULL, "application/vnd.cyclonedx+json", ".vex.cdx.json", "the same as CycloneDX 1.6", CLI_AS_CYCLONEDX_VEX },
	{ 0 },
};
/* clang-format on */

void cli_list_formats(unsigned formats, struct hm_buf *out)
{
	for (const struct cli_format *f = cli_formats; f->name; f++) {
		unsigned rest = formats & ~((unsigned)f->bit * 2 - 1);
		if (!(formats & f->bit))
			continue;
		hm_buf_fmt(out, "%s%s%s%s", f->name, f->value ? "=" : "", f->value ? f->value : "",
			   !rest               ? ""
			   : rest & (rest - 1) ? ", "
					       : " or ");
	}
}
