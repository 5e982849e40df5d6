/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room.h - inside graph/: the tables.
 *
 * node: nouns. Their numbers begin at 1; `hash` finds them by kind and key.
 * fact: subject, object and detail are nodes, or 0. `link`: more nodes of a fact, by role.
 * document: `signer` is a node (an identity) or 0; `belief`: enum graph_belief.
 * word: words by which nouns are searched (graph_noun_words()).
 * pod: each container of a cluster that ran or runs; `gone`: since when not any more, or 0;
 * `owner`: the key of the workload, CLUSTER/NAMESPACE/KIND/NAME; `artifact`: what the kubelet says
 * it runs, the digest of an image, of its index (PART_OF leads there) or of its configuration.
 * decision: of each document that is one (decisions.h): about which node, by which policy, since
 * when (`began`), when the last time (`ended`), and how often.
 * tally: how many rows `node` (noun = 1) and `fact` (0) have of each kind.
 * state: 'epoch': another one since the graph was restored from a backup; 'renewed': how often a
 * document was changed that was there, other than a gate's (graph_renewed()); 'unindexed': not 0
 * while indexes are away (indexes.c).
 */
#ifndef GRAPH_ROOM_H
#define GRAPH_ROOM_H

#include "base/worker_template.h"
#include "graph/doc.h"
#include "graph/known.h"
#include "store/tables.h"

struct graph {
	struct store_tables *tables;
	struct graph_known known; /* of whoever holds the transaction that writes */
	int64_t decisions_most;   /* GRAPH_DECISIONS_OF_ALL */
	struct graph_kept *kept;  /* of those who ask: questions/kept.h */
	struct graph_seen *seen;  /* the same: questions/seen.h */
};

extern const char *const graph_schema[];

/* What a noun is found by. */
int64_t graph_hash(enum graph_noun_kind kind, struct hm_str key);
/* The number of a noun; 0: it is not there. */
HM_MUST hm_err graph_find(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
			  struct hm_str key, int64_t *out);
/* The same of many, which are asked for together. */
HM_MUST hm_err graph_find_all(struct hm_cx *cx, struct store_use *use, const struct graph_noun *p,
			      size_t n, const int64_t **out);
/* The same, made where it is not there, in a transaction that writes; a package with its name.
 * HM_INPUT: it is none (empty, longer than HM_MAX_GRAPH_KEY, no text; a package that is no purl).
 */
HM_MUST hm_err graph_make(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
			  struct hm_str key, int64_t *out);
/* In a transaction that changes a row of `document`. */
HM_MUST hm_err graph_renewed(struct hm_cx *cx, struct store_use *use);
#define GRAPH_GATE "gate" /* the collector of what a gate decided */
/* A row's text, in the caller's cx; of a number, in *arg (int64_t). */
hm_err graph_one_number(struct hm_cx *cx, void *arg, const struct store_value *row);

/* A document that was read. */
struct graph_parsed {
	struct graph_doc doc;
	struct graph_name *names; /* of its nouns */
	struct graph_taken taken; /* was_there: there is nothing to write */
	struct graph_source from;
	struct graph_parsed *more; /* of the same input: the second and all others */
	size_t more_n;
};
/* Its bytes are hashed, and parsed in a worker, which is a copy of the template; NULL: there is
 * only one to read. HM_INPUT, HM_LIMIT: it is refused. */
HM_MUST hm_err graph_parse(struct hm_cx *cx, struct graph *g, struct hm_worker_template *workers,
			   struct hm_str bytes, struct graph_parsed *out);
/* Names of nouns; any thread may ask. */
struct graph_name *graph_name_nouns(struct hm_cx *cx, const struct graph_known *known,
				    const struct graph_noun *p, size_t n);
/* All of them in one transaction; those that are there by now get was_there. */
HM_MUST hm_err graph_write(struct hm_cx *cx, struct graph *g, struct graph_parsed *const *docs,
			   size_t n);
/* Those that are there, or are the same as one before them, get was_there. */
HM_MUST hm_err graph_find_documents(struct hm_cx *cx, struct store_use *use,
				    struct graph_parsed *const *docs, size_t n);
/* One that is there, in a transaction that writes: what the owner brings is his, although a
 * stranger has put the same beside an image. */
HM_MUST hm_err graph_own_document(struct hm_cx *cx, struct store_use *use,
				  const struct graph_source *from, struct hm_str digest);
/* Names of files are any bytes; a table has text. */
struct hm_str graph_as_text(struct hm_cx *cx, struct hm_str name);
/* The same for one that is there: whose it is may have changed. */
HM_MUST hm_err graph_write_known(struct hm_cx *cx, struct graph *g, const struct graph_source *from,
				 struct hm_str digest);

/* --- indexes (indexes.c) --- */

/* Of a graph without facts, on a server: indexes are away until they are made. It may fail: then
 * they are there. */
void graph_indexes_drop(struct hm_cx *cx, struct graph *g);
/* What is away is made; also what a program that was killed has left so. */
HM_MUST hm_err graph_indexes_make(struct hm_cx *cx, struct graph *g);

/* --- words (words.c) --- */

enum {
	GRAPH_WORDS_MAX = 32, /* of one noun */
	GRAPH_WORD_MAX = 128, /* bytes; a longer one is found by its beginning */
};

/* Small letters; split at all that is neither letter nor digit; each once; GRAPH_WORDS_MAX. A
 * question is split by the same rule as a key. */
void graph_split_words(struct hm_cx *cx, struct hm_str text, struct hm_strs *out);
/* The words of a noun's key: of a packageName type, namespace and name; of a package its version,
 * whole; of an artifact the hex digits; of a text none; of all others all. */
void graph_noun_words(struct hm_cx *cx, enum graph_noun_kind kind, struct hm_str key,
		      struct hm_strs *out);

#endif
