/* SPDX-License-Identifier: Apache-2.0 */
/* What was collected is written: documents, and facts that were read from manifests. */
#include "graph/collect/walk.h"

bool graph_collect_is_broken(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_LIMIT ||
	       err->code == HM_ABSENT || err->code == HM_USAGE;
}

struct hm_str graph_collect_origin(struct hm_cx *cx, const struct graph_collect_walk *w,
				   struct hm_str digest)
{
	return oci_target_with_digest(cx, w->target, digest);
}

graph_ref graph_collect_artifact(struct hm_cx *cx, struct graph_doc *d, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return graph_doc_artifact(cx, d, alg, hex);
}

struct kept {
	int64_t id, signer, belief;
	bool is_found; /* where images are */
};

static hm_err read_kept(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(struct kept *)arg = (struct kept){ row[0].number, row[1].number, row[2].number,
					     graph_is_found(row[3].text) };
	return NULL;
}

static hm_err find_kept(struct hm_cx *cx, struct store_use *use, struct hm_str digest,
			struct kept *out)
{
	return store_run(cx, use,
			 "SELECT id, signer, belief, collector FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(digest)), read_kept, out);
}

/* What a signature says of itself has changed with the policy. */
static hm_err renew_fact(struct hm_cx *cx, struct store_use *use, const struct graph_doc *d,
			 const struct graph_fact *f, int64_t document)
{
	int64_t subject, object, detail = 0;
	const struct graph_noun *nouns = d->nouns.p;
	if (f->kind != GRAPH_SIGNED_BY || !f->object || !f->detail)
		return NULL;
	HM_TRY(graph_find(cx, use, nouns[f->subject - 1].kind, nouns[f->subject - 1].key,
			  &subject));
	HM_TRY(graph_find(cx, use, nouns[f->object - 1].kind, nouns[f->object - 1].key, &object));
	HM_TRY(graph_make(cx, use, GRAPH_TEXT, nouns[f->detail - 1].key, &detail));
	return store_run(cx, use,
			 "UPDATE fact SET detail = $1 WHERE document = $2 AND kind = $3 AND "
			 "subject = $4 AND object = $5",
			 STORE_VALUES(store_int(detail), store_int(document),
				      store_int(GRAPH_SIGNED_BY), store_int(subject),
				      store_int(object)),
			 NULL, NULL);
}

/* Whom the policy believes may have changed since, or another signer has come. A believed signer
 * is not forgotten for one who is not; and what the owner has given himself is not less worth
 * because a stranger has put the same beside an image. */
static bool is_better(const struct kept *k, int64_t signer, enum graph_belief belief)
{
	if (belief == GRAPH_NOT_ASKED || (k->belief == (int64_t)belief && k->signer == signer))
		return false;
	if (belief == GRAPH_NOT_BELIEVED && k->belief == GRAPH_NOT_ASKED && !k->is_found)
		return false;
	return belief == GRAPH_BELIEVED ? k->belief != GRAPH_BELIEVED
					: k->signer == signer || k->belief != GRAPH_BELIEVED;
}

/* It is believed where it was found now: what counts of it is for that repository. */
static hm_err renew_document(struct hm_cx *cx, struct store_use *use,
			     const struct graph_collector *c, const struct graph_collect_said *s,
			     const struct kept *k, int64_t signer)
{
	HM_TRY(store_run(cx, use, "UPDATE document SET signer = $1, belief = $2 WHERE id = $3",
			 STORE_VALUES(store_int(signer), store_int((int64_t)s->belief),
				      store_int(k->id)),
			 NULL, NULL));
	return s->belief == GRAPH_BELIEVED
		       ? store_run(cx, use,
				   "UPDATE document SET origin = $1, collector = $2 WHERE id = $3",
				   STORE_VALUES(store_text(s->origin), store_text(c->name),
						store_int(k->id)),
				   NULL, NULL)
		       : NULL;
}

static hm_err renew(struct hm_cx *cx, const struct graph_collector *c, struct hm_str digest,
		    const struct graph_collect_said *s)
{
	STORE_AUTO_USE use = NULL;
	struct kept k = { 0 };
	int64_t signer = 0;
	HM_TRY(store_begin(cx, c->graph->tables, STORE_WRITE, &use));
	HM_TRY(find_kept(cx, use, digest, &k));
	if (s->signer.n)
		HM_TRY(graph_make(cx, use, GRAPH_IDENTITY, s->signer, &signer));
	bool better = is_better(&k, signer, s->belief);
	if (!better && !s->is_dated)
		return NULL;
	HM_TRY(graph_renewed(cx, use));
	if (better)
		HM_TRY(renew_document(cx, use, c, s, &k, signer));
	if (s->is_dated)
		HM_TRY(store_run(cx, use, "UPDATE document SET taken = $1 WHERE id = $2",
				 STORE_VALUES(store_int(hm_now()), store_int(k.id)), NULL, NULL));
	for (size_t i = 0; better && s->doc && i < s->doc->facts.n; i++)
		HM_TRY(renew_fact(cx, use, s->doc, &s->doc->facts.p[i], k.id));
	return store_commit(cx, use);
}

/* The next question is whether anything of it would change: reading holds up nobody. */
static hm_err renew_known(struct hm_cx *cx, const struct graph_collector *c, struct hm_str digest,
			  const struct graph_collect_said *s)
{
	STORE_AUTO_USE use = NULL;
	struct kept k = { 0 };
	int64_t signer = 0;
	HM_TRY(store_begin(cx, c->graph->tables, STORE_READ, &use));
	HM_TRY(find_kept(cx, use, digest, &k));
	if (s->signer.n)
		HM_TRY(graph_find(cx, use, GRAPH_IDENTITY, s->signer, &signer));
	store_end(&use);
	bool is_new = s->signer.n && !signer;
	if (k.id && (s->is_dated || is_new || is_better(&k, signer, s->belief)))
		return renew(cx, c, digest, s);
	return NULL;
}

hm_err graph_collect_is_known(struct hm_cx *cx, const struct graph_collector *c,
			      struct hm_str digest, bool *out)
{
	STORE_AUTO_USE use = NULL;
	int64_t id = 0;
	*out = false;
	if (!c->only_new)
		return NULL;
	HM_TRY(store_begin(cx, c->graph->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT id FROM document WHERE digest = $1",
			 STORE_VALUES(store_text(digest)), graph_one_number, &id));
	*out = id != 0;
	return NULL;
}

struct kept_signers {
	struct hm_cx *cx;
	struct graph_collect_signers *out;
};

static hm_err read_signer(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct kept_signers *k = arg;
	bool good = row[0].number == GRAPH_BELIEVED;
	struct graph_collect_signers *out = k->out;
	(void)cx;
	if (row[1].kind == STORE_TEXT && row[1].text.n &&
	    (!out->first.n || (good && !out->some_good)))
		out->first = hm_dup(k->cx, row[1].text);
	out->some_good |= good;
	return NULL;
}

hm_err graph_collect_kept(struct hm_cx *cx, const struct graph_collector *c, struct hm_str digest,
			  struct graph_collect_signers *out)
{
	STORE_AUTO_USE use = NULL;
	struct kept_signers k = { cx, out };
	HM_TRY(store_begin(cx, c->graph->tables, STORE_READ, &use));
	return store_run(cx, use,
			 "SELECT document.belief, node.key FROM document LEFT JOIN node "
			 "ON node.id = document.signer WHERE document.digest = $1",
			 STORE_VALUES(store_text(digest)), read_signer, &k);
}

static void tell(const struct graph_collector *c, const struct graph_collected *one)
{
	if (c->tell)
		c->tell(c->arg, one);
}

hm_err graph_collect_put(struct hm_cx *cx, const struct graph_collector *c,
			 const struct graph_collect_said *s)
{
	struct graph_parsed p = { .doc = *s->doc,
				  .from = { s->origin, c->name, s->signer, s->belief },
				  .taken = { .format = s->doc->format,
					     .digest = s->digest,
					     .size = s->size,
					     .nouns = s->doc->nouns.n,
					     .facts = s->doc->facts.n } };
	struct graph_parsed *all[] = { &p };
	HM_TRY(graph_write(cx, c->graph, all, HM_LEN(all)));
	struct graph_collected one = {
		.origin = s->origin, .signer = s->signer, .belief = s->belief, .taken = p.taken
	};
	if (one.taken.was_there)
		HM_TRY(renew_known(cx, c, s->digest, s));
	tell(c, &one);
	return NULL;
}

void graph_collect_refuse(struct hm_cx *cx, const struct graph_collect_walk *w,
			  struct hm_str digest, const char *why)
{
	struct graph_collected one = { .origin = graph_collect_origin(cx, w, digest),
				       .why_not = hm_cstr(why) };
	tell(w->c, &one);
}

hm_err graph_collect_take(struct hm_cx *cx, const struct graph_collect_walk *w,
			  const struct graph_collect_payload *p)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct graph_source from = { graph_collect_origin(&own, w, p->origin), w->c->name,
				     p->signer, p->belief };
	struct graph_collected one = { .origin = from.origin,
				       .signer = p->signer,
				       .belief = p->belief };
	hm_err err = graph_take(&own, w->c->graph, p->bytes, &from, &one.taken);
	HM_TRY(hm_alive(cx));
	if (err && !graph_collect_is_broken(err))
		return hm_fault_copy(cx, err);
	if (err && !p->must && hm_ends(hm_cstr(err->why), HM_STR(GRAPH_NO_FORMAT)))
		return NULL;
	if (err)
		one.why_not = hm_cstr(err->why);
	if (!err && one.taken.was_there) {
		struct graph_collect_said said = { .origin = from.origin,
						   .signer = p->signer,
						   .belief = p->belief };
		err = renew_known(&own, w->c, one.taken.digest, &said);
		if (err)
			return hm_fault_copy(cx, err);
	}
	tell(w->c, &one);
	return NULL;
}
