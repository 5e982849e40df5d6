/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advisory.h - the advisory database, version schemes, matching, and vulnerability reports.
 *
 * Advisories are OSV documents (ossf.github.io/osv-schema). The database is one read-only,
 * versioned, memory-mapped file (db.h says what is in it); an import replaces it by the union of
 * the paths given. A scan looks each component of an inventory up in it: packages of distributions
 * by the names and versions that the distribution's own advisories use, packages of languages by
 * name and version under the version scheme of their type.
 *
 * The law of the room: documents are parsed in a sandboxed worker, and only there; the file is
 * checked as a whole when it is opened, and each number in it where it is used; only an update
 * fetches; equal input gives equal bytes, of the database as of reports. Whoever adds a
 * distribution adds a row to the table in candidate.c, for an ecosystem one to inventory_types; a
 * version scheme is a file in versions/ and a row there.
 */
#ifndef ADVISORY_ADVISORY_H
#define ADVISORY_ADVISORY_H

#include "base/base.h"
#include "http/http.h"
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

/* Score times ten of a vector of CVSS 2.0, 3.0, 3.1 or 4.0, or of a bare score ("7.1"); false: it
 * is none of them. */
bool advisory_cvss_score(struct hm_str vector, unsigned *out_tenths);

/* --- version schemes: one file each in versions/ --- */

struct advisory_scheme {
	const char *name; /* "deb", "rpm", "apk", "npm", "semver", "pep440", ... */
	/* *out is <0, 0 or >0. False: one of them is not a valid version in this scheme; then
	 * nothing matches. */
	bool (*compare)(struct hm_str a, struct hm_str b, int *out);
	/* The same for a version beside a bound of an advisory's range, where that is another
	 * question; NULL: it is not. */
	bool (*beside)(struct hm_str version, struct hm_str bound, int *out);
};
extern const struct advisory_scheme advisory_schemes[]; /* ended by a row without name */
/* By the table of types (inventory.h). NULL: the type has none, and its components are never
 * matched. */
const struct advisory_scheme *advisory_scheme_of(struct hm_str purl_type);
/* npm's range grammar (node-semver), strict: does `version` satisfy `range`? What cannot be read
 * satisfies nothing. */
bool advisory_npm_satisfies(struct hm_str version, struct hm_str range);
/* Python's version specifiers (PEP 440), "~=1.4, !=1.4.3": the same. Early releases satisfy what
 * they come to, too: whether they are wanted is the caller's question. */
bool advisory_pep440_satisfies(struct hm_str version, struct hm_str specifiers);
bool advisory_pep440_is_version(struct hm_str version);
/* One before its release: alpha, beta, candidate, development. */
bool advisory_pep440_is_early(struct hm_str version);
/* Do the first `parts` numbers agree? 1: the same major version. */
bool advisory_pep440_same_line(struct hm_str a, struct hm_str b, unsigned parts);

/* --- database --- */

struct advisory_db;
/* HM_ABSENT: no such file. HM_INPUT: damaged, cut short, or of another version. */
HM_MUST hm_err advisory_db_open(struct hm_cx *cx, const char *path, struct advisory_db **out);
/* Reports made with it point into it. */
void advisory_db_close(struct advisory_db *db);

/* Where a part of the database was fetched. */
struct advisory_source {
	struct hm_str name; /* an ecosystem, "KEV" or "EPSS" */
	struct hm_str url;
	struct hm_str tag; /* the validator of what was fetched (RFC 9110, 8.8): an entity tag, or a
			      date of modification; empty: the server gave none */
};

/* What is known of vulnerabilities, beside the advisories. */
enum advisory_catalog_kind {
	ADVISORY_KEV,  /* CISA's catalog of known exploited vulnerabilities */
	ADVISORY_EPSS, /* FIRST's exploit prediction scores */
	ADVISORY_CATALOGS
};
struct advisory_catalog_status {
	struct hm_str date; /* RFC 3339; empty: not imported */
	uint64_t entries;
};

struct advisory_db_status {
	uint64_t advisories, packages, bytes;
	struct hm_str built;       /* newest "modified" of its contents, RFC 3339 */
	struct hm_str digest;      /* sha256 of the file's content: names the database in reports */
	struct hm_strs ecosystems; /* "Debian:12 4978", sorted */
	struct advisory_catalog_status catalogs[ADVISORY_CATALOGS];
	struct advisory_source *sources; /* sorted by name */
	size_t sources_n;
};
HM_MUST hm_err advisory_db_status(struct hm_cx *cx, const struct advisory_db *db,
				  struct advisory_db_status *out);

struct advisory_import_path {
	const char *path;
	struct hm_str name; /* what it is called in messages, and says of its kind; empty: path */
};
struct advisory_import {
	const struct advisory_import_path *paths;
	size_t n;
	/* To what the database holds, where there is one; else it is replaced. */
	bool add;
	/* With add: the ecosystems ("npm", "Debian:12", "Debian" for all its releases) of which
	 * `paths` have everything: what the database has of them alone is dropped first. */
	struct hm_strs renew;
	const struct advisory_source *sources; /* of what is in paths, to be remembered */
	size_t sources_n;
};
/*
 * Make the database at db_path anew. Paths are OSV all.zip files, single .json files, CISA's KEV
 * catalog (.json), EPSS scores (.csv, .csv.gz), or folders of those, at any depth. Of documents
 * with the same id the newest counts; where that one is withdrawn, or an erratum that fixes no
 * vulnerability, none does. A document that cannot be read, or kills its worker, is a warning that
 * names it. HM_ABSENT: a path that is not there. HM_INPUT: not a zip file, or no
 * advisory in all of it. HM_SYSTEM, HM_FULL: the machine failed, whichever document it was at.
 * After any fault the old database stays. Killed at any instant, the old or the new one is there;
 * what a kill left beside it, the next import removes. Imports that add wait for each other.
 */
HM_MUST hm_err advisory_db_import(struct hm_cx *cx, const struct advisory_import *what,
				  const char *db_path, struct hm_strs *out_warnings,
				  struct advisory_db_status *out);

/* --- update --- */

/* What a fetch of one part of the database came to. */
struct advisory_fetched {
	struct hm_str name; /* as in struct advisory_source */
	bool changed, absent;
	uint64_t bytes;
};
struct advisory_updated {
	struct advisory_fetched *fetched;
	size_t fetched_n;
	struct hm_strs warnings; /* of the import */
	struct advisory_db_status status;
};
struct advisory_update {
	struct http_client *http;
	struct hm_str base;        /* URL below which ECOSYSTEM/all.zip are, as OSV offers them */
	struct hm_strs ecosystems; /* besides those that the database was made of */
	struct hm_strs wanted;     /* the same, but none of it need be there */
	bool all;                  /* all that the server lists in ecosystems.txt */
	const char *catalogs[ADVISORY_CATALOGS]; /* their URLs; NULL: where they came from before */
};
/*
 * Bring the database at db_path up to date: fetch what changed since it was made, and import it.
 * Nothing is fetched but archives of whole ecosystems; an ecosystem of a release ("Debian:12") that
 * the server does not have is looked for in that of the distribution. HM_USAGE: nothing to fetch is
 * named. HM_ABSENT: the server has nothing of one of `ecosystems`. After a fault the old database
 * stays.
 */
HM_MUST hm_err advisory_db_update(struct hm_cx *cx, const struct advisory_update *what,
				  const char *db_path, struct advisory_updated *out);
/* The ecosystems that have the advisories of an inventory; sorted. */
void advisory_ecosystems_of(struct hm_cx *cx, const struct inventory *inv, struct hm_strs *out);

/* A package as advisories name it; a binary package, too, where they do. */
struct advisory_named {
	struct hm_str ecosystem, name; /* "Maven", "org.apache.logging.log4j:log4j-core" */
};
struct advisory_concerned {
	struct advisory_named *p;
	size_t n, cap;
	struct hm_strs ids; /* all names of the vulnerability; sorted; none: it is not known */
};
/* The packages that the records of a vulnerability are about, in whatever version. `id` in any case
 * of letters. */
HM_MUST hm_err advisory_concerned_by(struct hm_cx *cx, const struct advisory_db *db,
				     struct hm_str id, struct advisory_concerned *out);

/* --- matching --- */

/* What is known of the exploitation of a vulnerability. */
struct advisory_exploitation {
	bool is_known;   /* in CISA's catalog of known exploited vulnerabilities */
	bool ransomware; /* ... as used in ransomware campaigns */
	int64_t added;   /* to the catalog; seconds since 1970 */
	bool has_epss;
	uint32_t score, percentile; /* of EPSS, in millionths */
};

/* What else is known of a match, as VEX puts it. */
enum advisory_status {
	ADVISORY_AFFECTED,    /* nothing speaks against it: it counts */
	ADVISORY_NOT_AFFECTED /* it is listed apart, as suppressed */
};
struct advisory_assessment {
	enum advisory_status status;
	struct hm_str justification; /* why; empty: affected */
	const char *assessor; /* who says so: "owner", "origin", "vex", "ignore", "only-fixed";
				 NULL: nobody */
	struct hm_str source; /* what that follows from: the owner's purl, the origin, the VEX
				 document, the rule's place */
	struct hm_str who;    /* the author of the VEX document */
	int64_t until;        /* seconds since 1970; 0: it has no end */
};

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
	struct advisory_exploitation exploitation;
	struct hm_strs reasons; /* why: which record, which range, which order, what was compared */
	struct advisory_assessment assessment;
};

struct advisory_report {
	struct advisory_match *matches; /* known exploited first, then by severity (worst first),
					   EPSS score (highest first), id, purl */
	size_t n;
	struct advisory_match *suppressed; /* in the same order; not among matches and counts */
	size_t suppressed_n;
	size_t counts[ADVISORY_SEVERITIES];
	struct advisory_db_status db;
	struct hm_strs warnings;  /* components that could not be matched, and why */
	struct hm_strs unapplied; /* statements and rules that are about nothing here, and why */
};
/*
 * Components without exact version never match. What an OS package owns is matched too. Its matches
 * are suppressed only where the owner itself is matched: it is in the inventory, its distribution,
 * release and version are known, and the database has advisories of that release. An image's own
 * word about who owns a file hides nothing by itself. Matches of what came from elsewhere than its
 * registry (git, a folder, a file) are suppressed.
 */
HM_MUST hm_err advisory_scan(struct hm_cx *cx, const struct advisory_db *db,
			     const struct inventory *inv, struct advisory_report *out);

/* What is known of vulnerabilities from elsewhere; begins as { 0 }. */
struct advisory_told {
	struct advisory_vex *vex;         /* what suppliers say; NULL: nothing */
	struct advisory_ignores *ignores; /* what the user has decided; NULL: nothing */
	bool only_fixed;                  /* what has no fix is suppressed */
	int64_t now;                      /* for rules that end */
	struct hm_strs ignored;           /* documents that are not believed, and why */
};
/*
 * One more VEX document: OpenVEX, CSAF (profile VEX), or CycloneDX with vulnerabilities. `file` is
 * for messages. HM_INPUT: none of them, or not valid. HM_LIMIT.
 *
 * "Not affected" and "fixed" suppress a match, as long as no later statement says otherwise. A
 * statement must name the component of the match, or the subject (an image, by its digest or its
 * name), or a part of the subject that is the component.
 */
HM_MUST hm_err advisory_vex_read(struct hm_cx *cx, struct hm_str file, struct hm_str bytes,
				 struct advisory_told *told);
/* The same of a document that somebody has signed. */
struct advisory_vex_source {
	struct hm_str file;   /* for messages */
	struct hm_str signer; /* who is believed to have signed it; or empty */
	int64_t until;        /* that holds; 0: it has no end */
};
HM_MUST hm_err advisory_vex_read_from(struct hm_cx *cx, const struct advisory_vex_source *source,
				      struct hm_str bytes, struct advisory_told *told);
/* One more file of rules: Trivy's .trivyignore, plain or YAML, or Grype's configuration. HM_INPUT:
 * none of them. What a rule asks that is not known here keeps it from being applied. */
HM_MUST hm_err advisory_ignores_read(struct hm_cx *cx, struct hm_str file, struct hm_str bytes,
				     struct advisory_told *told);
/* A scan that knows that, too. */
HM_MUST hm_err advisory_scan_told(struct hm_cx *cx, const struct advisory_db *db,
				  const struct inventory *inv, const struct advisory_told *told,
				  struct advisory_report *out);

/* --- VEX documents --- */

/* Of the same time and vulnerability the first counts. */
enum advisory_vex_status {
	ADVISORY_VEX_AFFECTED,
	ADVISORY_VEX_UNDER_INVESTIGATION,
	ADVISORY_VEX_NOT_AFFECTED,
	ADVISORY_VEX_FIXED,
	ADVISORY_VEX_STATUSES
};
extern const char *const advisory_vex_status_names[ADVISORY_VEX_STATUSES]; /* OpenVEX's words */

/* Why something is not affected, as OpenVEX and CSAF have it. */
struct advisory_vex_reason {
	const char *name;      /* "component_not_present" */
	const char *cyclonedx; /* its word for the same; NULL: it has none */
};
extern const struct advisory_vex_reason advisory_vex_reasons[]; /* ended by a row without name */

/* What is said of one vulnerability. */
struct advisory_vex_claim {
	struct hm_str id; /* "CVE-2024-1" */
	struct hm_strs aliases;
	struct hm_strs products; /* purls, or other names */
	struct hm_strs parts;    /* of each product, what it is about; none: the products */
	enum advisory_vex_status status;
	struct hm_str justification; /* the name of a reason; not affected: this, or .impact */
	struct hm_str impact;        /* why it is not affected; a sentence, as the next ones */
	struct hm_str action;        /* what to do about it; affected: there must be one */
	struct hm_str notes;
	bool no_fix;  /* affected, and no version with a fix has been published */
	int64_t when; /* seconds since 1970; 0: the document's */
};
struct advisory_vex_draft {
	struct hm_str id;          /* empty: one that is made of the content */
	struct hm_str author, url; /* who says so, and a URL that is theirs */
	struct hm_str role;        /* of the author; may be empty */
	int64_t when;
	struct advisory_vex_claim *p;
	size_t n, cap;
	struct hm_map said;   /* advisory_vex_claim_add()'s own */
	struct hm_str digest; /* advisory_vex_write()'s: 64 hex digits that only this content has */
};

struct vex_document;
struct advisory_vex_format {
	const char *name; /* "OpenVEX" */
	const char *key;  /* "openvex", for flags */
	bool (*is)(struct json doc);
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
			       struct vex_document *d);
	/* OpenVEX 0.2.0, CSAF 2.0 (profile VEX), CycloneDX 1.6. */
	void (*write)(struct hm_cx *cx, const struct advisory_vex_draft *draft, struct json_out *o);
	bool only_images; /* only of an image it can say that something is a part */
};
extern const struct advisory_vex_format advisory_vex_formats[]; /* ended by a row without name */

/* One more claim: into one that says the same of the same products, where there is one, or as one
 * of its own. */
void advisory_vex_claim_add(struct hm_cx *cx, struct advisory_vex_draft *draft,
			    const struct advisory_vex_claim *claim);
/*
 * What all documents that were read say together, as claims: of one vulnerability of one thing the
 * latest statement counts, of several at the same time the worst. *out_superseded counts those
 * that say nothing any more, *out_nameless those that name nothing that can be written.
 */
void advisory_vex_gather(struct hm_cx *cx, const struct advisory_told *told,
			 struct advisory_vex_draft *draft, size_t *out_superseded,
			 size_t *out_nameless);
/*
 * What one document of that format says, as it says it: a claim for each product of each statement,
 * in their order. Nothing is superseded; what names no vulnerability or nothing that has a name is
 * left out. Of CSAF any profile.
 */
HM_MUST hm_err advisory_vex_claims(struct hm_cx *cx, const struct advisory_vex_format *format,
				   struct json doc, struct advisory_vex_draft *out);
/* CycloneDX's word for a state. False: it is none. */
bool advisory_vex_state(struct hm_str word, enum advisory_vex_status *out);
/* The name of the reason for CycloneDX's word; empty: there is none. */
struct hm_str advisory_vex_reason_of(struct hm_str word);
/* Who speaks in them: the first that names an author; empty: none does. */
struct hm_str advisory_vex_author(const struct advisory_told *told);
/* Where claims say two things of one thing (two entries of a scanner's report), the worst counts.
 */
void advisory_vex_settle(struct hm_cx *cx, struct advisory_vex_draft *draft);
/* Of equal claims one is kept, and all are sorted by id. HM_INPUT: a claim lacks what its status
 * needs, or says otherwise than another about the same; a document without claim. */
HM_MUST hm_err advisory_vex_complete(struct hm_cx *cx, struct advisory_vex_draft *draft);
/* Of a complete one. The same draft gives the same bytes. HM_LIMIT: the buffer's maximum. HM_INPUT:
 * the format cannot say it without saying more. */
HM_MUST hm_err advisory_vex_write(struct hm_cx *cx, const struct advisory_vex_format *format,
				  const struct advisory_vex_draft *draft, struct hm_buf *out);

/* Text for --explain: why the id matches or does not, for each component that it could concern. */
HM_MUST hm_err advisory_explain(struct hm_cx *cx, const struct advisory_db *db,
				const struct inventory *inv, struct hm_str id, struct hm_buf *out);

/* --- reports --- */

/* The least of the versions with a fix that is above the installed one (of the source package,
 * where the component has one): advisories name a version for each branch. Empty: there is none, or
 * versions of this type have no order. */
struct hm_str advisory_least_fix(const struct hm_strs *fixed, struct hm_str type,
				 struct hm_str installed);
/* "2.3.1, 2.15.0"; empty where no fix is known. */
struct hm_str advisory_versions_text(struct hm_cx *cx, const struct hm_strs *versions);
/* "3 critical, 0 high, ..., 2 unknown"; and the same as an object. */
struct hm_str advisory_counts_text(struct hm_cx *cx, const size_t counts[ADVISORY_SEVERITIES]);
/* Of suppressed matches and unknown content: "", or "; 2 suppressed, 1 file could not be read". */
struct hm_str advisory_rest_text(struct hm_cx *cx, size_t suppressed, size_t unknown);
void advisory_put_counts(struct json_out *o, const char *key,
			 const size_t counts[ADVISORY_SEVERITIES]);

/* The report as SARIF 2.1.0 (OASIS): one rule an id, one result a match; severities where Trivy's
 * and Grype's users find them. HM_LIMIT: the buffer's maximum. */
HM_MUST hm_err advisory_sarif_write(struct hm_cx *cx, const struct advisory_report *r,
				    const struct inventory *inv, struct hm_buf *out);
/* What has a fix, as Copacetic's scanner plug-ins say it: v1alpha1 (1), packages of the
 * distribution alone, or v1alpha2 (2), those of languages, too. HM_LIMIT: the buffer's maximum. */
HM_MUST hm_err advisory_copa_write(struct hm_cx *cx, const struct advisory_report *r,
				   const struct inventory *inv, unsigned version,
				   struct hm_buf *out);
/* A finding that counts, as a report names it. */
struct advisory_finding {
	struct hm_str id;
	struct hm_strs aliases;
	struct hm_str purl; /* of the package; only Hullmark's reports have it */
	enum advisory_severity severity;
};
struct advisory_findings {
	struct advisory_finding *p;
	size_t n, cap;
};
struct advisory_summary {
	size_t counts[ADVISORY_SEVERITIES];
	struct advisory_findings findings; /* those that are counted */
	bool says_unknown; /* each run says how much it could not read; only Hullmark's do */
	uint64_t unknown;  /* so much in all */
};
/*
 * What the gate needs of a SARIF report, our own or Trivy's and Grype's: how many findings of each
 * severity. What Hullmark suppressed does not count; suppressions of others are not believed.
 * HM_INPUT: not SARIF 2.1.0, or one that does not say what it found, or that its scanner failed: it
 * must not pass for one that found nothing.
 */
HM_MUST hm_err advisory_sarif_summary(struct hm_cx *cx, struct hm_str bytes,
				      struct advisory_summary *out);

/* What a report is about: an image. */
struct advisory_subject {
	struct hm_str name;   /* "registry/repository@digest" */
	struct hm_str digest; /* of its manifest */
	struct hm_str index;  /* of the index that names it; or empty */
};
/* What is known of each finding from VEX documents: as many assessments as there are findings. */
void advisory_findings_assess(struct hm_cx *cx, const struct advisory_findings *f,
			      const struct advisory_subject *subject,
			      const struct advisory_told *told, struct advisory_assessment *out);

/* The job of the sandboxed worker that reads OSV documents: a row for main()'s table. */
#define ADVISORY_OSV_JOB "advisory-osv"
hm_err advisory_osv_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
