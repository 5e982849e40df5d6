/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room.h - inside graph/: the tables.
 *
 * node: nouns. Their numbers begin at 1; `hash` finds them by kind and key.
 * fact: subject, object and detail are nodes, or 0. `link`: more nodes of a fact, by role.
 * document: `signer` is a node (an identity) or 0; `belief`: enum graph_belief.
 * word: words by which nouns are searched, in small letters.
 * pod: each container of a cluster that ran or runs; `gone`: since when not any more, or 0.
 */
#ifndef GRAPH_ROOM_H
#define GRAPH_ROOM_H

#include "graph/doc.h"
#include "store/tables.h"

/* Does the trust policy believe whoever said it? Kept on disk. */
enum graph_belief { GRAPH_NOT_ASKED, GRAPH_BELIEVED, GRAPH_NOT_BELIEVED };

struct graph {
	struct store_tables *tables;
};

/* What a noun is found by. */
int64_t graph_hash(enum graph_noun_kind kind, struct hm_str key);
/* The number of a noun; 0: it is not there. */
HM_MUST hm_err graph_find(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
			  struct hm_str key, int64_t *out);
/* A row's text, in the caller's cx; of a number, in *arg (int64_t). */
hm_err graph_one_number(struct hm_cx *cx, void *arg, const struct store_value *row);

/* A document that was read, in one transaction. `taken` gets its counts, or was_there. */
HM_MUST hm_err graph_write(struct hm_cx *cx, struct graph *g, const struct graph_doc *d,
			   struct hm_str origin, struct graph_taken *taken);

#endif
