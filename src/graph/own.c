/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that the graph has already, and whose they are. */
#include "base/map.h"
#include "graph/room.h"

/* Names of files are any bytes; a table has text. */
struct hm_str graph_as_text(struct hm_cx *cx, struct hm_str name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	if (hm_is_utf8(name) && hm_find_char(name, '\0') == SIZE_MAX)
		return name;
	hm_buf_safe(&b, name);
	return hm_dup(cx, hm_buf_str(&b));
}

/* digest */
static hm_err mark_there(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct graph_parsed *p = hm_map_get(arg, row[0].text);
	(void)cx;
	if (p)
		p->taken.was_there = true;
	return NULL;
}

hm_err graph_find_documents(struct hm_cx *cx, struct store_use *use,
			    struct graph_parsed *const *docs, size_t n)
{
	struct hm_map by_digest = { 0 };
	struct store_value *digests = hm_new(cx, struct store_value, n + 1);
	struct store_many many = { .p = digests, .width = 1 };
	for (size_t i = 0; i < n; i++) {
		void **first = hm_map_slot(cx, &by_digest, docs[i]->taken.digest);
		docs[i]->taken.was_there = *first != NULL;
		if (*first)
			continue;
		*first = docs[i];
		digests[many.rows++] = store_text(docs[i]->taken.digest);
	}
	return many.rows ? store_run_many(cx, use, "SELECT digest FROM document WHERE digest = $1",
					  &many, mark_there, &by_digest)
			 : NULL;
}

hm_err graph_renewed(struct hm_cx *cx, struct store_use *use)
{
	return store_run(cx, use, "UPDATE state SET value = value + 1 WHERE name = 'renewed'",
			 STORE_NO_VALUES, NULL, NULL);
}

static bool is_owners(const struct graph_source *from)
{
	return from->belief == GRAPH_NOT_ASKED && !graph_is_found(from->collector);
}

/* What the owner gives himself is his, although a stranger has put the same beside an image. */
hm_err graph_own_document(struct hm_cx *cx, struct store_use *use, const struct graph_source *from,
			  struct hm_str digest)
{
	if (!is_owners(from))
		return NULL;
	HM_TRY(graph_renewed(cx, use));
	return store_run(cx, use,
			 "UPDATE document SET origin = $1, collector = $2, signer = 0, "
			 "belief = $3 WHERE digest = $4 AND belief <> $5 AND "
			 "collector IN ('registry', 'layout')",
			 STORE_VALUES(store_text(graph_as_text(cx, from->origin)),
				      store_text(from->collector), store_int(GRAPH_NOT_ASKED),
				      store_text(digest), store_int(GRAPH_BELIEVED)),
			 NULL, NULL);
}

/* collector */
static hm_err read_found(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(bool *)arg = graph_is_found(row[0].text);
	return NULL;
}

hm_err graph_write_known(struct hm_cx *cx, struct graph *g, const struct graph_source *from,
			 struct hm_str digest)
{
	STORE_AUTO_USE use = NULL;
	bool is_found = false;
	if (!is_owners(from))
		return NULL;
	/* reading holds up nobody */
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use,
			 "SELECT collector FROM document WHERE digest = $1 AND belief <> $2",
			 STORE_VALUES(store_text(digest), store_int(GRAPH_BELIEVED)), read_found,
			 &is_found));
	store_end(&use);
	if (!is_found)
		return NULL;
	HM_TRY(store_begin(cx, g->tables, STORE_WRITE, &use));
	HM_TRY(graph_own_document(cx, use, from, digest));
	return store_commit(cx, use);
}
