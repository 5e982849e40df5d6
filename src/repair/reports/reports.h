/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reports.h - private to repair/: the readers of scanners' reports, and what they share.
 *
 * A reader takes the package, the vulnerability and the versions with a fix of each entry, and puts
 * them in by one call, which counts what an entry does not say. None of it is believed: the
 * repositories have the version or not, and the image has the package or not.
 */
#ifndef REPAIR_REPORTS_REPORTS_H
#define REPAIR_REPORTS_REPORTS_H

#include "advisory/advisory.h"
#include "repair/repair.h"

/* An entry of a report, as far as it says it. */
struct reports_entry {
	struct hm_str id, name, arch, installed;
	struct hm_str purl; /* tells name, architecture and type where they are empty */
	struct hm_str type; /* of packages, as purls have it; empty: not known */
	struct hm_strs fixed;
	struct hm_strs paths; /* files that tell of it, without a leading '/' */
	bool is_os;
};
HM_MUST hm_err repair_reports_add(struct hm_cx *cx, struct reports_entry *e,
				  struct repair_report *out);
/* "deb" for "debian"; empty: no distribution that is known. */
struct hm_str repair_reports_type_of(struct hm_str family);
/* "pypi" for "python-pkg", as scanners name packages of languages; empty: it is not known. */
struct hm_str repair_reports_language_of(struct hm_str kind);
/* A path of the image. */
void repair_reports_path(struct hm_cx *cx, struct hm_str path, struct hm_strs *out);
/* "1.2, 3.4" */
void repair_reports_versions(struct hm_cx *cx, struct hm_str text, struct hm_strs *out);

/* --- the rows --- */
bool repair_reports_is_trivy(struct json doc);
bool repair_reports_is_grype(struct json doc);
bool repair_reports_is_sarif(struct json doc);
bool repair_reports_is_copa_1(struct json doc);
bool repair_reports_is_copa_2(struct json doc);
HM_MUST hm_err repair_reports_trivy(struct hm_cx *cx, struct json doc, struct repair_report *out);
HM_MUST hm_err repair_reports_grype(struct hm_cx *cx, struct json doc, struct repair_report *out);
HM_MUST hm_err repair_reports_sarif(struct hm_cx *cx, struct json doc, struct repair_report *out);
HM_MUST hm_err repair_reports_copa_1(struct hm_cx *cx, struct json doc, struct repair_report *out);
HM_MUST hm_err repair_reports_copa_2(struct hm_cx *cx, struct json doc, struct repair_report *out);

#endif
