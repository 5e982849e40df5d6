/* SPDX-License-Identifier: Apache-2.0 */
/* Documents go into the tables, each whole or not at all. */
#include <stdlib.h>

#include "graph/rows.h"

int64_t graph_hash(enum graph_noun_kind kind, struct hm_str key)
{
	/* kept on disk: the same everywhere, and nobody can choose two names of one hash so cheaply
	 * that it would matter (a hit is compared with the name) */
	static const uint64_t fixed[2] = { 0x68756c6c6d61726bu, 0x6772617068u };
	return (int64_t)hm_hash_keyed(fixed, (uint64_t)kind, key);
}

hm_err graph_one_number(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[0].number;
	return NULL;
}

/* ------------------------------------------------------------------ nouns */

struct writing {
	struct store_use *use;
	struct graph_known *known; /* or NULL */
	/* on their way into the tables, of all documents; written by flush_rows() */
	struct graph_rows nodes, words, facts, links, documents;
	unsigned forgotten; /* of what is known, when the first of the nodes came */
	int64_t next_node, next_fact, next_document;
	int64_t unindexed;                                            /* indexes.c */
	int64_t nouns_n[GRAPH_NOUN_KINDS], facts_n[GRAPH_FACT_KINDS]; /* that are new, by kind */
};

static struct writing start_writing(struct hm_cx *cx, struct store_use *use,
				    struct graph_known *known)
{
	return (struct writing){ .use = use,
				 .known = known,
				 .nodes = graph_rows(cx, use, &graph_node_rows),
				 .words = graph_rows(cx, use, &graph_word_rows),
				 .facts = graph_rows(cx, use, &graph_fact_rows),
				 .links = graph_rows(cx, use, &graph_link_rows),
				 .documents = graph_rows(cx, use, &graph_document_rows) };
}

static void end_writing(struct writing *w)
{
	graph_rows_done(&w->nodes);
	graph_rows_done(&w->words);
	graph_rows_done(&w->facts);
	graph_rows_done(&w->links);
	graph_rows_done(&w->documents);
}
#define AUTO_WRITING HM_CLEANUP(end_writing) struct writing

static hm_err flush_rows(struct hm_cx *cx, struct writing *w)
{
	HM_TRY(graph_rows_flush(cx, &w->nodes));
	HM_TRY(graph_rows_flush(cx, &w->words));
	HM_TRY(graph_rows_flush(cx, &w->facts));
	HM_TRY(graph_rows_flush(cx, &w->links));
	return graph_rows_flush(cx, &w->documents);
}

/* Nouns on their way into the tables. */
struct nouns {
	const struct graph_noun *p;
	size_t n;
	struct graph_name *names; /* or NULL: to be made */
	int64_t *ids;             /* 0: not found yet */
	uint32_t *sought;         /* those to look for, by hash */
	size_t sought_n;
};

static int by_hash(const void *a, const void *b, void *arg)
{
	const struct nouns *all = arg;
	uint64_t x = all->names[*(const uint32_t *)a].hash;
	uint64_t y = all->names[*(const uint32_t *)b].hash;
	return x < y ? -1 : x > y;
}

static size_t find_first(const struct nouns *all, uint64_t hash)
{
	size_t from = 0, to = all->sought_n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (all->names[all->sought[middle]].hash < hash)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* id, kind, hash, key */
static hm_err keep_found(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct nouns *all = arg;
	uint64_t hash = (uint64_t)row[2].number;
	(void)cx;
	for (size_t i = find_first(all, hash); i < all->sought_n; i++) {
		uint32_t at = all->sought[i];
		if (all->names[at].hash != hash)
			break;
		if ((int64_t)all->p[at].kind == row[1].number && hm_eq(all->p[at].key, row[3].text))
			all->ids[at] = row[0].number;
	}
	return NULL;
}

static const char select_by_hash[] = "SELECT id, kind, hash, key FROM node WHERE hash = $1";

static hm_err find_sought(struct hm_cx *cx, struct writing *w, struct nouns *all)
{
	struct store_value *hashes = hm_new(cx, struct store_value, all->sought_n + 1);
	/* one that is neither in the tables yet nor known any more would be made twice */
	if (w->known && w->known->forgotten != w->forgotten)
		HM_TRY(graph_rows_flush(cx, &w->nodes));
	qsort_r(all->sought, all->sought_n, sizeof(*all->sought), by_hash, all);
	size_t n = 0;
	for (size_t i = 0; i < all->sought_n; i++) {
		int64_t hash = (int64_t)all->names[all->sought[i]].hash;
		if (!n || hashes[n - 1].number != hash)
			hashes[n++] = store_int(hash);
	}
	return store_run_many(cx, w->use, select_by_hash,
			      &(struct store_many){ hashes, 1, n, true }, keep_found, all);
}

struct graph_name *graph_name_nouns(struct hm_cx *cx, const struct graph_known *known,
				    const struct graph_noun *p, size_t n)
{
	struct graph_name *names = hm_new(cx, struct graph_name, n + 1);
	for (size_t i = 0; i < n; i++)
		names[i] = graph_known_name(known, (uint64_t)graph_hash(p[i].kind, p[i].key),
					    (uint64_t)p[i].kind, p[i].key);
	return names;
}

/* Those that are in the tables, or in what is known of them. */
static hm_err find_nouns(struct hm_cx *cx, struct writing *w, struct nouns *all)
{
	static const struct graph_known none = { 0 };
	const struct graph_known *known = w->known ? w->known : &none;
	if (!all->names)
		all->names = graph_name_nouns(cx, known, all->p, all->n);
	all->ids = hm_new(cx, int64_t, all->n + 1);
	all->sought = hm_new(cx, uint32_t, all->n + 1);
	for (size_t i = 0; i < all->n; i++) {
		all->ids[i] = graph_known_get(known, all->names[i]);
		if (!all->ids[i])
			all->sought[all->sought_n++] = (uint32_t)i;
	}
	return all->sought_n && !known->is_all ? find_sought(cx, w, all) : NULL;
}

static hm_err write_words(struct hm_cx *cx, struct writing *w, const struct graph_noun *n,
			  int64_t id)
{
	struct hm_strs found = { 0 };
	HM_TRY(graph_rows_room(cx, &w->words, GRAPH_WORDS_MAX));
	graph_noun_words(&w->words.cx, n->kind, n->key, &found);
	for (size_t i = 0; i < found.n; i++)
		HM_TRY(graph_rows_add(cx, &w->words,
				      STORE_VALUES(store_text(found.p[i]), store_int(id))));
	return NULL;
}

/* Its number is new. The key is good until the rows are flushed. */
static hm_err write_node(struct hm_cx *cx, struct writing *w, const struct nouns *all, size_t at)
{
	const struct graph_noun *n = &all->p[at];
	if (w->known && !w->nodes.n)
		w->forgotten = w->known->forgotten;
	w->nouns_n[n->kind]++;
	HM_TRY(graph_rows_add(cx, &w->nodes,
			      STORE_VALUES(store_int(all->ids[at]), store_int((int64_t)n->kind),
					   store_int((int64_t)all->names[at].hash),
					   store_int(n->parent ? all->ids[n->parent - 1] : 0),
					   store_text(n->key))));
	return write_words(cx, w, n, all->ids[at]);
}

/* All of them have their ids, and are in the tables when the rows are flushed. */
static hm_err write_nouns(struct hm_cx *cx, struct writing *w, struct nouns *all)
{
	HM_TRY(find_nouns(cx, w, all));
	for (size_t i = 0; i < all->n; i++) {
		if (!all->ids[i]) {
			all->ids[i] = w->next_node++;
			HM_TRY(write_node(cx, w, all, i));
		}
		if (w->known)
			graph_known_put(w->known, all->names[i], all->ids[i]);
	}
	return NULL;
}

static hm_err start_nodes(struct hm_cx *cx, struct writing *w)
{
	return store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM node", STORE_NO_VALUES,
			 graph_one_number, &w->next_node);
}

hm_err graph_find_all(struct hm_cx *cx, struct store_use *use, const struct graph_noun *p, size_t n,
		      const int64_t **out)
{
	struct writing w = { .use = use };
	struct nouns all = { .p = p, .n = n };
	HM_TRY(find_nouns(cx, &w, &all));
	*out = all.ids;
	return NULL;
}

hm_err graph_find(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
		  struct hm_str key, int64_t *out)
{
	const struct graph_noun n = { kind, 0, key };
	const int64_t *ids;
	HM_TRY(graph_find_all(cx, use, &n, 1, &ids));
	*out = ids[0];
	return NULL;
}

hm_err graph_make(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
		  struct hm_str key, int64_t *out)
{
	AUTO_WRITING w = start_writing(cx, use, NULL);
	struct graph_noun n[2];
	struct nouns all = { .p = n };
	struct hm_str name;
	if (!graph_is_key(kind, key))
		return hm_fail(cx, HM_INPUT, "it names nothing: \"%.*s\"",
			       HM_FMT(hm_sub(key, 0, 100)));
	if (kind == GRAPH_PACKAGE) {
		HM_TRY(graph_purl(cx, key, &key, &name));
		n[all.n++] = (struct graph_noun){ GRAPH_PACKAGE_NAME, 0, name };
	}
	n[all.n] = (struct graph_noun){ kind, (graph_ref)all.n, key };
	all.n++;
	HM_TRY(start_nodes(cx, &w));
	HM_TRY(write_nouns(cx, &w, &all));
	HM_TRY(flush_rows(cx, &w));
	*out = all.ids[all.n - 1];
	return graph_rows_tally(cx, use, w.nouns_n, w.facts_n);
}

/* ------------------------------------------------------------------ facts */

static int by_role(const void *a, const void *b)
{
	const struct graph_link *x = a, *y = b;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return x->noun < y->noun ? -1 : x->noun > y->noun;
}

static hm_err write_links(struct hm_cx *cx, struct writing *w, const struct graph_fact *f,
			  const int64_t *ids, int64_t fact)
{
	struct graph_link *sorted = hm_new(cx, struct graph_link, f->links_n);
	memcpy(sorted, f->links, f->links_n * sizeof(*sorted));
	qsort(sorted, f->links_n, sizeof(*sorted), by_role);
	for (size_t i = 0; i < f->links_n; i++)
		if (!i || by_role(&sorted[i - 1], &sorted[i]) != 0)
			HM_TRY(graph_rows_add(cx, &w->links,
					      STORE_VALUES(store_int(fact),
							   store_int(sorted[i].role),
							   store_int(ids[sorted[i].noun - 1]))));
	return NULL;
}

static int64_t id_of(const int64_t *ids, graph_ref ref)
{
	return ref ? ids[ref - 1] : 0;
}

static hm_err write_facts(struct hm_cx *cx, struct writing *w, const struct graph_doc *d,
			  const int64_t *ids)
{
	for (size_t i = 0; i < d->facts.n; i++) {
		const struct graph_fact *f = &d->facts.p[i];
		int64_t id = w->next_fact++;
		w->facts_n[f->kind]++;
		HM_TRY(graph_rows_add(cx, &w->facts,
				      STORE_VALUES(store_int(id), store_int((int64_t)f->kind),
						   store_int(id_of(ids, f->subject)),
						   store_int(id_of(ids, f->object)),
						   store_int(id_of(ids, f->detail)),
						   store_int(w->next_document))));
		if (f->links_n)
			HM_TRY(write_links(cx, w, f, ids, id));
	}
	return NULL;
}

/* ------------------------------------------------------------------ documents */

struct state {
	int64_t epoch, unindexed;
};

/* name, value */
static hm_err read_state(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct state *state = arg;
	(void)cx;
	*(hm_eqz(row[0].text, "epoch") ? &state->epoch : &state->unindexed) = row[1].number;
	return NULL;
}

static hm_err begin_writing(struct hm_cx *cx, struct writing *w)
{
	struct state state = { 0 };
	HM_TRY(start_nodes(cx, w));
	HM_TRY(store_run(cx, w->use,
			 "SELECT name, value FROM state WHERE name IN ('epoch', 'unindexed')",
			 STORE_NO_VALUES, read_state, &state));
	graph_known_begin(w->known, state.epoch, w->next_node - 1);
	w->unindexed = w->next_fact = state.unindexed;
	if (!w->next_fact)
		HM_TRY(store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM fact",
				 STORE_NO_VALUES, graph_one_number, &w->next_fact));
	return store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM document",
			 STORE_NO_VALUES, graph_one_number, &w->next_document);
}

/* All of it is in the tables, and may be committed. */
static hm_err finish_writing(struct hm_cx *cx, struct writing *w)
{
	HM_TRY(flush_rows(cx, w));
	if (w->unindexed)
		HM_TRY(store_run(cx, w->use, "UPDATE state SET value = $1 WHERE name = 'unindexed'",
				 STORE_VALUES(store_int(w->next_fact)), NULL, NULL));
	return graph_rows_tally(cx, w->use, w->nouns_n, w->facts_n);
}

static hm_err write_signer(struct hm_cx *cx, struct writing *w, struct hm_str signer, int64_t *out)
{
	const struct graph_noun n = { GRAPH_IDENTITY, 0, signer };
	struct nouns all = { .p = &n, .n = 1 };
	*out = 0;
	if (!signer.n)
		return NULL;
	HM_TRY(write_nouns(cx, w, &all));
	*out = all.ids[0];
	return NULL;
}

/* What is of `p` is good until the rows are flushed. */
static hm_err write_document(struct hm_cx *cx, struct writing *w, const struct graph_parsed *p)
{
	struct nouns all = { p->doc.nouns.p, p->doc.nouns.n, p->names };
	const struct graph_taken *t = &p->taken;
	int64_t signer;
	HM_TRY(write_nouns(cx, w, &all));
	HM_TRY(write_facts(cx, w, &p->doc, all.ids));
	HM_TRY(write_signer(cx, w, p->from.signer, &signer));
	HM_TRY(graph_rows_room(cx, &w->documents, 1));
	struct hm_str origin = graph_as_text(&w->documents.cx, p->from.origin);
	return graph_rows_add(cx, &w->documents,
			      STORE_VALUES(store_int(w->next_document++), store_text(t->digest),
					   store_text(t->format), store_text(origin),
					   store_text(p->from.collector), store_int(hm_now()),
					   store_int((int64_t)t->size), store_int(signer),
					   store_int((int64_t)p->from.belief)));
}

/* One that is there, or among those that are written with it, before it. */
static hm_err write_known(struct hm_cx *cx, struct writing *w, const struct graph_parsed *p)
{
	HM_TRY(graph_rows_flush(cx, &w->documents));
	return graph_own_document(cx, w->use, &p->from, p->taken.digest);
}

static hm_err write_all(struct hm_cx *cx, struct writing *w, struct graph_parsed *const *docs,
			size_t n)
{
	HM_TRY(begin_writing(cx, w));
	HM_TRY(graph_find_documents(cx, w->use, docs, n));
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_CX own = hm_cx_child(cx, SIZE_MAX);
		hm_err err = docs[i]->taken.was_there ? write_known(&own, w, docs[i])
						      : write_document(&own, w, docs[i]);
		if (err)
			return hm_fault_copy(cx, err);
	}
	HM_TRY(finish_writing(cx, w));
	return store_commit(cx, w->use);
}

hm_err graph_write(struct hm_cx *cx, struct graph *g, struct graph_parsed *const *docs, size_t n)
{
	STORE_AUTO_USE use = NULL;
	/* who is told that a document is there may forget it: it is there after a loss of power,
	 * too */
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE, &use));
	AUTO_WRITING w = start_writing(cx, use, &g->known);
	hm_err err = write_all(cx, &w, docs, n);
	if (err) /* nothing of it is there */
		graph_known_forget(&g->known);
	return err;
}
