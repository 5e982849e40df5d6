/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents.h - inside graph/documents/: what readers of documents share.
 */
#ifndef GRAPH_DOCUMENTS_DOCUMENTS_H
#define GRAPH_DOCUMENTS_DOCUMENTS_H

#include "advisory/advisory.h"
#include "graph/doc.h"

/* --- the rows of the table, each in a file of its own --- */

#define GRAPH_READER(name)                                                                \
	bool graph_is_##name(struct json doc);                                            \
	hm_err graph_read_##name(struct hm_cx *cx, struct json doc, struct hm_str digest, \
				 struct graph_doc *d)
GRAPH_READER(clearlydefined);
GRAPH_READER(csaf);
GRAPH_READER(depsdev);
GRAPH_READER(intoto);
GRAPH_READER(openvex);
GRAPH_READER(osv);
GRAPH_READER(predicates);
GRAPH_READER(report);
GRAPH_READER(spdx3);
GRAPH_READER(wrapped);

bool graph_is_spdx(struct json doc);
hm_err graph_read_spdx(struct hm_cx *cx, struct json doc, struct hm_str digest,
		       struct graph_doc *d);
bool graph_is_cyclonedx(struct json doc);
hm_err graph_read_cyclonedx(struct hm_cx *cx, struct json doc, struct hm_str digest,
			    struct graph_doc *d);

bool graph_is_slsa(struct json doc);
hm_err graph_read_slsa(struct hm_cx *cx, struct json doc, struct hm_str digest,
		       struct graph_doc *d);
bool graph_is_scorecard(struct json doc);
hm_err graph_read_scorecard(struct hm_cx *cx, struct json doc, struct hm_str digest,
			    struct graph_doc *d);

static inline struct hm_str graph_text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}
/* The one of two spellings that is there. */
static inline struct json graph_either(struct json object, const char *key, const char *other)
{
	struct json v = json_get(object, key);
	return json_is_there(v) ? v : json_get(object, other);
}

/* --- a document, whatever it is (table.c, within.c) --- */

/* The first row of the table that knows it. HM_INPUT: none does. */
HM_MUST hm_err graph_read_any(struct hm_cx *cx, struct json doc, struct hm_str digest,
			      struct graph_doc *d);
/* The same of what is within another: it says that in its format ("SPDX 2.3 in DSSE"). HM_LIMIT:
 * HM_MAX_GRAPH_WRAPPERS. */
HM_MUST hm_err graph_read_within(struct hm_cx *cx, struct json doc, struct hm_str digest,
				 const char *within, struct graph_doc *d);

/* --- members of another type than the format has (shape.c; the tables in shapes.c) --- */

struct graph_member {
	const char *key; /* "*": any */
	char type;       /* 's'tring, 'a'rray, 'o'bject, 'n'umber */
};
struct graph_shape {
	const char *path; /* of objects: "packages/" and "*" for each element */
	const struct graph_member *members;
};
extern const struct graph_shape graph_spdx_shape[], graph_cyclonedx_shape[],
	graph_statement_shape[], graph_slsa_shape[], graph_scorecard_shape[], graph_openvex_shape[],
	graph_csaf_shape[]; /* each ended by a row without members */
/* HM_INPUT: names the member that is of another type. One that is null is as if not there. */
HM_MUST hm_err graph_check_shape(struct hm_cx *cx, struct json doc,
				 const struct graph_shape *shapes);

/* Does it begin as SPDX 2 does in tags and values? */
bool graph_is_spdx_tags(struct hm_str bytes);
/* The same document as JSON. HM_INPUT: a line has no tag. */
HM_MUST hm_err graph_spdx_of_tags(struct hm_cx *cx, struct hm_str bytes, struct json *out);

/* CycloneDX in XML as the JSON that says the same. HM_INPUT: it is none. */
HM_MUST hm_err graph_cyclonedx_of_xml(struct hm_cx *cx, struct hm_str bytes, struct json *out);

/* --- what in-toto statements are about (entity.c) --- */

/* A subject, or what went into it. */
struct graph_entity {
	graph_ref is; /* a package or a source */
	HM_VEC(graph_ref) artifacts;
};
struct graph_named {
	struct hm_str name, uri; /* either may be empty */
	struct json digests;
};
void graph_read_entity(struct hm_cx *cx, struct graph_doc *d, const struct graph_named *named,
		       struct graph_entity *out);
/* Is it in-toto's, and of which predicate? Two spellings are in use. */
struct hm_str graph_predicate_type(struct json doc);
bool graph_is_statement(struct json doc);
/* "git", "github.com/org", "repo", and a commit or a tag or neither. */
struct graph_source_name {
	struct hm_str type, space, name, commit, tag;
};
graph_ref graph_doc_source(struct hm_cx *cx, struct graph_doc *d,
			   const struct graph_source_name *s);
/* An artifact by its digest, "sha256:hex". */
graph_ref graph_doc_digest(struct hm_cx *cx, struct graph_doc *d, struct hm_str digest);
void graph_say_occurrence(struct hm_cx *cx, struct graph_doc *d, const struct graph_entity *e,
			  const char *why);
/* "key" and "value", as hasMetadata has them. */
struct graph_metadata {
	const char *key;
	struct hm_str value, when;
	const char *why;
};
void graph_say_metadata(struct hm_cx *cx, struct graph_doc *d, graph_ref subject,
			const struct graph_metadata *m);

/* --- vulnerabilities (vulnerability.c) --- */

/* "CVE-2024-1": "cve/cve-2024-1"; one without a dash is of the type "other". */
graph_ref graph_doc_vulnerability(struct hm_cx *cx, struct graph_doc *d, struct hm_str id);
graph_ref graph_doc_vulnerability_of(struct hm_cx *cx, struct graph_doc *d, struct hm_str type,
				     struct hm_str id);
struct graph_scan {
	struct hm_str time, db_uri, db_version, scanner_uri, scanner_version;
};
/* A scan found it. */
void graph_say_vuln(struct hm_cx *cx, struct graph_doc *d, graph_ref package, graph_ref vuln,
		    const struct graph_scan *scan);
struct graph_vex {
	enum advisory_vex_status status;
	struct hm_str reason; /* a name of advisory_vex_reasons; empty: none is given */
	struct hm_str statement, notes, since;
	struct hm_str unnamed; /* what it is about, too, and has no name here; empty: nothing */
	const struct graph_link *link; /* NULL: none */
};
void graph_say_vex(struct hm_cx *cx, struct graph_doc *d, graph_ref subject, graph_ref vuln,
		   const struct graph_vex *v);
struct graph_score {
	struct hm_str type; /* "CVSSv31" */
	double value;
	struct hm_str when;
};
void graph_say_score(struct hm_cx *cx, struct graph_doc *d, graph_ref vuln,
		     const struct graph_score *s);
/* "CVSS:3.1/AV:..." or "7.5". False: it is neither. */
bool graph_read_score(struct hm_str text, double *out);
void graph_say_same_vuln(struct hm_cx *cx, struct graph_doc *d, graph_ref a, graph_ref b,
			 const char *why);
/* Affected ones are found vulnerable. */
static inline bool graph_is_affected(enum advisory_vex_status s)
{
	return s == ADVISORY_VEX_AFFECTED || s == ADVISORY_VEX_UNDER_INVESTIGATION;
}
/* Those of a CycloneDX document (cyclonedx_vulnerabilities.c): of its components they are told as
 * parts of `top`, what the document is about; 0: of nothing. */
struct graph_items;
HM_MUST hm_err graph_read_cyclonedx_vulnerabilities(struct hm_cx *cx, struct json doc,
						    const struct graph_items *items, graph_ref top,
						    struct graph_doc *d);

/* --- predicates of in-toto (intoto.c lists them) --- */

struct graph_statement {
	struct json doc, predicate;
	struct hm_str type, digest;
	struct graph_entity *subjects;
	size_t subjects_n;
};
#define GRAPH_PREDICATE(name)                                                                    \
	HM_MUST hm_err graph_predicate_##name(struct hm_cx *cx, const struct graph_statement *s, \
					      struct graph_doc *d)
GRAPH_PREDICATE(vulns);
GRAPH_PREDICATE(clearlydefined);
GRAPH_PREDICATE(eol);
GRAPH_PREDICATE(reference);
GRAPH_PREDICATE(crev);
GRAPH_PREDICATE(review);
GRAPH_PREDICATE(summary);
GRAPH_PREDICATE(cosign_vuln);
GRAPH_PREDICATE(document);
GRAPH_PREDICATE(other);

/* --- what an SBOM lists (sbom.c) --- */

/* A package or file by its id in the document: several purls, several digests. */
struct graph_item {
	HM_VEC(graph_ref) packages, artifacts;
};
struct graph_items {
	struct hm_map at; /* id -> struct graph_item */
};
struct graph_item *graph_item_make(struct hm_cx *cx, struct graph_items *items, struct hm_str id);
/* The first package of it; 0: there is no such item, or it has none. */
graph_ref graph_item_package(const struct graph_items *items, struct hm_str id);
/* Each of its packages is each of its artifacts. */
void graph_say_occurrences(struct hm_cx *cx, struct graph_doc *d, const struct graph_items *items,
			   const char *why);
/* `kind`: "DIRECT", "INDIRECT", "UNKNOWN". */
void graph_say_depends(struct hm_cx *cx, struct graph_doc *d, graph_ref on, graph_ref what,
		       const char *kind, struct hm_str why);
/* The document is the SBOM of a package or an artifact. */
struct graph_sbom {
	struct hm_str uri, digest, since; /* empty: not said */
};
void graph_say_sbom(struct hm_cx *cx, struct graph_doc *d, graph_ref subject,
		    const struct graph_sbom *sbom);

/* --- licences (licence.c) --- */

/* Those that an expression names; what is written out in the document (name -> text) is known by
 * that. Nothing for an expression that is empty. */
struct graph_licences {
	struct hm_map inline_texts; /* "LicenseRef-..." -> struct hm_str, as given */
	bool keeps_names;           /* such a licence is known by that name, not by its text */
	struct hm_str list_version; /* empty: unknown */
};
/* The name of a licence that is known by its text alone. */
struct hm_str graph_licence_of_text(struct hm_cx *cx, struct hm_str text);
struct graph_legal {
	graph_ref package;
	struct hm_str declared, discovered, attribution, justification, scanned;
};
void graph_say_legal(struct hm_cx *cx, struct graph_doc *d, const struct graph_licences *l,
		     const struct graph_legal *legal);

/* "pkg:guac/pkg/NAME@VERSION", as GUAC calls what has no purl. */
struct hm_str graph_purl_of_name(struct hm_cx *cx, struct hm_str name, struct hm_str version);

#endif
