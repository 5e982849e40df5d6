/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header.h - inside repair/rpm/: the header of a package, an index of tags and their data; and what
 * a worker says of one to its parent. Sources: the RPM v4 package format, "Header structure", and
 * rpmtag.h for numbers.
 */
#ifndef REPAIR_RPM_HEADER_H
#define REPAIR_RPM_HEADER_H

#include "base/base.h"

enum rpm_type {
	RPM_CHAR = 1,
	RPM_INT8 = 2,
	RPM_INT16 = 3,
	RPM_INT32 = 4,
	RPM_INT64 = 5,
	RPM_STRING = 6,
	RPM_BIN = 7,
	RPM_STRINGS = 8,
	RPM_I18N = 9,
};

enum { RPM_ENTRY = 16, RPM_INTRO = 8, RPM_REGION = 63 /* HEADERIMMUTABLE */ };

struct rpm_header {
	struct hm_str index; /* RPM_ENTRY bytes a tag */
	struct hm_str data;
};
/* The bytes behind the magic, as a database has them too. HM_INPUT: sizes that do not fit. */
HM_MUST hm_err repair_rpm_header(struct hm_cx *cx, struct hm_str blob, struct rpm_header *out);

/* The values of a tag, one after the other. A tag that is absent, of another kind, or that points
 * outside of the data has none. */
struct rpm_values {
	struct hm_cur at;
	uint32_t left, type;
};
struct rpm_values repair_rpm_strings(const struct rpm_header *h, uint32_t tag);
struct rpm_values repair_rpm_numbers(const struct rpm_header *h, uint32_t tag);
bool repair_rpm_next_string(struct rpm_values *v, struct hm_str *out);
bool repair_rpm_next_number(struct rpm_values *v, uint64_t *out);
/* The first one; empty, or 0, where there is none. */
struct hm_str repair_rpm_string(const struct rpm_header *h, uint32_t tag);
uint64_t repair_rpm_number(const struct rpm_header *h, uint32_t tag);
/* The bytes of a tag of any type. */
bool repair_rpm_raw(const struct rpm_header *h, uint32_t tag, uint32_t *out_type,
		    uint32_t *out_count, struct hm_str *out);

/* --- record.c: of a header, what the parent needs --- */

/* "1:2.0-3"; an epoch of 0 is left out. */
struct hm_str repair_rpm_evr(struct hm_cx *cx, const struct rpm_header *h);

enum rpm_file_flag {
	RPM_CONFIG = 1,
	RPM_DOC = 2,
	RPM_MISSINGOK = 8,
	RPM_NOREPLACE = 16,
	RPM_GHOST = 64,
	RPM_LICENSE = 128
};
enum rpm_state {
	RPM_NORMAL = 0,
	RPM_REPLACED = 1,
	RPM_NOT_INSTALLED = 2,
	RPM_NET_SHARED = 3,
	RPM_WRONG_COLOR = 4
};

struct rpm_file {
	struct hm_str path; /* without a leading '/' */
	struct hm_str link, user, group, caps, langs;
	struct hm_str digest; /* hex; empty: no plain file */
	uint32_t mode;        /* with the type, as stat(2) has it */
	uint32_t flags, color;
	uint64_t inode, size; /* files of one inode are hard links of each other */
	int64_t mtime;
	uint32_t state;
};
/* Of a package, and what would fire a trigger: names of packages, or prefixes of paths. */
enum rpm_trigger { RPM_NO_TRIGGER, RPM_PACKAGE_TRIGGER, RPM_FILE_TRIGGER };
struct rpm_script {
	struct hm_str kind;    /* "post" */
	struct hm_str program; /* with its arguments */
	struct hm_str body;
	enum rpm_trigger trigger;
	struct hm_strs on;
};
struct rpm_package {
	struct hm_str name, evr, arch, source; /* source: the name of the source package's file */
	struct hm_str vendor;
	struct hm_str releasever;              /* where it says which release the system is */
	struct hm_str key;                     /* of a "gpg-pubkey": OpenPGP in ASCII armor */
	struct hm_str payload, payload_digest; /* "xz"; hex, SHA-256 */
	uint32_t color, digest_algorithm;      /* of the transaction; of files, as OpenPGP has it */
	uint64_t total;                        /* bytes of its files */
	int64_t build_time;
	struct {
		struct rpm_file *p;
		size_t n, cap;
	} files;
	struct {
		struct rpm_script *p;
		size_t n, cap;
	} scripts;
};
/* In the worker. HM_INPUT: lists that do not fit each other, a path that leads out of the root. */
HM_MUST hm_err repair_rpm_record_put(struct hm_cx *cx, const struct rpm_header *h,
				     struct hm_buf *out);
/* In the parent: untrusted bytes. False: they have no known form. */
bool repair_rpm_record_read(struct hm_cx *cx, struct hm_cur *c, struct rpm_package *out);

#endif
