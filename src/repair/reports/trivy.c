/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trivy's JSON, schema 2. A result is a database of packages or a lock file of the image; what is
 * no vulnerability (secrets, configuration, licences) has lists of its own, and is not read. The
 * version with a fix is that of the advisory: of the source package, where the distribution's
 * advisories are about those.
 */
#include "repair/reports/reports.h"

bool repair_reports_is_trivy(struct json doc)
{
	return json_is_number(json_get(doc, "SchemaVersion")) &&
	       (json_is_there(json_get(doc, "ArtifactName")) ||
		json_is_there(json_get(doc, "Results")));
}

static hm_err read_result(struct hm_cx *cx, struct json result, struct repair_report *out)
{
	struct hm_str class = json_str(json_get(result, "Class"));
	struct hm_str type = repair_reports_type_of(json_str(json_get(result, "Type")));
	struct hm_str language = repair_reports_language_of(json_str(json_get(result, "Type")));
	struct json list = json_get(result, "Vulnerabilities");
	/* reports of old have no class */
	bool is_os = class.n ? hm_eqz(class, "os-pkgs") : type.n > 0;
	if (!json_is_object(result) ||
	    (json_is_there(list) && !json_is_array(list) && !json_is_null(list)))
		return hm_fail(cx, HM_INPUT, "a result that is not what it should be");
	out->suppressed += json_size(json_get(result, "ExperimentalModifiedFindings"));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct reports_entry e = {
			.id = json_str(json_get(it.value, "VulnerabilityID")),
			.name = json_str(json_get(it.value, "PkgName")),
			.installed = json_str(json_get(it.value, "InstalledVersion")),
			.purl = json_str(json_get(json_get(it.value, "PkgIdentifier"), "PURL")),
			.type = is_os ? type : language,
			.is_os = is_os,
		};
		repair_reports_path(cx, json_str(json_get(it.value, "PkgPath")), &e.paths);
		repair_reports_versions(cx, json_str(json_get(it.value, "FixedVersion")), &e.fixed);
		HM_TRY(repair_reports_add(cx, &e, out));
	}
	return NULL;
}

hm_err repair_reports_trivy(struct hm_cx *cx, struct json doc, struct repair_report *out)
{
	struct json results = json_get(doc, "Results");
	int64_t schema;
	if (!json_int(json_get(doc, "SchemaVersion"), &schema) || schema != 2)
		return hm_fail(cx, HM_INPUT, "its schema is not version 2");
	if (json_is_there(results) && !json_is_array(results) && !json_is_null(results))
		return hm_fail(cx, HM_INPUT, "\"Results\" is not an array");
	for (struct json_iter it = json_iter(results); json_next(&it);)
		HM_TRY(read_result(cx, it.value, out));
	return NULL;
}
