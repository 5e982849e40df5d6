/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "evidence/evidence.h"
#include "inventory/inventory.h"

enum { CREATION_BYTES = 4096, CREATORS_MOST = 32 };

/* Both formats in the words of SPDX: of CycloneDX the time, the one thing that is told alike. */
static struct hm_str read_creation(struct hm_cx *cx, struct json doc)
{
	HM_AUTO_BUF b = HM_BUF(CREATION_BYTES);
	struct json_out o = json_out(&b, false);
	struct json info = json_get(doc, "creationInfo");
	struct hm_str created = json_str(json_get(info, "created"));
	struct hm_strs creators = { 0 };
	if (!json_is_object(info))
		created = json_str(json_get(json_get(doc, "metadata"), "timestamp"));
	for (struct json_iter it = json_iter(json_get(info, "creators")); json_next(&it);)
		if (json_is_string(it.value) && creators.n < CREATORS_MOST)
			*hm_push(cx, &creators) = json_str(it.value);
	if (!created.n && !creators.n)
		return HM_STR("");
	json_open(&o, NULL, '{');
	json_put_given(&o, "licenseListVersion", json_str(json_get(info, "licenseListVersion")));
	if (creators.n)
		json_put_strs(&o, "creators", &creators);
	json_put_given(&o, "created", created);
	json_close(&o, '}');
	return b.over ? HM_STR("") : hm_dup(cx, hm_buf_str(&b));
}

static hm_err read_sbom(struct hm_cx *cx, struct hm_str artifact_type, struct hm_str bytes,
			struct evidence_summary *out)
{
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	for (const struct inventory_format *f = inventory_formats; f->name; f++) {
		if (!hm_eqz(artifact_type, f->media_type) || !f->is(doc))
			continue;
		*out = (struct evidence_summary){ .creation = read_creation(cx, doc) };
		return NULL;
	}
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
