/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/reports/reports.h"

const struct repair_report_format repair_report_formats[] = {
	{ "Copacetic's v1alpha1", repair_reports_is_copa_1, repair_reports_copa_1 },
	{ "Copacetic's v1alpha2", repair_reports_is_copa_2, repair_reports_copa_2 },
	{ "Grype JSON", repair_reports_is_grype, repair_reports_grype },
	{ "SARIF", repair_reports_is_sarif, repair_reports_sarif },
	{ "Trivy JSON", repair_reports_is_trivy, repair_reports_trivy },
	{ 0 },
};

hm_err repair_report_read(struct hm_cx *cx, struct hm_str bytes, struct repair_report *out)
{
	struct repair_report r = { 0 };
	struct json doc;
	if (bytes.n > HM_MAX_JSON)
		return hm_fail(cx, HM_LIMIT, "a report of %zu bytes", bytes.n);
	HM_TRY(json_parse(cx, bytes, (enum json_flags)(JSON_STRICT | JSON_ANY_NUMBER), &doc));
	for (const struct repair_report_format *f = repair_report_formats; f->name; f++) {
		if (!f->is(doc))
			continue;
		r.format = f->name;
		HM_TRY_IN(cx, f->read(cx, doc, &r), "%s", f->name);
		*out = r;
		return NULL;
	}
	return hm_hint(
		cx,
		hm_fail(cx, HM_INPUT,
			"it is not a report that is known: JSON of Trivy or Grype, SARIF, or "
			"what Copacetic's scanner plug-ins write"),
		"hullmark scan --help");
}
