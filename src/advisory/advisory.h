/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advisory.h - the advisory database, version orders, matching, and vulnerability reports.
 *
 * Advisories are OSV documents (ossf.github.io/osv-schema). The database is one read-only,
 * versioned, memory-mapped file (db.h says what is in it); an import replaces it by the union of
 * the paths given. A scan looks each component of an inventory up in it: packages of distributions
 * by the names and versions that the distribution's own advisories use, packages of languages by
 * name and version under the order of their ecosystem.
 *
 * The law of the room: documents are parsed in a sandboxed worker, and only there; the file is
 * checked as a whole when it is opened, and each number in it where it is used; nothing is fetched;
 * equal input gives equal bytes, of the database as of reports. Whoever adds an ecosystem adds a
 * row to the tables in candidate.c; whoever adds an order, a file in versions/ and a row here.
 */
#ifndef ADVISORY_ADVISORY_H
#define ADVISORY_ADVISORY_H

#include "base/base.h"
#include "inventory/inventory.h"

/* --- severities --- */

/* Unknown ranks below low: a threshold of low is not reached by it. */
enum advisory_severity {
	ADVISORY_UNKNOWN,
	ADVISORY_LOW,
	ADVISORY_MEDIUM,
	ADVISORY_HIGH,
	ADVISORY_CRITICAL,
	ADVISORY_SEVERITIES
};
extern const char *const advisory_severity_names[ADVISORY_SEVERITIES]; /* "unknown", "low", ... */
/* In any case of letters; also "moderate", "important", "negligible", "minor". */
bool advisory_severity_parse(struct hm_str text, enum advisory_severity *out);

/* --- version orders: one file each in versions/ --- */

struct advisory_order {
	const char *name;      /* "deb", "rpm", "apk", "npm", "semver", "pep440", "maven", "go" */
	const char *purl_type; /* of the components it orders */
	/* False: one of them is no version of this order, and then nothing matches. Else <0, 0,
	 * >0. */
	bool (*compare)(struct hm_str a, struct hm_str b, int *out);
	/* The same for a version beside a bound of an advisory's range, where that is another
	 * question; NULL: it is not. */
	bool (*beside)(struct hm_str version, struct hm_str bound, int *out);
};
extern const struct advisory_order advisory_orders[]; /* ended by a row without name */
/* NULL: the type has none, and its components are never matched. */
const struct advisory_order *advisory_order_of(struct hm_str purl_type);
/* npm's range grammar (node-semver), strict: does `version` satisfy `range`? What cannot be read
 * satisfies nothing. */
bool advisory_npm_satisfies(struct hm_str version, struct hm_str range);

/* --- database --- */

struct advisory_db;
/* HM_ABSENT: no such file. HM_INPUT: damaged, cut short, or of another version. */
HM_MUST hm_err advisory_db_open(struct hm_cx *cx, const char *path, struct advisory_db **out);
/* Reports made with it point into it. */
void advisory_db_close(struct advisory_db *db);

struct advisory_db_status {
	uint64_t advisories, packages, bytes;
	struct hm_str built;       /* newest "modified" of its contents, RFC 3339 */
	struct hm_str digest;      /* sha256 of the file's content: names the database in reports */
	struct hm_strs ecosystems; /* "Debian:12 4978", sorted */
};
HM_MUST hm_err advisory_db_status(struct hm_cx *cx, const struct advisory_db *db,
				  struct advisory_db_status *out);
/*
 * Replace the database at db_path. Paths are OSV all.zip files, single .json files, or folders of
 * those, at any depth. Of documents with the same id the newest counts; withdrawn ones, and errata
 * that fix no vulnerability, are left out. A document that cannot be read, or kills its worker, is
 * a warning that names it. HM_ABSENT: a path that is not there. HM_INPUT: a file that is no zip
 * file, or no advisory in all of it. HM_SYSTEM, HM_FULL: the machine failed, whichever document it
 * was at. After any fault the old database stays. Killed at any instant, the old or the new one is
 * there; what a kill left beside it, the next import removes.
 */
HM_MUST hm_err advisory_db_import(struct hm_cx *cx, const char *const *paths, size_t n,
				  const char *db_path, struct hm_strs *out_warnings,
				  struct advisory_db_status *out);

/* --- matching --- */

/* One vulnerability of one component. */
struct advisory_match {
	struct hm_str id;          /* the CVE where there is one, else the advisory's id */
	struct hm_strs aliases;    /* all other ids, sorted */
	struct hm_strs advisories; /* ids of the records that say so */
	enum advisory_severity severity;
	struct hm_str severity_source; /* "advisory ID", "CVSS of ID", "record ID of the same
					  vulnerability", "" */
	struct hm_str cvss;            /* vector, where there is one */
	uint32_t component;            /* index into the inventory */
	struct hm_strs fixed;          /* versions, in order; empty: no fix known */
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
/* Components without exact version never match; those with an owner are left to it. */
HM_MUST hm_err advisory_scan(struct hm_cx *cx, const struct advisory_db *db,
			     const struct inventory *inv, struct advisory_report *out);
/* Text for --explain: why the id matches or does not, for each component that it could concern. */
HM_MUST hm_err advisory_explain(struct hm_cx *cx, const struct advisory_db *db,
				const struct inventory *inv, struct hm_str id, struct hm_buf *out);

/* --- reports --- */

/* "2.3.1, 2.15.0"; empty where no fix is known. */
struct hm_str advisory_versions_text(struct hm_cx *cx, const struct hm_strs *versions);
/* "3 critical, 0 high, ..., 2 unknown"; and the same as an object. */
struct hm_str advisory_counts_text(struct hm_cx *cx, const size_t counts[ADVISORY_SEVERITIES]);
void advisory_put_counts(struct json_out *o, const char *key,
			 const size_t counts[ADVISORY_SEVERITIES]);

/* The report as SARIF 2.1.0 (OASIS): one rule an id, one result a match; severities where Trivy's
 * and Grype's users find them. HM_LIMIT: the buffer's maximum. */
HM_MUST hm_err advisory_sarif_write(struct hm_cx *cx, const struct advisory_report *r,
				    const struct inventory *inv, struct hm_buf *out);
/*
 * What the gate needs of a SARIF report, our own or Trivy's and Grype's: how many findings of each
 * severity. HM_INPUT: no SARIF 2.1.0, or one that does not say what it found, or that its scanner
 * failed: it must not pass for one that found nothing.
 */
HM_MUST hm_err advisory_sarif_summary(struct hm_cx *cx, struct hm_str bytes,
				      size_t counts[ADVISORY_SEVERITIES]);

/* The job of the sandboxed worker that reads OSV documents: a row for main()'s table. */
#define ADVISORY_OSV_JOB "advisory-osv"
hm_err advisory_osv_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
