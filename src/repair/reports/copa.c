/* SPDX-License-Identifier: Apache-2.0 */
/* What Copacetic's scanner plug-ins print (its website's scanner-plugins.md; pkg/types). */
#include "repair/reports/reports.h"

static bool has_version(struct json doc, const char *version)
{
	return hm_eqz(json_str(json_get(doc, "apiVersion")), version) &&
	       json_is_there(json_get(doc, "metadata"));
}

bool repair_reports_is_copa_1(struct json doc)
{
	return has_version(doc, "v1alpha1");
}

bool repair_reports_is_copa_2(struct json doc)
{
	return has_version(doc, "v1alpha2");
}

static hm_err read_list(struct hm_cx *cx, struct json doc, const char *key, bool is_os,
			struct repair_report *out)
{
	struct json list = json_get(doc, key);
	struct json os = json_get(json_get(doc, "metadata"), "os");
	struct hm_str type = repair_reports_type_of(json_str(json_get(os, "type")));
	if (!json_is_array(list) && !json_is_null(list)) /* a nil slice of Go */
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an array", key);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct reports_entry e = {
			.id = json_str(json_get(it.value, "vulnerabilityID")),
			.name = json_str(json_get(it.value, "name")),
			.installed = json_str(json_get(it.value, "installedVersion")),
			.type = is_os ? type
				      : repair_reports_language_of(
						json_str(json_get(it.value, "type"))),
			.is_os = is_os,
		};
		repair_reports_versions(cx, json_str(json_get(it.value, "fixedVersion")), &e.fixed);
		HM_TRY(repair_reports_add(cx, &e, out));
	}
	return NULL;
}

hm_err repair_reports_copa_1(struct hm_cx *cx, struct json doc, struct repair_report *out)
{
	return read_list(cx, doc, "updates", true, out);
}

hm_err repair_reports_copa_2(struct hm_cx *cx, struct json doc, struct repair_report *out)
{
	HM_TRY(read_list(cx, doc, "osupdates", true, out));
	if (!json_is_there(json_get(doc, "langupdates")))
		return NULL;
	return read_list(cx, doc, "langupdates", false, out);
}
