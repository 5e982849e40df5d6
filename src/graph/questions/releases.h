/* SPDX-License-Identifier: Apache-2.0 */
/*
 * releases.h - inside graph/questions/: what SBOMs are about, and what is in them.
 */
#ifndef GRAPH_QUESTIONS_RELEASES_H
#define GRAPH_QUESTIONS_RELEASES_H

#include "graph/questions/ask.h"

/* What is known of one document: whose SBOM it is. */
struct graph_sbom {
	int64_t document;
	struct graph_numbers subjects; /* of hasSBOM */
	struct graph_numbers tops;     /* packages among them, or that occur as them */
	struct graph_ids parents;      /* of a package: the one before it, on the way from a top */
	bool has_ways;
};
/* A noun that an SBOM is about, with its names and what runs it. */
struct graph_whole {
	struct graph_node node;
	struct graph_numbers artifacts; /* that it is */
	struct graph_nodes images;
	struct graph_pods pods;
};
/* Ways to the package that is looked at: for each document its number, how many nouns there are on
 * the way, and these; the list is kept for later questions. */
struct graph_ways {
	struct graph_numbers list;
	struct graph_ids at; /* of a document: its place in the list, plus 1 */
	bool is_longer;      /* than what is kept */
};
struct graph_releasing {
	struct graph_ask *a;
	const struct graph_asked *asked;
	int64_t ways_until; /* monotonic nanoseconds: then no more ways are looked for */
	struct graph_ids sboms, wholes, indirect;
	struct graph_ways ways;
	struct graph_ids rows; /* of the package that is looked at: a release's row, plus 1 */
	HM_VEC(struct graph_sbom *) sbom_list;
	HM_VEC(struct graph_whole *) whole_list;
	struct graph_ids running; /* artifacts; where knows_running, and not many_run */
	bool knows_running, many_run;
	bool is_full; /* the answer has all the rows that it may have */
};
void graph_releasing_begin(struct graph_ask *a, const struct graph_asked *asked,
			   struct graph_releasing *out);
/* What one document says of a package. */
struct graph_said_of {
	int64_t package;
	const struct graph_row *rows;
	size_t n;
};

/* Releases that contain the package, each once, added to *out; no more than the question has
 * rows. */
HM_MUST hm_err graph_releasing_add(struct graph_releasing *r, const struct graph_node *package,
				   struct graph_releases *out);
/* The artifact that a fact is about, with its images and what runs them. */
HM_MUST hm_err graph_releasing_made(struct graph_releasing *r, const struct graph_row *row,
				    struct graph_made_list *out);
/* What an identity signed, the last first, no more than the question has rows; `rows` are its
 * facts, as graph_ask_signed() finds them. */
HM_MUST hm_err graph_releasing_signed(struct graph_releasing *r, const struct graph_rows *rows,
				      struct graph_made_list *out);

/* Each identity that has signed something (endings.c). */
typedef hm_err graph_look_at_signer(struct graph_releasing *r, int64_t identity, void *arg);
HM_MUST hm_err graph_releasing_signers(struct graph_ask *a, graph_look_at_signer *look, void *arg);

/* --- mentions.c --- */

/* All dependencies on a package, document after document; of a document that says none, but speaks
 * of it, a row with nothing else. They have no numbers. */
HM_MUST hm_err graph_ask_mentions(struct graph_ask *a, int64_t package, struct graph_rows *out);

/* --- wholes.c --- */

/* Of many documents at once; nouns that they are about are added to *subjects. */
HM_MUST hm_err graph_releasing_sboms_ahead(struct graph_releasing *r,
					   const struct graph_numbers *documents,
					   struct graph_numbers *subjects);
HM_MUST hm_err graph_releasing_sbom(struct graph_releasing *r, int64_t document,
				    struct graph_sbom **out);
HM_MUST hm_err graph_releasing_whole(struct graph_releasing *r, int64_t node,
				     const struct graph_whole **out);

/* --- climb.c --- */

/* Is the dependency one of a dependency only, as the fact's detail says? */
HM_MUST hm_err graph_releasing_is_indirect(struct graph_releasing *r, int64_t detail, bool *out);

/* A noun on the way up from a package: what of `before` it is needed by. */
struct graph_rung {
	int64_t node;
	size_t before; /* its own place: the package */
};
struct graph_ladder {
	const struct graph_sbom *sbom;
	struct graph_said_of by;
	HM_VEC(struct graph_rung) list;
	struct graph_ids seen;
	size_t next;  /* its place in the list: what it is needed by has not been asked yet */
	size_t top;   /* the place at which the way begins; SIZE_MAX: not found */
	bool gave_up; /* most are a few steps away; this one is not */
};
/* Breadth first from the package up to a top, in each of these; `sbom` and `by` are given, and no
 * two of the same document. */
HM_MUST hm_err graph_releasing_climb(struct graph_releasing *r, struct graph_ladder *all, size_t n);

/* --- ways.c --- */

/* What was found before of the ways to a package; and what has been found since is kept. */
HM_MUST hm_err graph_releasing_ways_begin(struct graph_releasing *r, int64_t package);
/* Those that a question has time for, of documents whose rows these are, up to `most`. */
HM_MUST hm_err graph_releasing_ways_ahead(struct graph_releasing *r, int64_t package,
					  const struct graph_rows *rows, size_t most);
void graph_releasing_ways_end(struct graph_releasing *r, int64_t package);
/* A shortest way to the package, from a top, is added to *out; nothing: there is none, or no time,
 * and then the answer is cut. */
HM_MUST hm_err graph_releasing_way(struct graph_releasing *r, struct graph_sbom *s,
				   const struct graph_said_of *by, struct graph_nodes *out);

#endif
