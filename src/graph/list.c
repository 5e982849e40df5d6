/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents there are. */
#include "graph/graph.h"
#include "graph/room.h"

struct listing {
	struct graph_documents *out;
	size_t limit;
};

static hm_err add_document(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct listing *l = arg;
	if (l->out->n >= l->limit) {
		l->out->is_cut = true;
		return NULL;
	}
	*hm_push(cx, l->out) = (struct graph_document){
		.id = row[0].number,
		.digest = hm_dup(cx, row[1].text),
		.format = hm_dup(cx, row[2].text),
		.origin = hm_dup(cx, row[3].text),
		.collector = hm_dup(cx, row[4].text),
		.taken = row[5].number,
		.size = (uint64_t)row[6].number,
		.belief = (int)row[7].number,
		.signer = row[8].kind == STORE_TEXT ? hm_dup(cx, row[8].text) : HM_STR(""),
	};
	return NULL;
}

hm_err graph_documents(struct hm_cx *cx, struct graph *g, int64_t after, size_t limit,
		       struct graph_documents *out)
{
	STORE_AUTO_USE use = NULL;
	struct listing l = { .out = out, .limit = limit };
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	return store_run(
		cx, use,
		"SELECT document.id, digest, format, origin, collector, taken, size, belief, node.key "
		"FROM document LEFT JOIN node ON node.id = document.signer "
		"WHERE document.id > $1 ORDER BY document.id LIMIT $2",
		STORE_VALUES(store_int(after), store_int((int64_t)limit + 1)), add_document, &l);
}

hm_err graph_document_find(struct hm_cx *cx, struct graph *g, struct hm_str digest,
			   struct graph_document *out)
{
	STORE_AUTO_USE use = NULL;
	struct graph_documents found = { 0 };
	struct listing l = { .out = &found, .limit = 1 };
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(
		cx, use,
		"SELECT document.id, digest, format, origin, collector, taken, size, belief, node.key "
		"FROM document LEFT JOIN node ON node.id = document.signer WHERE digest = $1",
		STORE_VALUES(store_text(digest)), add_document, &l));
	if (!found.n)
		return hm_fail(cx, HM_ABSENT, "there is no document \"%.*s\"", HM_FMT(digest));
	*out = found.p[0];
	return NULL;
}

hm_err graph_documents_newest(struct hm_cx *cx, struct graph *g, int64_t *out)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	return store_run(cx, use, "SELECT COALESCE(MAX(id), 0) FROM document", STORE_NO_VALUES,
			 graph_one_number, out);
}
