/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "evidence/evidence.h"
#include "inventory/inventory.h"

static hm_err read_sbom(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
			struct evidence_summary *out)
{
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	*out = (struct evidence_summary){ 0 };
	for (const struct inventory_format *f = inventory_formats; f->name; f++)
		if (hm_eqz(artifact_type, f->media_type) && f->is(doc))
			return NULL;
	return hm_fail(cx, HM_INPUT, "its content is not of type %.*s", HM_FMT(artifact_type));
}

const struct evidence_kind evidence_kind_sbom = {
	.name = "sbom",
	.report_type = "sbom",
	.noun = "SBOM",
	.is_released = true,
	.artifact_types = (const char *const[]){ "application/spdx+json",
						 "application/vnd.cyclonedx+json", NULL },
	.predicate_types = (const char *const[]){ "https://spdx.dev/Document",
						  "https://cyclonedx.org/bom", NULL },
	.read = read_sbom,
};
