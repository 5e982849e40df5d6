/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - what the report formats share. Private to the room. */
#ifndef ADVISORY_REPORT_H
#define ADVISORY_REPORT_H

#include "advisory/advisory.h"

HM_MUST hm_err advisory_write_json(struct hm_cx *cx, const struct advisory_report *r,
				   const struct inventory *inv, struct hm_buf *out);
HM_MUST hm_err advisory_write_sarif(struct hm_cx *cx, const struct advisory_report *r,
				    const struct inventory *inv, struct hm_buf *out);
HM_MUST hm_err advisory_write_table(struct hm_cx *cx, const struct advisory_report *r,
				    const struct inventory *inv, struct hm_buf *out);

/* "@scope/name", "group:artifact": how the ecosystem says it. */
struct hm_str advisory_package_name(struct hm_cx *cx, const struct inventory_component *c);
/* "2.3.1, 2.15.0"; empty where no fix is known. */
struct hm_str advisory_versions_text(struct hm_cx *cx, const struct hm_strs *versions);
/* "3 critical, 0 high, ..., 2 unknown" */
struct hm_str advisory_counts_text(struct hm_cx *cx, const size_t counts[ADVISORY_SEVERITIES]);

#endif
