/* SPDX-License-Identifier: Apache-2.0 */
/* A document is read in a worker, and taken. */
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

/* One of several has a digest of its own. */
static void fill_parsed(struct hm_cx *cx, const struct graph *g, const struct graph_doc *doc,
			const struct graph_parsed *input, struct graph_parsed *out)
{
	*out = (struct graph_parsed){ .doc = *doc, .from = input->from, .taken = input->taken };
	/* here, where several threads do it, and not where one writes */
	out->names = graph_name_nouns(cx, &g->known, doc->nouns.p, doc->nouns.n);
	if (doc->digest.n) {
		out->taken.digest = doc->digest;
		out->taken.size = doc->size;
	}
	out->taken.format = doc->format;
	out->taken.nouns = doc->nouns.n;
	out->taken.facts = doc->facts.n;
}

static hm_err run_worker(struct hm_cx *cx, struct hm_worker_template *workers, struct hm_str digest,
			 struct hm_str bytes, struct hm_str *out)
{
	return workers ? hm_worker_template_run(cx, workers, digest, bytes, out)
		       : hm_worker_run(cx, GRAPH_DOCUMENT_JOB, digest, bytes, out);
}

hm_err graph_parse(struct hm_cx *cx, struct graph *g, struct hm_worker_template *workers,
		   struct hm_str bytes, struct graph_parsed *out)
{
	struct graph_taken *t = &out->taken;
	struct graph_docs docs = { 0 };
	struct hm_str answer;
	*t = (struct graph_taken){ .digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
				   .size = bytes.n };
	HM_TRY(check_there(cx, g, t));
	if (t->was_there)
		return graph_write_known(cx, g, &out->from, t->digest);
	HM_TRY(run_worker(cx, workers, t->digest, bytes, &answer));
	HM_TRY(graph_docs_read(cx, answer, &docs));
	struct graph_parsed *all = hm_new(cx, struct graph_parsed, docs.n);
	for (size_t i = 0; i < docs.n; i++)
		fill_parsed(cx, g, &docs.p[i], out, &all[i]);
	*out = all[0];
	out->more = all + 1;
	out->more_n = docs.n - 1;
	return NULL;
}

hm_err graph_take(struct hm_cx *cx, struct graph *g, struct hm_str bytes,
		  const struct graph_source *from, struct graph_taken *out)
{
	struct graph_parsed p = { .from = *from };
	HM_TRY(graph_parse(cx, g, NULL, bytes, &p));
	if (!p.taken.was_there) {
		struct graph_parsed **all = hm_new(cx, struct graph_parsed *, p.more_n + 1);
		all[0] = &p;
		for (size_t i = 0; i < p.more_n; i++)
			all[i + 1] = &p.more[i];
		HM_TRY(graph_write(cx, g, all, p.more_n + 1));
	}
	*out = p.taken;
	for (size_t i = 0; i < p.more_n; i++) {
		out->nouns += p.more[i].taken.nouns;
		out->facts += p.more[i].taken.facts;
		out->was_there = out->was_there && p.more[i].taken.was_there;
	}
	return NULL;
}
