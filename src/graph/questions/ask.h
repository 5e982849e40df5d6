/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.h - inside graph/questions/: one question, from its beginning to its end.
 *
 * Rows are read first and completed afterwards: no statement is run while another gives rows.
 */
#ifndef GRAPH_QUESTIONS_ASK_H
#define GRAPH_QUESTIONS_ASK_H

#include "graph/room.h"

/* A map from numbers that are not 0 to numbers; ids.c. */
struct graph_id {
	int64_t key; /* 0: nothing is here */
	uint64_t value;
};
struct graph_ids {
	struct graph_id *p;
	size_t n, cap; /* a power of two */
};
/* The value's place; good until the next insertion. *out_new: it is 0, and was not there. */
uint64_t *graph_ids_slot(struct hm_cx *cx, struct graph_ids *ids, int64_t key, bool *out_new);
struct graph_ids graph_ids_copy(struct hm_cx *cx, const struct graph_ids *ids);
/* NULL: it is not there. */
const uint64_t *graph_ids_get(const struct graph_ids *ids, int64_t key);

struct graph_numbers {
	int64_t *p;
	size_t n, cap;
};

static inline bool graph_numbers_has(const struct graph_numbers *list, int64_t number)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->p[i] == number)
			return true;
	return false;
}

struct graph_ask {
	struct hm_cx *cx;
	struct store_use *use;
	size_t rows;
	unsigned depth;
	int64_t until; /* monotonic nanoseconds */
	enum graph_cut cut;
	size_t visits; /* rows that were read; past HM_MAX_GRAPH_VISITS the answer is cut */
	struct graph_ids nodes, sources; /* what was read: places in the lists, plus 1 */
	HM_VEC(struct graph_node) node_list;
	HM_VEC(struct graph_witness *) source_list;
	struct graph_kept *kept; /* kept.h */
	struct graph_seen *seen; /* seen.h */
	int64_t epoch, renewed;  /* of the graph; where has_moment, as its newest fact */
	int64_t newest;
	bool has_moment;
	bool is_server; /* store_is_server() */
};
#define GRAPH_AUTO_ASK HM_CLEANUP(graph_ask_end) struct graph_ask
/* `limits` may be NULL. */
HM_MUST hm_err graph_ask_begin(struct hm_cx *cx, struct graph *g, const struct graph_limits *limits,
			       struct graph_ask *out);
void graph_ask_end(struct graph_ask *a);
/* Is there time left? If not, the answer is cut. */
bool graph_ask_goes_on(struct graph_ask *a);
/* One statement. */
HM_MUST hm_err graph_ask_run(struct graph_ask *a, const char *sql, struct store_values values,
			     store_row *each, void *arg);
/* All numbers of the first column. */
HM_MUST hm_err graph_ask_numbers(struct graph_ask *a, const char *sql, struct store_values values,
				 struct graph_numbers *out);
HM_MUST hm_err graph_ask_number(struct graph_ask *a, const char *sql, struct store_values values,
				int64_t *out);

/* A noun by its number; one that is not there has kind GRAPH_NO_NOUN. 0 is none. */
HM_MUST hm_err graph_ask_node(struct graph_ask *a, int64_t id, struct graph_node *out);
HM_MUST hm_err graph_ask_witness(struct graph_ask *a, int64_t document,
				 const struct graph_witness **out);
/* What was read of one. */
void graph_ask_keep_node(struct graph_ask *a, int64_t id, int64_t kind, struct hm_str key);
#define GRAPH_WITNESS_COLUMNS "id, digest, format, origin, collector, taken, size, signer, belief"
/* Of its signer there is the number. */
struct graph_witness *graph_ask_keep_witness(struct graph_ask *a, const struct store_value *row);
void graph_ask_add_witness(struct graph_ask *a, struct graph_witness *s);

/* A fact as it stands in its table. */
struct graph_row {
	int64_t id, kind, subject, object, detail, document;
};
struct graph_rows {
	struct graph_row *p;
	size_t n, cap;
};
#define GRAPH_ROW_COLUMNS \
	"fact.id, fact.kind, fact.subject, fact.object, fact.detail, fact.document"
/* The same of what is of kind isDependency: all of it is in the index "fact_depends". */
#define GRAPH_DEPENDENCY_COLUMNS "fact.id, 1, fact.subject, fact.object, fact.detail, fact.document"
/* Rows of GRAPH_ROW_COLUMNS are added to *out. */
HM_MUST hm_err graph_ask_rows(struct graph_ask *a, const char *sql, struct store_values values,
			      struct graph_rows *out);
/* The same for each row of parameters, in their order. */
HM_MUST hm_err graph_ask_rows_many(struct graph_ask *a, const char *sql,
				   const struct store_many *many, struct graph_rows *out);
/* The first facts that the statement finds, GRAPH_SOME of them at the most: who says it. */
enum { GRAPH_SOME = 3 };
HM_MUST hm_err graph_ask_some(struct graph_ask *a, const char *sql, struct store_values values,
			      struct graph_facts *out);
/* With all that it names. */
HM_MUST hm_err graph_ask_said(struct graph_ask *a, const struct graph_row *row,
			      struct graph_said *out);
/* The same of many: a server that is asked for each of their parts alone takes long. `out` has room
 * for `n`. */
HM_MUST hm_err graph_ask_said_all(struct graph_ask *a, const struct graph_row *rows, size_t n,
				  struct graph_said *out);
/* The same without what is linked to it. */
HM_MUST hm_err graph_ask_said_plain(struct graph_ask *a, const struct graph_row *row,
				    struct graph_said *out);
struct hm_str graph_role_name(struct hm_cx *cx, int64_t role); /* of a link */
/* The packages of a package name. */
HM_MUST hm_err graph_ask_versions(struct graph_ask *a, int64_t name, struct graph_nodes *out);
/* A statement for each number; the rows of all come in any order. */
HM_MUST hm_err graph_ask_for_all(struct graph_ask *a, const char *sql,
				 const struct graph_numbers *numbers, store_row *each, void *arg);
/* What is asked for next by graph_ask_node() and graph_ask_witness() is read together. */
HM_MUST hm_err graph_ask_nodes_ahead(struct graph_ask *a, const struct graph_numbers *ids);
HM_MUST hm_err graph_ask_witnesses_ahead(struct graph_ask *a, const struct graph_numbers *ids);
/* What runs the artifact. */
HM_MUST hm_err graph_ask_pods(struct graph_ask *a, int64_t artifact, struct graph_pods *out);

/* Identities that have signed something (endings.c). */
HM_MUST hm_err graph_ask_signers(struct graph_ask *a, struct graph_numbers *out);
/* What documents say of it by that key of hasMetadata. */
struct graph_ask_details {
	struct json *p;
	size_t n, cap;
};
HM_MUST hm_err graph_ask_metadata(struct graph_ask *a, int64_t identity, const char *key,
				  struct graph_ask_details *out);
/* Its signatures, the last first; one more than the question has rows. */
HM_MUST hm_err graph_ask_signed(struct graph_ask *a, int64_t identity, struct graph_rows *out);
/* When its certificate or key ends, as documents say it ("notAfter"); empty: nothing. */
HM_MUST hm_err graph_ask_end_of(struct graph_ask *a, int64_t identity, struct hm_str *out);
/* Is each certificate of it for some minutes, and renewed all the time? */
bool graph_is_short_lived(const struct graph_node *identity);
/* What a gate has said of it, the newest first; `limit` of them. */
HM_MUST hm_err graph_ask_decisions(struct graph_ask *a, int64_t node, size_t limit,
				   struct graph_decisions *out);

/* --- names (name.c) --- */

/* The package by its purl, or all that it may mean. */
HM_MUST hm_err graph_ask_name(struct graph_ask *a, struct hm_str name, uint64_t kinds,
			      struct graph_nodes *out);
/* HM_ABSENT, with names that are like it. */
HM_MUST hm_err graph_ask_unknown(struct graph_ask *a, struct hm_str name);

/* --- words (search.c) --- */

HM_MUST hm_err graph_ask_words(struct graph_ask *a, struct hm_str words, size_t limit,
			       struct graph_nodes *out);

#endif
