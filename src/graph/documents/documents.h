/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents.h - inside graph/documents/: what readers of SBOMs share.
 */
#ifndef GRAPH_DOCUMENTS_DOCUMENTS_H
#define GRAPH_DOCUMENTS_DOCUMENTS_H

#include "graph/doc.h"

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
