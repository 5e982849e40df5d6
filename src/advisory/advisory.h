/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advisory.h - the advisory database, version orders, matching, and vulnerability reports.
 *
 * Advisories are OSV documents (ossf.github.io/osv-schema). The database is one read-only,
 * versioned, memory-mapped file; an import replaces it by the union of the paths given.
 */
#ifndef ADVISORY_ADVISORY_H
#define ADVISORY_ADVISORY_H

#include "base/base.h"
#include "inventory/inventory.h"

/* --- severities --- */
enum advisory_severity {
	ADVISORY_UNKNOWN,
	ADVISORY_LOW,
	ADVISORY_MEDIUM,
	ADVISORY_HIGH,
	ADVISORY_CRITICAL,
	ADVISORY_SEVERITIES
};
extern const char *const advisory_severity_names[ADVISORY_SEVERITIES]; /* "unknown", "low", ... */
bool advisory_severity_parse(struct hm_str text, enum advisory_severity *out);

/* --- version orders: one file each in versions/ --- */
struct advisory_order {
	const char *name;      /* "deb", "rpm", "apk", "semver", "npm", "pep440", "maven", "go" */
	const char *purl_type; /* of the components it orders */
	/* false: one of them is no version of this order (then nothing matches); else <0, 0, >0 in *out */
	bool (*compare)(struct hm_str a, struct hm_str b, int *out);
};
extern const struct advisory_order advisory_orders[];
const struct advisory_order *advisory_order_of(struct hm_str purl_type);
/* npm's range grammar (node-semver): does `version` satisfy `range`? */
bool advisory_npm_satisfies(struct hm_str version, struct hm_str range);

/* --- database --- */
struct advisory_db;
HM_MUST hm_err advisory_db_open(struct hm_cx *cx, const char *path, struct advisory_db **out);
void advisory_db_close(struct advisory_db *db);
struct advisory_db_status {
	uint64_t advisories, packages, bytes;
	struct hm_str built;       /* newest "modified" of its contents, RFC 3339 */
	struct hm_str digest;      /* sha256 of the file's content: names the database in reports */
	struct hm_strs ecosystems; /* "Debian:12 4978", sorted */
};
HM_MUST hm_err advisory_db_status(struct hm_cx *cx, const struct advisory_db *db,
				  struct advisory_db_status *out);
/* Paths are OSV all.zip files, single .json files, or folders of those. Skipped documents are warnings with the reason. */
HM_MUST hm_err advisory_db_import(struct hm_cx *cx, const char *const *paths, size_t n,
				  const char *db_path, struct hm_strs *out_warnings,
				  struct advisory_db_status *out);
/* $XDG_DATA_HOME/hullmark/advisories.db */
char *advisory_db_default_path(struct hm_cx *cx);

/* --- matching --- */
struct advisory_match {
	struct hm_str id;          /* the CVE where there is one, else the advisory's id */
	struct hm_strs aliases;    /* all other ids, sorted */
	struct hm_strs advisories; /* ids of the records that say so */
	enum advisory_severity severity;
	struct hm_str
		severity_source; /* "advisory ID", "cvss of ID", "record ID of the same CVE", "" */
	struct hm_str cvss;      /* vector, where there is one */
	uint32_t component;      /* index into the inventory */
	struct hm_strs fixed;    /* versions, in order; empty: no fix known */
	struct hm_str summary;
	struct hm_strs references;
	struct hm_strs reasons; /* why: which record, which range, which order, what was compared */
};
struct advisory_report {
	struct advisory_match *matches; /* by severity (worst first), id, purl */
	size_t n;
	size_t counts[ADVISORY_SEVERITIES];
	struct advisory_db_status db;
	struct hm_strs warnings; /* components that could not be matched, and why */
};
HM_MUST hm_err advisory_scan(struct hm_cx *cx, const struct advisory_db *db,
			     const struct inventory *inv, struct advisory_report *out);
/* Text for --explain: why the id matches or does not, for each component that it could concern. */
HM_MUST hm_err advisory_explain(struct hm_cx *cx, const struct advisory_db *db,
				const struct inventory *inv, struct hm_str id, struct hm_buf *out);

/* --- formats: "json" (hullmark.scan/1), "sarif", "table" --- */
struct advisory_format {
	const char *name, *media_type;
	HM_MUST hm_err (*write)(struct hm_cx *cx, const struct advisory_report *r,
				const struct inventory *inv, struct hm_buf *out);
};
extern const struct advisory_format advisory_formats[];
/* What the gate needs of a SARIF report (its own or Trivy's and Grype's): worst severity and counts. */
HM_MUST hm_err advisory_sarif_summary(struct hm_cx *cx, struct hm_str bytes,
				      size_t counts[ADVISORY_SEVERITIES]);

/* The job of the sandboxed worker that reads OSV documents: a row for main()'s table. */
#define ADVISORY_OSV_JOB "advisory-osv"
hm_err advisory_osv_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
