/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grype's JSON. A match says how it was found: directly, by the package's own name, or indirectly,
 * by that of its source, whose version the fix then is.
 */
#include "repair/reports/reports.h"

bool repair_reports_is_grype(struct json doc)
{
	return json_is_there(json_get(doc, "matches")) &&
	       hm_eqz(json_str(json_get(json_get(doc, "descriptor"), "name")), "grype");
}

hm_err repair_reports_grype(struct hm_cx *cx, struct json doc, struct repair_report *out)
{
	struct json matches = json_get(doc, "matches");
	if (!json_is_array(matches))
		return hm_fail(cx, HM_INPUT, "\"matches\" is not an array");
	out->suppressed = json_size(json_get(doc, "ignoredMatches"));
	for (struct json_iter it = json_iter(matches); json_next(&it);) {
		struct json found = json_get(it.value, "vulnerability");
		struct json package = json_get(it.value, "artifact");
		struct hm_str type = repair_reports_type_of(json_str(json_get(package, "type")));
		struct json_iter fix = json_iter(json_get(json_get(found, "fix"), "versions"));
		struct reports_entry e = {
			.id = json_str(json_get(found, "id")),
			.name = json_str(json_get(package, "name")),
			.installed = json_str(json_get(package, "version")),
			.purl = json_str(json_get(package, "purl")),
			.type = type,
			.is_os = type.n > 0,
		};
		struct json_iter place = json_iter(json_get(package, "locations"));
		if (!e.is_os)
			e.type = repair_reports_language_of(json_str(json_get(package, "type")));
		while (json_next(&place))
			repair_reports_path(cx, json_str(json_get(place.value, "path")), &e.paths);
		while (json_next(&fix))
			repair_reports_versions(cx, json_str(fix.value), &e.fixed);
		HM_TRY(repair_reports_add(cx, &e, out));
	}
	return NULL;
}
