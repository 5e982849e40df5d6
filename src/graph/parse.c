/* SPDX-License-Identifier: Apache-2.0 */
/* A document is read in a worker, and taken. */
#include "base/worker.h"
#include "crypto/crypto.h"
#include "graph/room.h"

static hm_err is_there(struct hm_cx *cx, struct graph *g, struct hm_str digest, bool *out)
{
	STORE_AUTO_USE use = NULL;
	int64_t id = 0;
	HM_TRY(store_begin(cx, g->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT id FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(digest)), graph_one_number, &id));
	*out = id != 0;
	return NULL;
}

/* Tables that are damaged are no fault of the document. */
static hm_err check_there(struct hm_cx *cx, struct graph *g, struct graph_taken *t)
{
	hm_err err = is_there(cx, g, t->digest, &t->was_there);
	return err && err->code == HM_INPUT ? hm_fail(cx, HM_SYSTEM, "%s", err->why) : err;
}

hm_err graph_parse(struct hm_cx *cx, struct graph *g, struct hm_str bytes, struct graph_parsed *out)
{
	struct graph_taken *t = &out->taken;
	struct hm_str answer;
	*t = (struct graph_taken){ .digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
				   .size = bytes.n };
	HM_TRY(check_there(cx, g, t));
	if (t->was_there)
		return NULL;
	HM_TRY(hm_worker_run(cx, GRAPH_DOCUMENT_JOB, t->digest, bytes, &answer));
	HM_TRY(graph_doc_read(cx, answer, &out->doc));
	t->format = out->doc.format;
	t->nouns = out->doc.nouns.n;
	t->facts = out->doc.facts.n;
	return NULL;
}

hm_err graph_take(struct hm_cx *cx, struct graph *g, struct hm_str bytes,
		  const struct graph_source *from, struct graph_taken *out)
{
	struct graph_parsed p = { .from = *from }, *all = &p;
	HM_TRY(graph_parse(cx, g, bytes, &p));
	if (!p.taken.was_there)
		HM_TRY(graph_write(cx, g, &all, 1));
	*out = p.taken;
	return NULL;
}
