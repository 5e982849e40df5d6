/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - one advisory as the database keeps it, and its compact form.
 *
 * The same form goes through the pipe of the worker that reads OSV, where strings stand in it,
 * and into the database, where they are numbers of its string table. Reading it trusts nothing:
 * a record that is cut short or says nonsense is HM_INPUT.
 */
#ifndef ADVISORY_RECORD_H
#define ADVISORY_RECORD_H

#include "advisory/advisory.h"

enum advisory_event_kind {
	ADVISORY_INTRODUCED,
	ADVISORY_FIXED,
	ADVISORY_LAST_AFFECTED,
	ADVISORY_LIMIT,
	ADVISORY_EVENT_KINDS
};

struct advisory_event {
	enum advisory_event_kind kind;
	struct hm_str version; /* "0" introduced: before all versions */
};

struct advisory_range {
	struct advisory_event *events;
	size_t n;
};

/* A binary package that a source package builds. */
struct advisory_binary {
	struct hm_str name;
	struct hm_str version; /* the one with the fix, where it is numbered unlike its source */
};

/* What an advisory says of one package. */
struct advisory_affected {
	struct hm_str ecosystem, name;   /* not in the compact form: the index has them */
	enum advisory_severity severity; /* stated for this package */
	struct hm_str cvss;
	struct hm_str module; /* of an RPM module: "nodejs:16"; empty: none, or not known */
	struct advisory_range *ranges;
	size_t ranges_n;
	struct hm_strs versions;
	struct advisory_binary *binaries; /* of Ubuntu; without those of one kernel */
	size_t binaries_n;
};

struct advisory_record {
	struct hm_str id;
	int64_t modified;
	struct hm_str summary;
	enum advisory_severity severity; /* stated by the advisory; unknown: not stated */
	struct hm_str cvss;              /* the vector that counts; or a bare score, "7.1" */
	struct hm_strs aliases, upstream, related, references;
	struct advisory_affected *affected;
	size_t affected_n, affected_cap;
};

/* Writes; strings through `strings` where it is given. */
struct advisory_enc {
	struct hm_buf *to;
	uint32_t (*string)(void *arg, struct hm_str s); /* NULL: in place */
	void *arg;
};

void advisory_put_str(struct advisory_enc *e, struct hm_str s);
void advisory_put_head(struct advisory_enc *e, const struct advisory_record *r);
void advisory_put_affected(struct advisory_enc *e, const struct advisory_affected *a);
/* Head, and all that is affected with ecosystem and name. */
void advisory_put_record(struct advisory_enc *e, const struct advisory_record *r);

/* Reads; strings point into the bytes, or come from `string`. */
struct advisory_dec {
	struct hm_cur cur;
	struct hm_str (*string)(const void *arg, uint64_t number, bool *bad); /* NULL: in place */
	const void *arg;
};

struct hm_str advisory_get_str(struct advisory_dec *d);
HM_MUST hm_err advisory_get_head(struct hm_cx *cx, struct advisory_dec *d,
				 struct advisory_record *out);
HM_MUST hm_err advisory_get_affected(struct hm_cx *cx, struct advisory_dec *d,
				     struct advisory_affected *out);
HM_MUST hm_err advisory_get_record(struct hm_cx *cx, struct advisory_dec *d,
				   struct advisory_record *out);

/* --- cvss.c --- */

/* The qualitative scale of CVSS 3 and 4; for 2.0, NVD's. 0.0 is low. */
enum advisory_severity advisory_cvss_severity(unsigned tenths, bool version2);
bool advisory_cvss_is_v2(struct hm_str vector);
/* The severity of a CVSS vector or score; "unknown" where the text is neither. */
enum advisory_severity advisory_severity_of_cvss(struct hm_str vector);
bool advisory_cvss4_score(struct hm_str vector, unsigned *out_tenths); /* cvss4.c */

/* The CVE that an id names ("CVE-...", "DEBIAN-CVE-..."); empty: none. */
struct hm_str advisory_cve_of(struct hm_str id);

#endif
