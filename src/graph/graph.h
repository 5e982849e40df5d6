/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - what is known of releases, components, builders and vulnerabilities, from documents.
 *
 * A *noun* is a thing that has one name everywhere: a package by its purl, an artifact by its
 * digest, a source, a builder, a licence. A *fact* is what one document says about two nouns: that
 * one depends on the other, that it has this SBOM. Nouns are kept once; facts carry their document,
 * so that what is known can be traced to who said it.
 *
 * The law of the room: documents are parsed in workers; what these answer is read as a stranger's.
 * A document is there whole, or not at all; the same bytes twice are one document.
 *
 * Sources: the ontology is GUAC's (guac, pkg/assembler/graphql/schema), and so is what documents
 * become in it (pkg/ingestor/parser); the purl specification.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "base/base.h"
#include "codec/json.h"
#include "graph/dashboard.h"
#include "graph/decisions.h"
#include "graph/kinds.h"
#include "graph/page/page.h"
#include "graph/questions/questions.h"

/* --- a graph on disk --- */

struct graph;
/* A folder, whose graph.db is made where it is not there; or the address of a PostgreSQL database
 * (postgresql://...), without a password. HM_INPUT: damaged, or of a newer program. */
HM_MUST hm_err graph_open(struct hm_cx *cx, const char *where, struct graph **out);
bool graph_is_database(const char *where); /* such an address? */
void graph_close(struct graph *g);         /* NULL is allowed */
/* The graph at one moment, as a file that is not there yet. HM_USAGE: it is; or the graph is in
 * PostgreSQL. */
HM_MUST hm_err graph_backup(struct hm_cx *cx, struct graph *g, const char *to);
/* All of the graph is replaced by that, at once. HM_INPUT: it is damaged, or no graph. */
HM_MUST hm_err graph_restore(struct hm_cx *cx, struct graph *g, const char *from);

/* Where a document came from. */
struct graph_source {
	struct hm_str origin;    /* a path, or REGISTRY/REPOSITORY@DIGEST */
	struct hm_str collector; /* how it came: "FileCollector", "registry", "gate", ... */
	struct hm_str signer;    /* the key of an identity; empty: it is not known */
	enum graph_belief belief;
};

/* What became of one document. */
struct graph_taken {
	struct hm_str format; /* "SPDX 2.3"; its row's name */
	struct hm_str digest; /* of its bytes */
	size_t size;
	bool was_there;
	size_t nouns, facts; /* of the document, each once */
};
/* A document, compressed or not. HM_INPUT: no format that is known, or damaged; HM_LIMIT. */
HM_MUST hm_err graph_take(struct hm_cx *cx, struct graph *g, struct hm_str bytes,
			  const struct graph_source *from, struct graph_taken *out);

/* --- many documents: several are read at a time, and written together --- */

struct graph_input {
	const char *path;    /* of a file; NULL: `bytes` are given */
	struct hm_str bytes; /* all is copied */
	struct graph_source from;
};
/* On the caller's thread, in the order in which they were added: a document is on disk now, or it
 * is refused, and why. */
typedef hm_err graph_report(struct hm_cx *cx, void *arg, const struct graph_input *input,
			    const struct graph_taken *taken, hm_err why_not);

struct graph_intake;
HM_MUST hm_err graph_intake_open(struct hm_cx *cx, struct graph *g, graph_report *report, void *arg,
				 struct graph_intake **out);
/* Waits where too many are under way; those that are read are written and reported then. A fault is
 * none of the document's: the disk is full, a file is not there. */
HM_MUST hm_err graph_intake_add(struct hm_cx *cx, struct graph_intake *in,
				const struct graph_input *input);
/* All that was added is reported. */
HM_MUST hm_err graph_intake_end(struct hm_cx *cx, struct graph_intake *in);
/* What is not reported may be there or not. NULL is allowed. */
void graph_intake_close(struct graph_intake *in);
static inline void graph_intake_cleanup(struct graph_intake **in)
{
	graph_intake_close(*in);
}
#define GRAPH_AUTO_INTAKE HM_CLEANUP(graph_intake_cleanup) struct graph_intake *

struct graph_stats {
	uint64_t nouns[GRAPH_NOUN_KINDS], facts[GRAPH_FACT_KINDS], documents;
};
HM_MUST hm_err graph_stats(struct hm_cx *cx, struct graph *g, struct graph_stats *out);

/* What is kept of a document. */
struct graph_document {
	int64_t id, taken; /* taken: when, in seconds */
	uint64_t size;
	struct hm_str digest, format, origin, collector;
	struct hm_str
		signer; /* key of the identity that signed it; empty: nobody, as far as is known */
	int belief;     /* 0: nobody asked; 1: the trust policy believes it; 2: it does not */
};
struct graph_documents {
	struct graph_document *p;
	size_t n, cap;
	bool is_cut; /* there are more */
};
/* Those with numbers above `after`, `limit` at the most. */
HM_MUST hm_err graph_documents(struct hm_cx *cx, struct graph *g, int64_t after, size_t limit,
			       struct graph_documents *out);
/* The number of the last one; 0: there is none. */
HM_MUST hm_err graph_documents_newest(struct hm_cx *cx, struct graph *g, int64_t *out);
/* HM_ABSENT: there is none of this digest. */
HM_MUST hm_err graph_document_find(struct hm_cx *cx, struct graph *g, struct hm_str digest,
				   struct graph_document *out);

/* --- GUAC's GraphQL --- */

struct graph_graphql_request {
	struct hm_str query, operation; /* operation: the name of one; "": there is only one */
	struct json variables;          /* an object, or absent */
};
/* {"data":...} to `out`, which may have less than all of it after a fault. HM_INPUT: the query is
 * not GraphQL, not of the schema, or not one that only reads; HM_ABSENT: there is no such node;
 * HM_LIMIT; HM_BUSY: it took too long. */
HM_MUST hm_err graph_graphql(struct hm_cx *cx, struct graph *g,
			     const struct graph_graphql_request *q, struct hm_buf *out);

/* --- what GUAC's REST interface asks (guacrest) --- */

/* Packages that have what the purl has: its name, and its version, qualifiers and subpath where it
 * names them. HM_INPUT: no purl. */
HM_MUST hm_err graph_guac_alike(struct hm_cx *cx, struct graph *g, struct hm_str purl,
				struct graph_nodes *out);
/* Packages below a package (its purl), or, `by_digest`, an artifact (ALGORITHM:HEX): what SBOMs
 * include, what was built from what, and what is the same by another name. HM_INPUT: there is no
 * such thing. HM_LIMIT. */
HM_MUST hm_err graph_guac_below(struct hm_cx *cx, struct graph *g, struct hm_str name,
				bool by_digest, struct graph_nodes *out);
struct graph_guac_vuln {
	struct hm_str package, vulnerability; /* their keys */
	struct hm_str detail, origin, collector;
};
struct graph_guac_vulns {
	struct graph_guac_vuln *p;
	size_t n, cap;
};
/* Vulnerabilities that were found in it, and, `below`, in what is below it. */
HM_MUST hm_err graph_guac_vulns(struct hm_cx *cx, struct graph *g, struct hm_str name,
				bool by_digest, bool below, struct graph_guac_vulns *out);
struct graph_guac_count {
	struct hm_str package; /* its name, as a purl */
	uint64_t dependents;
};
struct graph_guac_counts {
	struct graph_guac_count *p;
	size_t n, cap;
};
/* Packages by how many depend on them, the most first. */
HM_MUST hm_err graph_guac_frequent(struct hm_cx *cx, struct graph *g,
				   struct graph_guac_counts *out);

/* --- how things come in --- */
#include "graph/cluster/cluster.h"
#include "graph/collect/collect.h"

/* --- reports of scanners, which a room above reads (repair/): it gives these --- */

/* A package that a scanner found vulnerable, as far as the report says it. */
struct graph_finding {
	struct hm_str id, name, installed, purl, type; /* type: the purl's */
};
struct graph_findings {
	struct graph_finding *p;
	size_t n, cap;
};
struct graph_reports {
	/* "Trivy JSON", "Grype JSON", "SARIF"; NULL: the document is no report. */
	const char *(*name)(struct json doc);
	/* HM_INPUT, HM_LIMIT. */
	hm_err (*read)(struct hm_cx *cx, struct json doc, struct graph_findings *out);
};

/* For the table of jobs of main(). NULL: reports are of no known format. */
#define GRAPH_DOCUMENT_JOB "graph-document"
HM_MUST hm_err graph_document_job(struct hm_cx *cx, struct hm_str digest, int in,
				  const struct graph_reports *reports, struct hm_buf *out);

#endif
