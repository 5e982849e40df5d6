/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_header.h - the header of a package as rpm's database keeps it: an index of tags, and their
 * data. Source: the RPM format, "Header structure" (rpm-format-v4), and rpmtag.h for numbers.
 */
#ifndef INVENTORY_CATALOGERS_RPM_HEADER_H
#define INVENTORY_CATALOGERS_RPM_HEADER_H

#include "base/base.h"

enum rpm_tag {
	RPM_NAME = 1000,
	RPM_VERSION = 1001,
	RPM_RELEASE = 1002,
	RPM_EPOCH = 1003,
	RPM_SUMMARY = 1004,
	RPM_VENDOR = 1011,
	RPM_LICENSE = 1014,
	RPM_URL = 1020,
	RPM_ARCH = 1022,
	RPM_SOURCERPM = 1044,
	RPM_PROVIDENAME = 1047,
	RPM_REQUIRENAME = 1049,
	RPM_DIRINDEXES = 1116,
	RPM_BASENAMES = 1117,
	RPM_DIRNAMES = 1118,
};

struct rpm_header {
	struct hm_str index; /* 16 bytes a tag */
	struct hm_str data;
};

/* HM_INPUT: sizes that do not fit the bytes. The slices are of `blob`. */
HM_MUST hm_err inventory_rpm_header(struct hm_cx *cx, struct hm_str blob, struct rpm_header *out);

/* The values of one tag, one after the other. A tag that is absent, of another type, or that
 * points outside of the data has none. */
struct rpm_values {
	struct hm_cur at;
	uint32_t left;
};
struct rpm_values inventory_rpm_strings(const struct rpm_header *h, enum rpm_tag tag);
struct rpm_values inventory_rpm_numbers(const struct rpm_header *h, enum rpm_tag tag);
bool inventory_rpm_next_string(struct rpm_values *v, struct hm_str *out);
bool inventory_rpm_next_number(struct rpm_values *v, uint32_t *out);
/* The first string; empty where there is none. */
struct hm_str inventory_rpm_string(const struct rpm_header *h, enum rpm_tag tag);

#endif
