/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doc.h - inside graph/: the nouns and facts of one document, as its reader finds them (in a
 * worker), and as they cross to the parent.
 */
#ifndef GRAPH_DOC_H
#define GRAPH_DOC_H

#include "graph/graph.h"

/* A noun is its place in the list, from 1 on; 0: none. */
typedef uint32_t graph_ref;

struct graph_noun {
	enum graph_noun_kind kind;
	graph_ref parent; /* of a package its name's; earlier in the list */
	struct hm_str key;
};
/* One more noun of a fact: a licence that is declared, a material. */
struct graph_link {
	uint8_t role;
	graph_ref noun;
};
enum {
	GRAPH_DECLARED = 1,
	GRAPH_DISCOVERED,
	GRAPH_MATERIAL,
	GRAPH_BUILT_BY,
	GRAPH_PART,  /* of the subject: what a VEX statement is about */
	GRAPH_WHOLE, /* of which the subject is a part: the statement is about no other */
};

struct graph_fact {
	enum graph_fact_kind kind;
	graph_ref subject, object, detail; /* the detail: a text, a JSON object (detail.c) */
	const struct graph_link *links;
	size_t links_n;
};
struct graph_doc {
	struct hm_str format;
	struct hm_str digest; /* of its own bytes, where it is one of several; empty: the input's */
	size_t size;          /* the same */
	HM_VEC(struct graph_noun) nouns;
	HM_VEC(struct graph_fact) facts;
	struct hm_map noun_at, fact_at; /* of the builder: what is there already */
	struct graph_reading *reading;  /* of the reader */
};

/* What is said of a document of no format. */
#define GRAPH_NO_FORMAT "it is of no format that is known"

/* --- in the worker --- */

/* May it name a noun of that kind? Not if it is empty, longer than HM_MAX_GRAPH_KEY (a text:
 * HM_MAX_GRAPH_TEXT), or no text. */
bool graph_is_key(enum graph_noun_kind kind, struct hm_str key);
/* The same noun again is the same place. What is no key names none: 0. */
graph_ref graph_doc_noun(struct hm_cx *cx, struct graph_doc *d, enum graph_noun_kind kind,
			 struct hm_str key, graph_ref parent);
static inline graph_ref graph_doc_text(struct hm_cx *cx, struct graph_doc *d, struct hm_str text)
{
	return graph_doc_noun(cx, d, GRAPH_TEXT, text, 0);
}
/* The package of a purl; 0 where it is none. */
graph_ref graph_doc_package(struct hm_cx *cx, struct graph_doc *d, struct hm_str purl);
/* "sha256" and hex, in any case of letters. */
graph_ref graph_doc_artifact(struct hm_cx *cx, struct graph_doc *d, struct hm_str algorithm,
			     struct hm_str digest);
/* A fact that is there already is not added again. */
void graph_doc_fact(struct hm_cx *cx, struct graph_doc *d, const struct graph_fact *f);
void graph_doc_write(const struct graph_doc *d, struct hm_buf *out);

/* What all readers of an input share. */
struct graph_reading {
	const struct graph_reports *reports; /* NULL: nobody reads them */
	/* A document of whatever format, which is within another. */
	hm_err (*any)(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d);
	unsigned wrappers; /* around the one that is read */
};

/* Those of one input. */
struct graph_docs {
	struct graph_doc *p;
	size_t n, cap;
};
/* What is in an input that is not compressed: a document, or lines of JSON that each are one.
 * `digest`: of the bytes. HM_INPUT, HM_LIMIT: it is refused, all of it. */
HM_MUST hm_err graph_read_documents(struct hm_cx *cx, struct hm_str bytes, struct hm_str digest,
				    const struct graph_reports *reports, struct graph_docs *out);
void graph_docs_write(const struct graph_docs *docs, struct hm_buf *out);

/* --- what a fact says beside its nouns (detail.c) --- */

/*
 * A JSON object on one line, its members in the order in which they are put in, and only what the
 * document gives. They are named as the attributes of the fact's type in GUAC's GraphQL schema:
 *
 *     isDependency         dependencyType ("DIRECT", "INDIRECT", "UNKNOWN"), justification
 *     isOccurrence         justification; so are hasSourceAt (knownSince too) and the *Equal
 *     hasSBOM              uri, algorithm, digest, knownSince
 *     hasSLSA              buildType, slsaVersion, startedOn, finishedOn, predicate (list of key,
 * value) certifyLegal         declaredLicense, discoveredLicense, attribution, justification,
 * timeScanned certifyScorecard     checks (list of check, score), aggregateScore, timeScanned,
 *                          scorecardVersion, scorecardCommit
 *     certifyVuln          timeScanned, dbUri, dbVersion, scannerUri, scannerVersion
 *     certifyVEXStatement  status, vexJustification, statement, statusNotes, knownSince;
 *                          ours: unnamed (a part or a product that has no name here: it suppresses
 * nothing) certifyGood, -Bad    justification, knownSince vulnMetadata         scoreType,
 * scoreValue, timestamp hasMetadata          key, value, timestamp, justification pointOfContact
 * email, info, since, justification signedBy             format, time, log, verified, why
 */
struct graph_detail {
	struct hm_buf b;
	struct json_out o;
	bool is_cut; /* it gets "cut": true */
};
void graph_detail_begin(struct graph_detail *t);
/* Nothing where it is empty. Of what is longer than HM_MAX_GRAPH_KEY the beginning and "...". */
void graph_detail_str(struct hm_cx *cx, struct graph_detail *t, const char *key,
		      struct hm_str value);
/* A time; a day is its midnight. */
void graph_detail_time(struct hm_cx *cx, struct graph_detail *t, const char *key,
		       struct hm_str when);
/* Is there room for strings of n bytes more? */
bool graph_detail_fits(struct graph_detail *t, size_t n);
/* The memory is given back. */
graph_ref graph_detail_end(struct hm_cx *cx, struct graph_doc *d, struct graph_detail *t);
/* An object of one member; "{}" where the value is empty. */
graph_ref graph_detail_of(struct hm_cx *cx, struct graph_doc *d, const char *key,
			  struct hm_str value);

/* --- in the parent --- */

/* Untrusted bytes. HM_INPUT: not what graph_docs_write() writes; one document at least. */
HM_MUST hm_err graph_docs_read(struct hm_cx *cx, struct hm_str bytes, struct graph_docs *out);
/* Untrusted bytes. HM_INPUT: not what graph_doc_write() writes. */
HM_MUST hm_err graph_doc_read(struct hm_cx *cx, struct hm_str bytes, struct graph_doc *out);

/* --- purls (purl.c) --- */

/* A purl in the one form in which it is compared, and the same without version, qualifiers and
 * subpath. HM_INPUT. */
HM_MUST hm_err graph_purl(struct hm_cx *cx, struct hm_str purl, struct hm_str *out_key,
			  struct hm_str *out_name);
/* Its version, decoded; empty: none. */
struct hm_str graph_purl_version(struct hm_cx *cx, struct hm_str key);
/* A part of a purl as text; a '%' that begins no pair of digits stands for itself. */
struct hm_str graph_purl_decode(struct hm_cx *cx, struct hm_str s);
/* A text as part of a purl. */
struct hm_str graph_purl_part(struct hm_cx *cx, struct hm_str text, bool slashes);

/* --- formats (documents/table.c) --- */

struct graph_format {
	const char *name;
	bool (*is)(struct json doc);
	/* `digest`: of the document's bytes. HM_INPUT: it is damaged, or hostile. */
	hm_err (*read)(struct hm_cx *cx, struct json doc, struct hm_str digest,
		       struct graph_doc *d);
};
extern const struct graph_format graph_formats[]; /* ended by a row without name */

#endif
