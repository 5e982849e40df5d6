/* SPDX-License-Identifier: Apache-2.0 */
/* The table of SBOM formats, and the reading of a document in a worker. */
#include "base/worker.h"
#include "inventory/formats/cyclonedx.h"
#include "inventory/formats/document.h"
#include "inventory/formats/spdx.h"
#include "inventory/formats/wire.h"

/* clang-format off */
const struct inventory_format inventory_formats[] = {
	{ "spdx-json", "application/spdx+json",
	    inventory_spdx_write, inventory_spdx_is, inventory_spdx_read },
	{ "cyclonedx-json", "application/vnd.cyclonedx+json",
	    inventory_cyclonedx_write, inventory_cyclonedx_is, inventory_cyclonedx_read },
	{ 0 },
};
/* clang-format on */

hm_err inventory_sbom_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str bytes;
	struct json doc;
	struct inventory inv;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the SBOM", HM_MAX_JSON, &bytes));
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	for (const struct inventory_format *f = inventory_formats; f->name; f++) {
		if (!f->is(doc))
			continue;
		HM_TRY(f->read(cx, doc, &inv));
		inventory_wire_write(&inv, out);
		return NULL;
	}
	return hm_fail(cx, HM_INPUT, "this is neither SPDX 2 nor CycloneDX in JSON");
}

hm_err inventory_of_sbom(struct hm_cx *cx, struct hm_str bytes, struct inventory *out)
{
	struct hm_str answer;
	if (bytes.n > HM_MAX_JSON)
		return hm_fail(cx, HM_LIMIT, "an SBOM of more than %llu bytes",
			       (unsigned long long)HM_MAX_JSON);
	HM_TRY(hm_worker_run(cx, "inventory-sbom", HM_STR(""), bytes, &answer));
	return inventory_wire_read(cx, answer, out);
}
