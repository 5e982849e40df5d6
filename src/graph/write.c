/* SPDX-License-Identifier: Apache-2.0 */
/* A document goes into the tables, whole or not at all. */
#include "crypto/crypto.h"
#include "graph/room.h"

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

struct finding {
	struct hm_str key;
	int64_t kind, id;
};

static hm_err look(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct finding *f = arg;
	(void)cx;
	if (row[1].number == f->kind && hm_eq(row[2].text, f->key))
		f->id = row[0].number;
	return NULL;
}

hm_err graph_find(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
		  struct hm_str key, int64_t *out)
{
	struct finding f = { .key = key, .kind = (int64_t)kind };
	HM_TRY(store_run(cx, use, "SELECT id, kind, key FROM node WHERE hash = $1",
			 STORE_VALUES(store_int(graph_hash(kind, key))), look, &f));
	*out = f.id;
	return NULL;
}

struct writing {
	struct store_use *use;
	int64_t next_node, next_fact, document;
	int64_t *nodes; /* of the document's nouns */
};

static hm_err start_nodes(struct hm_cx *cx, struct writing *w)
{
	return store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM node", STORE_NO_VALUES,
			 graph_one_number, &w->next_node);
}

static hm_err write_words(struct hm_cx *cx, struct writing *w, enum graph_noun_kind kind,
			  struct hm_str key, int64_t node)
{
	struct hm_strs words = { 0 };
	graph_noun_words(cx, kind, key, &words);
	for (size_t i = 0; i < words.n; i++)
		HM_TRY(store_run(cx, w->use, "INSERT INTO word (word, node) VALUES ($1, $2)",
				 STORE_VALUES(store_text(words.p[i]), store_int(node)), NULL,
				 NULL));
	return NULL;
}

static hm_err write_noun(struct hm_cx *cx, struct writing *w, const struct graph_noun *n,
			 int64_t parent, int64_t *out)
{
	HM_TRY(graph_find(cx, w->use, n->kind, n->key, out));
	if (*out)
		return NULL;
	*out = w->next_node++;
	HM_TRY(store_run(
		cx, w->use,
		"INSERT INTO node (id, kind, hash, parent, key) VALUES ($1, $2, $3, $4, $5)",
		STORE_VALUES(store_int(*out), store_int((int64_t)n->kind),
			     store_int(graph_hash(n->kind, n->key)), store_int(parent),
			     store_text(n->key)),
		NULL, NULL));
	return write_words(cx, w, n->kind, n->key, *out);
}

hm_err graph_make(struct hm_cx *cx, struct store_use *use, enum graph_noun_kind kind,
		  struct hm_str key, int64_t *out)
{
	struct writing w = { .use = use };
	struct hm_str name;
	int64_t parent = 0;
	if (!graph_is_key(kind, key))
		return hm_fail(cx, HM_INPUT, "it names nothing: \"%.*s\"",
			       HM_FMT(hm_sub(key, 0, 100)));
	if (kind == GRAPH_PACKAGE)
		HM_TRY(graph_purl(cx, key, &key, &name));
	HM_TRY(start_nodes(cx, &w));
	if (kind == GRAPH_PACKAGE)
		HM_TRY(write_noun(cx, &w, &(struct graph_noun){ GRAPH_PACKAGE_NAME, 0, name }, 0,
				  &parent));
	return write_noun(cx, &w, &(struct graph_noun){ kind, 0, key }, parent, out);
}

static int64_t node_of(const struct writing *w, graph_ref ref)
{
	return ref ? w->nodes[ref - 1] : 0;
}

static hm_err write_fact(struct hm_cx *cx, struct writing *w, const struct graph_fact *f)
{
	int64_t id = w->next_fact++;
	HM_TRY(store_run(cx, w->use,
			 "INSERT INTO fact (id, kind, subject, object, detail, document) "
			 "VALUES ($1, $2, $3, $4, $5, $6)",
			 STORE_VALUES(store_int(id), store_int((int64_t)f->kind),
				      store_int(node_of(w, f->subject)),
				      store_int(node_of(w, f->object)),
				      store_int(node_of(w, f->detail)), store_int(w->document)),
			 NULL, NULL));
	for (size_t i = 0; i < f->links_n; i++)
		HM_TRY(store_run(cx, w->use,
				 "INSERT INTO link (fact, role, node) VALUES ($1, $2, $3)",
				 STORE_VALUES(store_int(id), store_int(f->links[i].role),
					      store_int(node_of(w, f->links[i].noun))),
				 NULL, NULL));
	return NULL;
}

static hm_err begin_document(struct hm_cx *cx, struct writing *w, const struct graph_taken *taken,
			     bool *out_there)
{
	int64_t there = 0;
	HM_TRY(store_run(cx, w->use, "SELECT COUNT(*) FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(taken->digest)), graph_one_number, &there));
	*out_there = there != 0;
	HM_TRY(start_nodes(cx, w));
	HM_TRY(store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM fact", STORE_NO_VALUES,
			 graph_one_number, &w->next_fact));
	return store_run(cx, w->use, "SELECT COALESCE(MAX(id), 0) + 1 FROM document",
			 STORE_NO_VALUES, graph_one_number, &w->document);
}

static hm_err write_document(struct hm_cx *cx, struct writing *w, const struct graph_source *from,
			     const struct graph_taken *taken)
{
	int64_t signer = 0;
	if (from->signer.n)
		HM_TRY(write_noun(cx, w, &(struct graph_noun){ GRAPH_IDENTITY, 0, from->signer }, 0,
				  &signer));
	return store_run(
		cx, w->use,
		"INSERT INTO document (id, digest, format, origin, collector, taken, size, "
		"signer, belief) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		STORE_VALUES(store_int(w->document), store_text(taken->digest),
			     store_text(taken->format), store_text(from->origin),
			     store_text(from->collector), store_int(hm_now()),
			     store_int((int64_t)taken->size), store_int(signer),
			     store_int((int64_t)from->belief)),
		NULL, NULL);
}

hm_err graph_write(struct hm_cx *cx, struct graph *g, const struct graph_doc *d,
		   const struct graph_source *from, struct graph_taken *taken)
{
	STORE_AUTO_USE use = NULL;
	struct writing w = { .nodes = hm_new(cx, int64_t, d->nouns.n + 1) };
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE_LAZY, &use));
	w.use = use;
	HM_TRY(begin_document(cx, &w, taken, &taken->was_there));
	if (taken->was_there)
		return NULL;
	for (size_t i = 0; i < d->nouns.n; i++)
		HM_TRY(write_noun(cx, &w, &d->nouns.p[i],
				  d->nouns.p[i].parent ? w.nodes[d->nouns.p[i].parent - 1] : 0,
				  &w.nodes[i]));
	for (size_t i = 0; i < d->facts.n; i++)
		HM_TRY(write_fact(cx, &w, &d->facts.p[i]));
	HM_TRY(write_document(cx, &w, from, taken));
	return store_commit(cx, use);
}
